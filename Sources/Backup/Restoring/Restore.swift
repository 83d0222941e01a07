package import FaxModel
import Glibc
package import Ledger
import Store
package import Vault

/// Puts a backup into an empty folder: everything is verified before the folder is one that a server would start on
/// (45 CFR 164.308(a)(7)(ii)(B)).
package struct Restore: Sendable {
    private let source: BackupFolder
    private let keysFolder: String
    private let backupKey: BackupKey
    private let key: KeyEncryptionKey
    private let retired: [KeyEncryptionKey]
    private let target: DiskFolder
    private let clock: @Sendable () -> Timestamp
    /// False in a drill: what is removed at its end need not be durable.
    private let isDurable: Bool

    /// - Parameters:
    ///   - source: the folder of backups; it is only read.
    ///   - keys: the folder of the key bundle.
    ///   - backupKey: sealed both.
    ///   - key: the key-encryption key; `retired` are former ones, for a bundle that was written in mid-rotation.
    ///   - target: an empty folder, or one that is not there in a folder that is.
    package init(
        from source: String, keys: String, backupKey: BackupKey, key: KeyEncryptionKey, retired: [KeyEncryptionKey] = [], to target: String,
        clock: @escaping @Sendable () -> Timestamp, isDurable: Bool = true
    ) {
        self.source = BackupFolder(source)
        keysFolder = keys
        self.backupKey = backupKey
        self.key = key
        self.retired = retired
        self.target = DiskFolder(target)
        self.clock = clock
        self.isDurable = isDurable
    }

    /// Restores a snapshot.
    /// - Parameters:
    ///   - snapshot: nil for the newest.
    ///   - initiator: who is recorded as having restored.
    /// - Throws: ``BackupFailure``, `DataFolder.Failure`, or the errors of the store; then nothing but a lock file is left in the target.
    @concurrent
    package func run(_ snapshot: SnapshotName? = nil, by initiator: Initiator = Initiator(.system, client: "cli")) async throws
        -> RestoreReport
    {
        let began = ContinuousClock().now
        let (name, bundle) = try await BackupThreads.run { [self] in
            let name = try snapshot ?? source.names().last
            guard let name else { throw BackupFailure.noSnapshot(source.path) }
            return (name, try openBundle())
        }
        let folder = try await BackupThreads.run { [self] in try openTarget() }
        defer { folder.unlock() }
        do {
            let report = try await fill(folder, with: name, bundle, by: initiator, began)
            return report
        } catch {
            try? await BackupThreads.finish { [self] in try empty() }
            throw error
        }
    }

    private func openBundle() throws -> KeyBundle.Content {
        let bundle = try KeyBundle.read(keysFolder, key: backupKey)
        let given = Set(([key] + retired).map(\.id.rawValue))
        for row in bundle.keys where row.destroyedAt == nil && !given.contains(row.wrappedBy) {
            throw BackupFailure.wrongKey(expected: row.wrappedBy, found: key.id.rawValue)
        }
        return bundle
    }

    /// The folder, locked and marked as unfinished.
    private func openTarget() throws -> DataFolder {
        let mark = DataFolder.restoreMark
        // A volume of its own has this folder from its making.
        let names = try target.names().filter { $0 != "lost+found" }
        guard names.isEmpty || names.contains(mark) || names == ["lock"] else { throw BackupFailure.targetNotEmpty(target.path) }
        let folder = try DataFolder(path: target.path, isRestoring: true)
        do {
            try empty()
            try NewFile(at: "\(target.path)/\(mark).new", calls: target.calls).commit(as: "\(target.path)/\(mark)")
            try target.sync()
        } catch {
            folder.unlock()
            throw error
        }
        return folder
    }

    /// Removes what a restore made.
    private func empty() throws {
        for name in try target.names() where ["blobs", Self.unfinished, "faxlock.db"].contains(where: { name.hasPrefix($0) }) {
            guard name == "blobs" else {
                try target.remove(name)
                continue
            }
            target.folder(name).removeAll()
        }
        try target.remove(DataFolder.restoreMark)
    }

    private static let unfinished = "restored.partial"

    private func fill(
        _ folder: DataFolder, with name: SnapshotName, _ bundle: KeyBundle.Content, by initiator: Initiator,
        _ began: ContinuousClock.Instant
    ) async throws -> RestoreReport {
        let database = DatabaseCopy(path: "\(target.path)/\(Self.unfinished)")
        let (snapshot, lost, blobs) = try await BackupThreads.run { [self] in
            let snapshot = try restoreDatabase(name, bundle, to: database.path)
            let shredded = snapshot.blobs.filter { $0.state == .shredded }
            let lost = try database.adopt(bundle, shredded: shredded, at: clock().milliseconds)
            let facts = try database.facts()
            try Self.compare(facts, with: snapshot.manifest)
            return (snapshot, lost, facts.blobs)
        }
        let copies = BlobRestore(source: source, target: target.folder("blobs"), snapshot: name, isDurable: isDurable)
        let restored = try await copies.run(blobs, entries: snapshot.blobs)
        let (held, activeKeys) = try await start(
            database, of: name, snapshot, initiator, documents: restored.documents, lost: lost)
        try await BackupThreads.run { [self] in
            guard rename(database.path, folder.database) == 0 else { throw BackupFailure("The renaming", database.path, errno: errno) }
            try target.sync()
            try target.remove(DataFolder.restoreMark)
            try target.sync()
        }
        return RestoreReport(
            snapshot: "\(name)", documents: restored.documents, bytes: restored.bytes, ledgerSize: snapshot.manifest.ledger.size,
            held: held,
            destroyedEpochs: lost.epochs, shredded: lost.documents, missing: restored.missing, activeKeys: activeKeys,
            seconds: (ContinuousClock().now - began) / .seconds(1))
    }

    private func restoreDatabase(_ name: SnapshotName, _ bundle: KeyBundle.Content, to path: String) throws -> SnapshotFile {
        let file = try NewFile(at: path + ".new", calls: target.calls)
        let snapshot = try SnapshotFile(opening: name, in: source, key: backupKey, database: file)
        let manifest = snapshot.manifest
        guard manifest.installation == bundle.installation else {
            throw BackupFailure.otherInstallation("\(keysFolder)/\(KeyBundle.fileName)")
        }
        guard bundle.writtenAt >= manifest.bundleWrittenAt else {
            throw BackupFailure.staleBundle("\(keysFolder)/\(KeyBundle.fileName)", snapshot: "\(name)")
        }
        guard manifest.ledger.key == bundle.ledgerKey else { throw BackupFailure.ledgerKeyChanged("\(name)") }
        try file.commit(as: path, isDurable: isDurable)
        return snapshot
    }

    /// The tree is hashed again from its first leaf.
    private static func compare(_ facts: DatabaseCopy.Facts, with manifest: Manifest) throws(BackupFailure) {
        guard facts.installation == manifest.installation else { throw .ledgerDiffers("it is of another installation") }
        guard facts.ledger.size == manifest.ledger.size else {
            throw .ledgerDiffers("it has \(facts.ledger.size) events, and the snapshot says \(manifest.ledger.size)")
        }
        guard HexDigits.encode(facts.ledger.root.bytes) == manifest.ledger.root, facts.ledger.note == manifest.ledger.note else {
            throw .ledgerDiffers("its root over \(manifest.ledger.size) events is another")
        }
    }

    /// Opens the store once, as a start would: keys, ledger and checkpoint signature are verified by that. Then nothing of it waits to be
    /// sent, and the restore is on the record.
    private func start(
        _ database: DatabaseCopy, of name: SnapshotName, _ snapshot: SnapshotFile, _ initiator: Initiator, documents: Int,
        lost: DatabaseCopy.Lost
    ) async throws -> (held: Int, activeKeys: Int) {
        let store = try await BackupThreads.run { [self] in
            try FaxStore(path: database.path, key: key, keyPath: "the key file", retired: retired, clock: clock)
        }
        let result: (Int, Int)
        do {
            let held = try await store.holdAfterRestore(
                of: "\(name)", lost: lost.marked,
                details: [
                    "ledger_size": .integer(snapshot.manifest.ledger.size), "documents": .integer(Int64(documents)),
                    "shredded": .integer(Int64(lost.documents)), "snapshot_made": .text(snapshot.manifest.createdAt),
                ], by: initiator)
            let now = clock()
            result = (held, try await store.apiKeys().filter { $0.isValid(at: now) }.count)
        } catch {
            try? store.close()
            throw error
        }
        try await BackupThreads.run {
            try store.close()
            try database.fold()
        }
        return result
    }
}
