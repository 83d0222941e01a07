import Crypto

/// The key that wraps all others (KEK). It lives in a file or a credential: never in the database, never beside blobs.
package struct KeyEncryptionKey: Sendable {
    let key: SymmetricKey
    /// Names the key in messages and beside each wrapped key.
    package let id: KeyID

    /// A new random key, for ``create(at:)`` and tests.
    package init() {
        self.init(SymmetricKey(size: .bits256))
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
    package init(text: [UInt8], origin: String) throws(KeyFileError) {
        let lines = text.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
            .map { line in
                let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
                return ArraySlice(line.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
            }
            .filter { !$0.isEmpty }
        guard lines.count == 2, lines[0].elementsEqual(Self.firstLine.utf8) else { throw .malformed(origin) }
        // 44 characters of base64 never are 64 of hex, so the order of the attempts decides nothing for a good key.
        guard let bytes = Hex.decode(lines[1]) ?? Base64.decode(lines[1]) else { throw .malformed(origin) }
        guard bytes.count == 32 else { throw .wrongLength(origin, bytes: bytes.count) }
        self.init(SymmetricKey(data: bytes))
    }

    /// The text of a key file for this key.
    var fileText: [UInt8] {
        key.withUnsafeBytes { Array("\(Self.firstLine)\n\(Hex.encode($0))\n".utf8) }
    }
}

extension KeyEncryptionKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "KeyEncryptionKey(\(id), redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
