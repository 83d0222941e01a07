import Backends
import FaxDispatch
import FaxModel
import Foundation
import GRDB
import Ledger
import Logging
import NIOPosix
import Store
import Testing
import Vault
import Workers

/// A real store and vault in a folder of their own.
struct TestHouse: Sendable {
    let path: String
    let key: KeyEncryptionKey
    let clock: TestClock
    let store: FaxStore
    let documents: Documents
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func with(_ body: (TestHouse) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("faxlock-dispatch-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let house = try await TestHouse(path: path, key: KeyEncryptionKey(), clock: TestClock())
        defer { try? house.store.close() }
        try await body(house)
    }

    init(path: String, key: KeyEncryptionKey, clock: TestClock) async throws {
        self.path = path
        self.key = key
        self.clock = clock
        store = try FaxStore(path: path + "/faxlock.db", key: key, keyPath: "test.key", clock: clock.function)
        documents = Documents(store: store, folder: try await BlobFolder.open(at: path + "/blobs", tenant: .single))
    }

    /// The next start of the server.
    func restarted() async throws -> TestHouse {
        try await TestHouse(path: path, key: key, clock: clock)
    }

    /// Seals a document that is not in the database yet.
    func seal(_ bytes: [UInt8], _ kind: BlobKind) async throws -> StoredDocument {
        let writer = try await documents.create(kind)
        try await writer.append(bytes)
        return try await writer.finish()
    }

    func accept(
        _ number: Int, document bytes: [UInt8], format: String = "text", to recipient: String? = nil, terms: FaxTerms = FaxTerms()
    ) async throws -> FaxID {
        let document = try await seal(bytes, .upload)
        var random = SeededRandom(seed: UInt64(number))
        let fax = FaxRecord(
            id: FaxID(now: Timestamp(milliseconds: 1_795_000_000_000 + Int64(number)), using: &random), state: .accepted, owner: "key_1",
            number: try #require(PhoneNumber(recipient ?? "+1555123010\(number % 10)")), backend: "scripted", format: format,
            resolution: .fine, paper: "letter", document: document.id, createdAt: clock.now, updatedAt: clock.now, terms: terms)
        try await store.accept(fax, document: document, by: .system)
        return fax.id
    }

    /// A fax with these pages that waits for a line.
    func queue(
        _ number: Int, pages: [FaxPage] = [TestPages.page(1), TestPages.page(2)], to recipient: String? = nil, terms: FaxTerms = FaxTerms()
    ) async throws -> FaxID {
        let id = try await accept(number, document: Array("invented".utf8), to: recipient, terms: terms)
        #expect(try await store.apply(.renderingStarted, to: id) == .rendering)
        try await store.rendered(id, image: try await seal(try TestPages.tiff(pages), .pages), pages: pages.count)
        return id
    }

    func fax(_ id: FaxID) async throws -> FaxRecord {
        try #require(try await store.fax(id))
    }

    /// - Parameter renderer: without one nothing is rendered, so that faxes can be queued while the dispatcher runs.
    func dispatcher(
        _ backend: any Backend, lines: Int = 2, grace: Duration = .seconds(60), faxesPerCall: Int = 1, renderer: String? = nil,
        agreement: AgreementRule? = nil,
        pause: @escaping @Sendable () async throws -> Void = { throw CancellationError() }
    ) throws -> Dispatcher {
        Dispatcher(
            documents: documents,
            renderer: PageRenderer(executable: renderer ?? "/nonexistent/faxlock-page", group: MultiThreadedEventLoopGroup.singleton),
            routes: [Route(name: "scripted", backend: backend, maximumCalls: lines)],
            header: try HeaderText(sender: "Quincy Clinic", number: "+1 555 123 0111", timeZone: "America/New_York"),
            limits: Dispatcher.Limits(
                renderers: renderer == nil ? 0 : 1, calls: lines, faxesPerCall: faxesPerCall, pages: 50, grace: grace),
            agreement: agreement, clock: clock.function,
            logger: logger, pause: pause)
    }

    /// Something else than the server changes the database.
    func execute(_ sql: String) async throws {
        let database = try DatabaseQueue(path: path + "/faxlock.db")
        try await database.write { try $0.execute(sql: sql) }
        try database.close()
    }

    /// What is committed, as another connection sees it.
    func read(_ sql: String) async throws -> [String] {
        let database = try DatabaseQueue(path: path + "/faxlock.db")
        let rows = try await database.read { try String.fetchAll($0, sql: sql) }
        try database.close()
        return rows
    }

    /// Flips the last bit of a file of the blob folder.
    func damage(_ blob: String) throws {
        let file = URL(fileURLWithPath: path + "/blobs/" + blob)
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: file)
    }

    /// The files of the blob folder.
    func blobs() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path + "/blobs").filter { file in
            try URL(fileURLWithPath: path + "/blobs/" + file).resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
        }
    }
}
