import FaxModel
import Glibc
import Ledger
import Logging
import Store
import Vault

/// Makes backups of a running server: online, sealed, each document copied once (45 CFR 164.308(a)(7)(ii)(A)).
struct BackupMaker: Sendable {
    let store: FaxStore
    /// The data folder.
    let data: DiskFolder
    let folder: BackupFolder
    let bundle: KeyBundle
    let key: BackupKey
    let rotation: Rotation
    let clock: @Sendable () -> Timestamp
    let logger: Logger
    var probe: @Sendable (BackupPoint) throws -> Void = { _ in }

    /// The database's copies in the data folder, with keys and without.
    private static let copies = ["backup-with-keys.partial", "backup-without-keys.partial"]

    /// Removes what an interrupted backup left in the data folder.
    static func sweep(_ data: DiskFolder) throws(BackupFailure) {
        for copy in copies {
            for suffix in ["", "-journal", "-wal", "-shm"] { try data.remove(copy + suffix) }
        }
    }

    /// A snapshot, durable and recorded when this returns.
    func make(by initiator: Initiator) async throws -> BackupReport {
        let began = ContinuousClock().now
        let time = clock()
        try await BackupThreads.run { [folder, data] in
            try folder.prepare()
            try Self.sweep(data)
        }
        do {
            let report = try await make(by: initiator, at: time, began)
            return report
        } catch {
            try? await BackupThreads.finish { [folder, data] in
                try Self.sweep(data)
                for name in try folder.incoming.names() { try folder.incoming.remove(name) }
            }
            throw error
        }
    }

    private func make(by initiator: Initiator, at time: Timestamp, _ began: ContinuousClock.Instant) async throws -> BackupReport {
        // Before the copy: should the key change until then, the snapshot is seen to be one of a former key.
        let ledgerKey = try await store.durableLedgerKey()
        let (copy, facts, names) = try await BackupThreads.run { [self] in
            let copy = try copyDatabase()
            return (copy, try copy.facts(), try folder.names())
        }
        let known = try await knownBlobs(names)
        let source = data.folder("blobs")
        var blobs = try await BlobCopies(source: source, folder: folder, known: known, probe: probe).run(facts.blobs)
        blobs = try await tellingShredded(blobs)
        try probe(.blobsDurable)
        // After the database's copy and before the snapshot has its name: a snapshot that is there has its keys.
        let bundleWrittenAt = try await bundle.write()
        try probe(.bundleWritten)
        let name = SnapshotName(at: time, after: names)
        let entries = blobs.map(\.entry)
        let keyID = store.keyRing.keyEncryptionKey.rawValue
        let size = try await BackupThreads.run { [self] in
            guard let digest = try InputFile(copy.path)?.copy(to: nil) else { throw BackupFailure.damaged(copy.path, "it is gone") }
            let manifest = Manifest(
                createdAt: time.description, installation: facts.installation, keyEncryptionKey: keyID, bundleWrittenAt: bundleWrittenAt,
                ledger: .init(
                    size: facts.ledger.size, root: HexDigits.encode(facts.ledger.root.bytes), key: ledgerKey.description,
                    note: facts.ledger.note),
                databaseSize: digest.size, databaseSHA256: HexDigits.encode(digest.sha256))
            let file = try SnapshotFile(manifest: manifest, blobs: entries).write(
                to: "\(folder.incoming.path)/\(name.fileName)", as: name, database: copy.path, key: key, calls: folder.calls)
            try probe(.snapshotSealed)
            try file.commit(as: "\(folder.snapshots.path)/\(name.fileName)")
            try folder.snapshots.sync()
            try probe(.snapshotNamed)
            try Self.sweep(data)
            return try folder.snapshots.size(of: name.fileName) ?? 0
        }
        let sizes = BlobSizes(blobs)
        try await store.recordBackup(
            LedgerEvent(
                .backupMade, object: "backup/\(name)", by: initiator, outcome: sizes.missing == 0 ? .success : .failure,
                details: [
                    "snapshot": .text("\(name)"), "documents": .integer(Int64(entries.count)), "bytes": .integer(Int64(sizes.bytes + size)),
                    "ledger_size": .integer(facts.ledger.size), "missing": .integer(Int64(sizes.missing)),
                ]), ledgerKey: ledgerKey)
        try probe(.recorded)
        if sizes.missing > 0 {
            logger.error("documents of the database are not in the data folder", metadata: ["documents": "\(sizes.missing)"])
        }
        let removed = await rotate(newest: name, entries)
        try probe(.rotated)
        return BackupReport(
            snapshot: "\(name)", documents: entries.count, bytes: sizes.bytes + size, copied: sizes.copied, copiedBytes: sizes.copiedBytes,
            shredded: sizes.shredded, missing: sizes.missing, ledgerSize: facts.ledger.size, removedSnapshots: removed.snapshots,
            removedBlobs: removed.blobs, seconds: (ContinuousClock().now - began) / .seconds(1))
    }

    private func copyDatabase() throws -> DatabaseCopy {
        let paths = Self.copies.map { "\(data.path)/\($0)" }
        for path in paths {
            // Made before SQLite opens it, so that it is for its owner alone.
            let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard file >= 0 else { throw BackupFailure("The creation", path, errno: errno) }
            close(file)
        }
        try store.copyDatabase(to: paths[0], interruptible: BackupThreads.interruptible)
        try probe(.databaseCopied)
        let copy = try DatabaseCopy(path: paths[0]).withoutKeys(at: paths[1])
        try data.remove(Self.copies[0])
        try probe(.keysRemoved)
        return copy
    }

    /// What the newest snapshot that opens says of the blobs in the folder.
    private func knownBlobs(_ names: [SnapshotName]) async throws -> [String: FileDigest] {
        try await BackupThreads.run { [folder, key, logger] in
            for name in names.reversed() {
                do {
                    let blobs = try SnapshotFile(opening: name, in: folder, key: key).blobs
                    return Dictionary(
                        blobs.compactMap { blob in if case .copied(let digest) = blob.state { (blob.name, digest) } else { nil } },
                        uniquingKeysWith: { first, _ in first })
                } catch {
                    logger.warning("a snapshot cannot be opened", metadata: ["snapshot": "\(name)", "error": "\(error)"])
                }
            }
            return [:]
        }
    }

    /// Of what is not in the data folder, what was shredded meanwhile.
    private func tellingShredded(_ blobs: [BlobCopies.Copied]) async throws -> [BlobCopies.Copied] {
        let missing = blobs.filter { $0.entry.state == .missing }.compactMap { BlobID(fileName: $0.entry.name)?.document }
        guard !missing.isEmpty else { return blobs }
        let known = try await store.knownDocuments(among: missing)
        return blobs.map { blob in
            guard blob.entry.state == .missing, let id = BlobID(fileName: blob.entry.name)?.document, !known.contains(id) else {
                return blob
            }
            return BlobCopies.Copied(entry: BlobEntry(name: blob.entry.name, state: .shredded), isNew: false)
        }
    }

    /// Removes old snapshots, and blobs that no snapshot names any more. The backup is made; what fails here is tried again by the next.
    private func rotate(newest name: SnapshotName, _ entries: [BlobEntry]) async -> (snapshots: Int, blobs: Int) {
        do {
            return try await BackupThreads.run { [self] in
                try RotationRun(folder: folder, key: key, rotation: rotation, logger: logger).run(newest: name, entries)
            }
        } catch {
            logger.warning("old backups could not be removed", metadata: ["error": "\(error)"])
            return (0, 0)
        }
    }
}

/// What a list of blobs adds up to.
private struct BlobSizes {
    private(set) var bytes = 0
    private(set) var copied = 0
    private(set) var copiedBytes = 0
    private(set) var shredded = 0
    private(set) var missing = 0

    init(_ blobs: [BlobCopies.Copied]) {
        for blob in blobs {
            switch blob.entry.state {
            case .copied(let digest):
                bytes += digest.size
                if blob.isNew {
                    copied += 1
                    copiedBytes += digest.size
                }
            case .shredded: shredded += 1
            case .missing: missing += 1
            }
        }
    }
}
