import Crypto
package import Vault

/// The key that seals snapshots and key bundles. It is no key-encryption key, and opens no document by itself: a bundle's keys are still
/// wrapped. Its memory is zeroed when the last copy goes.
package struct BackupKey: Sendable, CustomStringConvertible {
    private let key: SymmetricKey
    /// Names the key in files and messages.
    package let id: KeyID

    static let firstLine = "faxlock backup key 1"

    /// Reads a key file: its first line, then 32 bytes as base64. Blocks for a moment.
    /// - Throws: ``KeyFileError``, ``BackupFailure/notABackupKey(_:)``.
    package init(contentsOf path: String) throws {
        let text = try SecretFile.read(path)
        let key = text.withBytes { text -> SymmetricKey? in
            let lines = TextLines.lines(of: text)
            guard lines.count == 2, lines[0].elementsEqual(Self.firstLine.utf8), let bytes = Base64.decode(lines[1]), bytes.count == 32
            else { return nil }
            return bytes.withBytes { SymmetricKey(data: $0) }
        }
        guard let key, let made = BackupKey(key) else { throw BackupFailure.notABackupKey(path) }
        self = made
    }

    private init?(_ key: SymmetricKey) {
        self.key = key
        let fingerprint = HKDF<SHA256>.expand(
            pseudoRandomKey: key, info: Array("faxlock/1/backup-key-id".utf8), outputByteCount: 8)
        guard let id = KeyID(fingerprint.withUnsafeBytes { HexDigits.encode($0) }) else { return nil }
        self.id = id
    }

    /// Makes a random key and its file, mode 0600, durable when this returns. Nothing is ever overwritten. Blocks for a moment.
    /// - Throws: ``KeyFileError``, ``BackupFailure/notABackupKey(_:)`` when what was written does not read back.
    package static func create(at path: String) throws -> BackupKey {
        let digits = SecretBytes.random(count: 32).withBytes { Base64.encode($0) }
        var text = SecretBytes(capacity: firstLine.utf8.count + digits.count + 2)
        text.append(contentsOf: "\(firstLine)\n".utf8)
        digits.withBytes { _ = text.append(contentsOf: $0) }
        text.append(UInt8(ascii: "\n"))
        try SecretFile.create(text, at: path)
        return try BackupKey(contentsOf: path)
    }

    /// The key of one kind of sealed file; each file of the kind has a salt of its own.
    func dataKey(for kind: SealedKind) throws(BackupFailure) -> DataKey {
        let derived = HKDF<SHA256>.expand(
            pseudoRandomKey: key, info: Array("faxlock/1/\(kind.label)".utf8), outputByteCount: 32)
        guard let key = derived.withUnsafeBytes({ DataKey(bytes: Array($0)) }) else {
            throw .damaged("the backup key", "its length is wrong")
        }
        return key
    }

    package var description: String { "BackupKey(\(id), redacted)" }
}
