import Crypto

/// The key that wraps all others (KEK). It lives in a file or a credential, or wrapped by a custodian: never in the database, never beside
/// blobs. The memory of `key` is zeroed when the last copy goes.
package struct KeyEncryptionKey: Sendable {
    let key: SymmetricKey
    /// Names the key in messages and beside each wrapped key.
    package let id: KeyID

    /// A new random key, for ``create(at:calls:)`` and tests.
    package init() {
        self.init(SymmetricKey(size: .bits256))
    }

    /// The key with these bytes, as a custodian unwrapped them. Nil unless there are 32.
    package init?(_ bytes: borrowing SecretBytes) {
        guard bytes.count == 32 else { return nil }
        self.init(bytes.withBytes { SymmetricKey(data: $0) })
    }

    private init(_ key: SymmetricKey) {
        self.key = key
        let fingerprint = HKDF<SHA256>.expand(
            pseudoRandomKey: key, info: Array("faxlock/1/key-encryption-key-id".utf8), outputByteCount: 8)
        id = fingerprint.withUnsafeBytes { KeyID(fingerprint: $0) }
    }

    static let firstLine = "faxlock key-encryption key 1"

    /// Reads the text of a key file: its first line, then the key's 32 bytes as hex or base64.
    ///
    /// - Parameters:
    ///   - text: the file or credential as it is; spaces and line ends around the lines do not count.
    ///   - origin: where it came from, for messages.
    /// - Throws: ``KeyFileError/malformed(_:)``, ``KeyFileError/wrongLength(_:bytes:)``.
    package init(text: borrowing SecretBytes, origin: String) throws(KeyFileError) {
        let bytes = try text.withBytes { text throws(KeyFileError) in
            let lines = TextLines.lines(of: text)
            guard lines.count == 2, lines[0].elementsEqual(Self.firstLine.utf8) else { throw .malformed(origin) }
            // 44 characters of base64 never are 64 of hex, so the order of the attempts decides nothing for a good key.
            if let bytes = Hex.decode(lines[1]) { return bytes }
            guard let bytes = Base64.decode(lines[1]) else { throw .malformed(origin) }
            return bytes
        }
        guard let key = KeyEncryptionKey(bytes) else { throw .wrongLength(origin, bytes: bytes.count) }
        self = key
    }

    /// The text of a key file for this key.
    var fileText: SecretBytes {
        var text = SecretBytes(capacity: Self.firstLine.utf8.count + 66)
        text.append(contentsOf: "\(Self.firstLine)\n".utf8)
        key.withUnsafeBytes { Hex.encode($0, into: &text) }
        text.append(UInt8(ascii: "\n"))
        return text
    }
}

extension KeyEncryptionKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "KeyEncryptionKey(\(id), redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
