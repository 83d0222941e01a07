import Crypto
import FaxModel
import Ledger
import Store
import Vault

/// Restores the newest snapshot to an empty folder, opens every document and compares it with its row (45 CFR 164.308(a)(7)(ii)(D)).
struct Drill: Sendable {
    let store: FaxStore
    /// The data folder; the drill's folder stands in it, since what is around it may not be ours to write.
    let data: DiskFolder
    let folder: BackupFolder
    let keysFolder: String
    let backupKey: BackupKey
    let key: KeyEncryptionKey
    let retired: [KeyEncryptionKey]
    let clock: @Sendable () -> Timestamp

    private static let place = "drill.partial"

    /// Removes what an interrupted drill left in the data folder.
    static func sweep(_ data: DiskFolder) {
        data.folder(place).removeAll()
    }

    private struct Reading: Sendable {
        var documents = 0
        var bytes = 0
        var differences: [String] = []
    }

    /// Differences are a result, not an error; it is on the record when this returns.
    func run(by initiator: Initiator) async throws -> DrillReport {
        let began = ContinuousClock().now
        let newest = try await BackupThreads.run { [folder, data] in
            Self.sweep(data)
            return try folder.names().last
        }
        let target = data.folder(Self.place)
        var restored: RestoreReport?
        var reading = Reading()
        do {
            guard let newest else { throw BackupFailure.noSnapshot(folder.path) }
            let restore = Restore(
                from: folder.path, keys: keysFolder, backupKey: backupKey, key: key, retired: retired, to: target.path, clock: clock,
                isDurable: false)
            let report = try await restore.run(newest, by: .system)
            restored = report
            reading = try await read(target)
            if report.missing > 0 { reading.differences.append("\(report.missing) documents had lost their files before the backup") }
        } catch {
            reading.differences.append("\(error)")
        }
        try await BackupThreads.finish { target.removeAll() }
        // What was broken off found nothing out.
        try Task.checkCancellation()
        let report = DrillReport(
            ok: reading.differences.isEmpty, snapshot: newest.map { "\($0)" } ?? "", documents: reading.documents, bytes: reading.bytes,
            ledgerSize: restored?.ledgerSize ?? 0, differences: Array(reading.differences.prefix(DrillReport.shownDifferences)),
            differenceCount: reading.differences.count,
            ageHours: newest.map { Double(clock().milliseconds - $0.time.milliseconds) / 3_600_000 } ?? 0,
            restoreSeconds: restored?.seconds ?? 0, seconds: (ContinuousClock().now - began) / .seconds(1))
        try await store.record(
            LedgerEvent(
                .backupDrilled, object: "backup/\(report.snapshot)", by: initiator, outcome: report.ok ? .success : .failure,
                details: [
                    "documents": .integer(Int64(report.documents)), "bytes": .integer(Int64(report.bytes)),
                    "ledger_size": .integer(report.ledgerSize), "differences": .integer(Int64(report.differenceCount)),
                    "milliseconds": .integer(Int64(report.seconds * 1000)),
                ]))
        return report
    }

    /// Opens every document of the restored folder.
    private func read(_ target: DiskFolder) async throws -> Reading {
        let path = "\(target.path)/faxlock.db"
        let restored = try await BackupThreads.run { [key, retired, clock] in
            try FaxStore(path: path, key: key, keyPath: "the key file", retired: retired, clock: clock)
        }
        let reading: Reading
        do {
            let blobs = try await BackupThreads.run { try DatabaseCopy(path: path).facts().blobs }
            let documents = Documents(store: restored, folder: try await BlobFolder.open(at: "\(target.path)/blobs", tenant: .single))
            reading = try await Self.read(blobs, from: documents)
        } catch {
            try? restored.close()
            throw error
        }
        try await BackupThreads.run { try restored.close() }
        return reading
    }

    private static func read(_ blobs: [BlobID], from documents: Documents) async throws -> Reading {
        try await withThrowingTaskGroup(of: Reading.self) { group in
            let readers = 4
            for reader in 0..<readers {
                group.addTask {
                    var reading = Reading()
                    for index in stride(from: reader, to: blobs.count, by: readers) {
                        try Task.checkCancellation()
                        do {
                            reading.bytes += try await read(blobs[index].document, from: documents)
                            reading.documents += 1
                        } catch {
                            reading.differences.append("document \(blobs[index].document): \(error)")
                        }
                    }
                    return reading
                }
            }
            return try await group.reduce(into: Reading()) { sum, part in
                sum.documents += part.documents
                sum.bytes += part.bytes
                sum.differences += part.differences
            }
        }
    }

    private struct Difference: Error, CustomStringConvertible {
        let description: String
    }

    /// - Returns: bytes of plaintext.
    private static func read(_ id: DocumentID, from documents: Documents) async throws -> Int {
        let row = try await documents.store.document(id)
        var hash = SHA256()
        var size = 0
        for try await piece in try await documents.open(id).chunks {
            hash.update(data: piece)
            size += piece.count
        }
        guard size == row.size, Array(hash.finalize()) == row.sha256 else {
            throw Difference(description: "what it holds is not what its row says")
        }
        return size
    }
}
