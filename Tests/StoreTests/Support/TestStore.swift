import FaxModel
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

/// A real store in a folder of its own, with a real key and a clock that stands still.
struct TestStore: Sendable {
    let folder: TemporaryFolder
    let key: KeyEncryptionKey
    let clock: TestClock
    let store: FaxStore
    let documents: Documents

    static func with(_ body: (TestStore) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let test = try await TestStore(folder: folder, key: KeyEncryptionKey(), clock: TestClock())
        defer { try? test.store.close() }
        try await body(test)
    }

    /// Opens what is in `folder`, as another start of the server would.
    init(folder: TemporaryFolder, key: KeyEncryptionKey, clock: TestClock) async throws {
        self.folder = folder
        self.key = key
        self.clock = clock
        store = try FaxStore(path: folder.path + "/faxlock.db", key: key, keyPath: "test.key", clock: clock.function)
        documents = Documents(store: store, folder: try await BlobFolder.open(at: folder.path + "/blobs", tenant: .single))
    }

    /// The next start of the server, while this one may still be there.
    func restarted() async throws -> TestStore {
        try await TestStore(folder: folder, key: key, clock: clock)
    }

    // MARK: Rows

    /// The same id for the same number, and ids in the order of their numbers.
    func id(_ number: Int) -> FaxID {
        var random = SeededRandom(seed: UInt64(number))
        return FaxID(now: Timestamp(milliseconds: 1_795_000_000_000 + Int64(number)), using: &random)
    }

    /// A document's row, without a blob behind it.
    func document(_ name: String, kind: BlobKind = .upload) async throws -> StoredDocument {
        StoredDocument(
            id: try #require(DocumentID(name)), kind: kind, epoch: try await store.currentEpoch(),
            wrappedKey: Array(repeating: 7, count: 60), size: 12, sha256: Array(repeating: 9, count: 32), createdAt: clock.now)
    }

    func record(
        _ number: Int, to dialled: String? = nil, owner: String = "key_1", state: FaxState = .accepted, document: StoredDocument,
        terms: FaxTerms = FaxTerms(), hold: HoldReason? = nil
    ) throws -> FaxRecord {
        FaxRecord(
            id: id(number), state: state, owner: owner, number: try #require(PhoneNumber(dialled ?? Self.destination(number))),
            backend: "line", format: "pdf", resolution: .fine, paper: "letter", document: document.id, createdAt: clock.now,
            updatedAt: clock.now, terms: terms, hold: hold)
    }

    /// Each fax has a destination of its own: one call at a time goes to one.
    static func destination(_ number: Int) -> String { "+1555123\(String(number + 10_099).suffix(4))" }

    @discardableResult
    func accept(
        _ number: Int, to dialled: String? = nil, owner: String = "key_1", state: FaxState = .accepted, terms: FaxTerms = FaxTerms(),
        hold: HoldReason? = nil
    ) async throws -> FaxID {
        let document = try await document("upload\(number)")
        try await store.accept(
            try record(number, to: dialled, owner: owner, state: state, document: document, terms: terms, hold: hold),
            document: document, by: .system)
        return id(number)
    }

    /// A fax with rendered pages that waits for a line.
    func queue(
        _ number: Int, pages: Int = 2, to dialled: String? = nil, terms: FaxTerms = FaxTerms(), hold: HoldReason? = nil
    ) async throws -> FaxID {
        let id = try await accept(number, to: dialled, terms: terms, hold: hold)
        #expect(try await store.apply(.renderingStarted, to: id) == .rendering)
        try await store.rendered(id, image: try await document("pages\(number)", kind: .pages), pages: pages)
        return id
    }

    /// A fax in mid-call, and the number of the attempt.
    func dial(_ number: Int, pages: Int = 2) async throws -> (id: FaxID, attempt: Int) {
        let id = try await queue(number, pages: pages)
        return (id, try await dialAgain(id, image: "sent\(number)"))
    }

    func dialAgain(_ id: FaxID, image: String, reference: String = "call") async throws -> Int {
        let image = try await document(image, kind: .transmitted)
        let firstPage = try #require(try await store.fax(id)).pagesConfirmed
        return try #require(
            try await store.intendAttempt(
                for: id, FaxStore.Intent(backend: "line", reference: "\(reference)-\(id)", image: image, firstPage: firstPage)))
    }

    func page(_ page: Int, retries: Int = 0) -> PageRecord {
        PageRecord(page: page, bitRate: 14_400, errorCorrection: true, badRows: 0, retries: retries, confirmedAt: clock.now)
    }

    func fax(_ id: FaxID) async throws -> FaxRecord {
        try #require(try await store.fax(id))
    }

    /// Puts a fax into a state, past the state machine.
    func force(_ id: FaxID, into state: FaxState) async throws {
        try await store.pool.write { database in
            try database.execute(sql: "UPDATE faxes SET state = ? WHERE id = ?", arguments: [state.rawValue, id.text])
        }
    }

    func count(of table: String) async throws -> Int {
        try await store.pool.read { database in try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)") ?? 0 }
    }
}

/// Whether an error is ``StoreFailure/staleFence``.
func isStaleFence(_ error: any Error) -> Bool {
    if case StoreFailure.staleFence = error { true } else { false }
}
