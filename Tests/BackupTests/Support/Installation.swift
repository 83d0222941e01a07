import Crypto
import FaxModel
import Foundation
import GRDB
import Ledger
import Logging
import Store
import Testing
import Vault

@testable import Backup

/// A real installation: data folder with store and blobs, backup folder, keys folder, keys, and a clock that stands still.
///
/// ```
/// FOLDER/data, FOLDER/backup, FOLDER/keys, FOLDER/backup.key
/// ```
struct Installation: Sendable {
    static let number = "+15551230147"
    static let marker = "Quillfeather"

    let folder: String
    let key: KeyEncryptionKey
    let backupKey: BackupKey
    let clock: TestClock
    let store: FaxStore
    let documents: Documents
    let blobs: BlobFolder

    var data: String { folder + "/data" }
    var backup: String { folder + "/backup" }
    var keys: String { folder + "/keys" }
    var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    static func with(_ body: (Installation) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let installation = try await Installation(folder: folder.path)
        defer { try? installation.store.close() }
        try await body(installation)
    }

    /// Opens what is in `folder`, or makes it.
    init(
        folder: String, key: KeyEncryptionKey = KeyEncryptionKey(), clock: TestClock = TestClock(), backupKey: BackupKey? = nil
    ) async throws {
        self.folder = folder
        self.key = key
        self.clock = clock
        try FileManager.default.createDirectory(atPath: folder + "/data", withIntermediateDirectories: true)
        self.backupKey = try backupKey ?? BackupKey.create(at: folder + "/backup.key")
        store = try FaxStore(path: folder + "/data/faxlock.db", key: key, keyPath: "test.key", clock: clock.function)
        blobs = try await BlobFolder.open(at: folder + "/data/blobs", tenant: .single)
        documents = Documents(store: store, folder: blobs)
    }

    func jobs(
        rotation: Rotation = Rotation(days: 7, months: 12), calls: FileCalls = .system,
        probe: @escaping @Sendable (BackupPoint) throws -> Void = { _ in }
    ) async throws -> BackupJobs {
        let jobs = try await BackupJobs(
            BackupJobs.Plan(dataFolder: data, backupFolder: backup, keysFolder: keys, key: backupKey, rotation: rotation), store: store,
            key: key, clock: clock.function, logger: logger, calls: calls, probe: probe)
        try await jobs.prepare()
        return jobs
    }

    func restore(to target: String, key: KeyEncryptionKey? = nil, backupKey: BackupKey? = nil) -> Restore {
        Restore(
            from: backup, keys: keys, backupKey: backupKey ?? self.backupKey, key: key ?? self.key, to: target, clock: clock.function)
    }

    /// What a server would open.
    func opened(_ target: String) async throws -> (store: FaxStore, documents: Documents) {
        let store = try FaxStore(path: target + "/faxlock.db", key: key, keyPath: "test.key", clock: clock.function)
        return (store, Documents(store: store, folder: try await BlobFolder.open(at: target + "/blobs", tenant: .single)))
    }

    // MARK: Faxes

    func write(_ bytes: [UInt8], _ kind: BlobKind = .upload) async throws -> StoredDocument {
        let writer = try await documents.create(kind)
        try await writer.append(bytes)
        return try await writer.finish()
    }

    @discardableResult
    func accept(
        _ bytes: [UInt8] = Array("%PDF-1.4 for \(marker)".utf8), to number: String = number, state: FaxState = .accepted,
        sendAt: Timestamp? = nil
    ) async throws -> (id: FaxID, document: DocumentID) {
        let document = try await write(bytes)
        var terms = FaxTerms()
        terms.sendAt = sendAt
        var random = SystemRandomNumberGenerator()
        let id = FaxID(now: clock.now, using: &random)
        let record = FaxRecord(
            id: id, state: state, owner: "key_1", number: try #require(PhoneNumber(number)), backend: "line", format: "pdf",
            resolution: .fine, paper: "letter", document: document.id, createdAt: clock.now, updatedAt: clock.now, terms: terms)
        try await store.accept(record, document: document, by: .system)
        return (id, document.id)
    }

    /// A fax with rendered pages that waits for a line.
    func queue(to number: String = number, sendAt: Timestamp? = nil) async throws -> FaxID {
        let (id, _) = try await accept(to: number, sendAt: sendAt)
        #expect(try await store.apply(.renderingStarted, to: id) == .rendering)
        try await store.rendered(id, image: try await write([0x49, 0x49, 0x2A, 0] + Array(Self.marker.utf8), .pages), pages: 1)
        return id
    }

    /// A fax in mid-call.
    func dial(to number: String = number) async throws -> FaxID {
        let id = try await queue(to: number)
        let image = try await write([0x49, 0x49, 0x2A, 0, 1], .transmitted)
        #expect(try await store.intendAttempt(for: id, FaxStore.Intent(backend: "line", reference: "call-\(id)", image: image)) == 1)
        return id
    }

    /// To a number of its own: one call at a time goes to one.
    func deliver() async throws -> FaxID {
        let id = try await dial(to: "+15551230148")
        let page = PageRecord(page: 0, bitRate: 14_400, errorCorrection: true, badRows: 0, retries: 0, confirmedAt: clock.now)
        try await store.pageConfirmed(id, attempt: 1, page: page)
        try await store.attemptEnded(id, attempt: 1, report: .init(.delivered, evidence: "MCF")) {
            RetryDecision(next: .noMore, progress: $0.fax.progress)
        }
        return id
    }
}

/// The rows of every table but what a start writes, as text.
func rows(ofDatabaseAt path: String, without tables: Set<String> = []) throws -> [String: [String]] {
    var configuration = Configuration()
    configuration.readonly = true
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    defer { try? queue.close() }
    return try queue.read { database in
        var result: [String: [String]] = [:]
        for table in try String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        where !tables.contains(table) {
            result[table] = try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map { row in
                row.map { "\($0)=\($1)" }.joined(separator: " ")
            }.sorted()
        }
        return result
    }
}
