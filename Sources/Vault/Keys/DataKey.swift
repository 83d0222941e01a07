import Crypto

/// The 32-byte key of one document (DEK). Its memory is zeroed when the last copy goes; it never prints itself.
package struct DataKey: Sendable, Equatable {
    let key: SymmetricKey

    /// A new random key.
    package init() {
        key = SymmetricKey(size: .bits256)
    }

    /// A key with known bytes: an unwrapped one, or one of a test vector.
    ///
    /// - Parameter bytes: 32 bytes; nil comes back for another length.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        key = SymmetricKey(data: bytes)
    }

    init?(_ key: SymmetricKey) {
        guard key.bitCount == 256 else { return nil }
        self.key = key
    }

    /// The key's bytes, for the operator's emergency export only.
    package var bytes: [UInt8] { key.withUnsafeBytes { Array($0) } }
}

extension DataKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "DataKey(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
