import Crypto
package import FaxModel
import FoundationEssentials

/// The header fields by which a receiver knows a message for ours (Standard Webhooks 1.0.0, "Signature scheme").
package enum WebhookSignature {
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    /// - Parameters:
    ///   - id: the message's; the same at each attempt. Without dots.
    ///   - now: when this attempt is made; receivers refuse what is some minutes old.
    ///   - secrets: one signature each, so that a receiver may know the old one or the new one.
    package static func headers(
        id: String, at now: Timestamp, body: String, secrets: [WebhookSecret]
    ) -> [(name: String, value: String)] {
        let seconds = now.milliseconds / 1000
        let signed = Data("\(id).\(seconds).\(body)".utf8)
        let signatures = secrets.map { secret in
            let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: secret.bytes))
            return "v1," + Data(code).base64EncodedString()
        }
        return [
            ("webhook-id", id), ("webhook-timestamp", "\(seconds)"), ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }
}
