import FoundationEssentials

/// A secret by which messages are signed, as Standard Webhooks 1.0.0 writes it: `whsec_` and base64 of 24 to 64 bytes.
package struct WebhookSecret: Sendable, Hashable {
    private static let prefix = "whsec_"
    private static let lengths = 24...64

    let bytes: Data

    /// - Returns: nil for anything malformed.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let bytes = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            Self.lengths.contains(bytes.count)
        else { return nil }
        self.bytes = bytes
    }

    private init(bytes: Data) {
        self.bytes = bytes
    }

    /// A new one of 32 random bytes.
    package static func random(using generator: inout some RandomNumberGenerator) -> WebhookSecret {
        WebhookSecret(bytes: Data((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }))
    }

    /// A new one of 32 random bytes, as text.
    package static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator).text
    }

    /// What the receiver is given.
    package var text: String { Self.prefix + bytes.base64EncodedString() }
}

extension WebhookSecret: CustomStringConvertible, CustomReflectable {
    package var description: String { "redacted" }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
