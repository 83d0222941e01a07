/// The fingerprint of a key-encryption key: 16 lower-case hex digits, derived one way, so that it may be shown.
package struct KeyID: Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String

    /// Nil when `rawValue` is not 16 lower-case hex digits.
    package init?(_ rawValue: String) {
        let isHex = rawValue.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        guard rawValue.utf8.count == 16, isHex else { return nil }
        self.rawValue = rawValue
    }

    init(fingerprint: some Sequence<UInt8>) {
        rawValue = Hex.encode(fingerprint.prefix(8))
    }

    package var description: String { rawValue }
}
