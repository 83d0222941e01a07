import Access
package import ServerSettings
package import Webhooks

extension Settings {
    /// Which addresses webhooks and callback URLs may lead to. Networks that cannot be read are refused at the start.
    package var webhookAddressRules: WebhookAddressRules {
        WebhookAddressRules(
            allowsLoopback: allowsWebhookLoopback, allowed: webhookNetworks.compactMap { AddressRange($0) })
    }
}
