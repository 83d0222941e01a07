package import Access

/// Which addresses messages may go to. Clients name the URLs, and this server stands inside of a network: what it can reach, they must not
/// reach through it.
package struct WebhookAddressRules: Sendable {
    private let allowsLoopback: Bool
    private let allowed: [AddressRange]

    /// - Parameters:
    ///   - allowsLoopback: this machine may be called, also by `http` (`FAXLOCK_WEBHOOK_ALLOW_LOOPBACK`).
    ///   - allowed: networks that may be called although they are private (`FAXLOCK_WEBHOOK_ALLOWED_NETWORKS`).
    package init(allowsLoopback: Bool = false, allowed: [AddressRange] = []) {
        self.allowsLoopback = allowsLoopback
        self.allowed = allowed
    }

    /// Reads the URL of an endpoint or of a fax's `callback_url`. Names are looked up later, at each delivery.
    /// - Throws: ``WebhookURLError``; ``WebhookURLError/scheme`` for `http` unless this machine may be called.
    package func url(_ text: String) throws(WebhookURLError) -> WebhookURL {
        let url = try WebhookURL(text)
        guard url.isSecure || allowsLoopback else { throw .scheme }
        if case .address(let address) = url.host, !permits(address, isSecure: url.isSecure) { throw .address }
        return url
    }

    /// Whether a connection may be made to the address.
    /// - Parameter isSecure: whether TLS is spoken there; in the clear only this machine is called.
    package func permits(_ address: NetworkAddress, isSecure: Bool) -> Bool {
        if address.isLoopback, allowsLoopback { return true }
        guard isSecure else { return false }
        return allowed.contains { $0.contains(address) } || !SpecialNetworks.contain(address)
    }
}
