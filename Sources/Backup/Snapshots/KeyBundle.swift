import FaxModel
import FoundationEssentials
import Ledger
import Store
import Synchronization
import Vault

/// The newest wrapped keys, kept apart from the backups: `keys.fxk` in a folder of its own.
///
/// Only one generation is there. A destroyed epoch key is in no snapshot and, once the bundle was written again, nowhere: what it sealed
/// opens from no backup (45 CFR 164.310(d)(2)(i)).
package final class KeyBundle: Sendable {
    /// What is in the file.
    struct Content: Sendable, Hashable, Codable {
        var version = 1
        /// Milliseconds since 1970; grows with each generation.
        var writtenAt: Int64
        /// The ledger's name.
        var installation: String
        /// The verifier key of the ledger, of which the seed is among the keys.
        var ledgerKey: String
        /// The id of the key-encryption key that wraps new keys.
        var keyEncryptionKey: String
        var keys: [FaxStore.WrappedKeyRow]
    }

    static let fileName = "keys.fxk"
    private static let unfinishedName = "keys.fxk.new"
    private static let previousName = "keys.fxk.previous"

    private let folder: DiskFolder
    private let key: BackupKey
    private let store: FaxStore
    private let clock: @Sendable () -> Timestamp
    /// What the file holds, so that it need not be opened each time, as long as it is that file. Held from the reading of the keys to the
    /// end of the writing: else a slow writer could bring a destroyed key back.
    private let writing = Mutex<(content: Content, file: FileStamp)?>(nil)

    init(folder: DiskFolder, key: BackupKey, store: FaxStore, clock: @escaping @Sendable () -> Timestamp) {
        self.folder = folder
        self.key = key
        self.store = store
        self.clock = clock
    }

    /// Writes the keys that the database has now; durable when this returns, and the generation before is overwritten.
    ///
    /// Call it after an epoch's key was destroyed and after keys were rewrapped; every backup does.
    /// - Returns: what the bundle says it was written at.
    /// - Throws: ``BackupFailure``, or the database's error: then the old bundle may still be there, and the call is to be made again.
    @discardableResult
    package func write() async throws -> Int64 {
        try await BackupThreads.run { [self] in try writing.withLock { try writeNow(unlessCurrent: false, known: &$0) } }
    }

    /// Writes the keys if the bundle has others, as after a stop between the destruction of a key and the writing.
    package func writeIfStale() async throws {
        _ = try await BackupThreads.run { [self] in try writing.withLock { try writeNow(unlessCurrent: true, known: &$0) } }
    }

    private func writeNow(unlessCurrent: Bool, known: inout (content: Content, file: FileStamp)?) throws -> Int64 {
        try folder.make()
        if let stamp = try folder.stamp(of: Self.fileName) {
            // An unreadable one (of another backup key) is replaced; its age is then not known.
            if known?.file != stamp { known = (try? Self.read(folder.path, key: key)).map { ($0, stamp) } }
        } else {
            known = nil
        }
        var content = Content(
            writtenAt: known?.content.writtenAt ?? 0, installation: store.ledger.key.origin,
            ledgerKey: store.ledger.key.verifier.description, keyEncryptionKey: store.keyRing.keyEncryptionKey.rawValue,
            keys: try store.wrappedKeyRows())
        if unlessCurrent, content == known?.content, try folder.size(of: Self.previousName) == nil { return content.writtenAt }
        content.writtenAt = max(clock().milliseconds, content.writtenAt + 1)
        known = nil
        var output = try SealedOutput(
            at: "\(folder.path)/\(Self.unfinishedName)", kind: .keys, name: Self.fileName, key: key, calls: folder.calls)
        try output.write(Array(try JSONEncoder().encode(content)))
        let file = try output.finish()
        try eraseLeftovers()
        // A second name keeps hold of the old bytes, so that they can be overwritten and are not only forgotten.
        try folder.link(Self.fileName, as: Self.previousName)
        try file.commit(as: "\(folder.path)/\(Self.fileName)")
        try folder.sync()
        try eraseLeftovers()
        known = try folder.stamp(of: Self.fileName).map { (content, $0) }
        return content.writtenAt
    }

    /// Overwrites and removes the generation before, also one that a stop left.
    private func eraseLeftovers() throws {
        guard let size = try folder.size(of: Self.previousName) else { return }
        // A stop between the second name and the renaming: both are the newest bundle.
        if try folder.isSameFile(Self.previousName, Self.fileName) {
            try folder.remove(Self.previousName)
        } else {
            try folder.erase(Self.previousName, size: size)
        }
        try folder.sync()
    }

    /// Opens the bundle in a folder. Blocks.
    static func read(_ folder: String, key: BackupKey) throws -> Content {
        let input = try SealedInput("\(folder)/\(fileName)", kind: .keys, name: fileName, key: key)
        var text: [UInt8] = []
        while true {
            let bytes = try input.next()
            if bytes.isEmpty { break }
            text += bytes
            // Some hundred bytes a key, one a month; with zero retention one a fax that is not yet sent.
            guard text.count < 1 << 28 else { throw BackupFailure.damaged(input.path, "it is too long") }
        }
        guard let content = try? JSONDecoder().decode(Content.self, from: Data(text)) else {
            throw BackupFailure.damaged(input.path, "it holds no keys")
        }
        guard content.version == 1 else { throw BackupFailure.unknownVersion(input.path, content.version) }
        return content
    }
}
