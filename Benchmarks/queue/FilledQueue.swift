import FaxModel
import GRDB
import Imaging
import Ledger
import Store
import Vault

/// A real store whose queue holds as many one-page faxes as wanted, each to a destination of its own.
struct FilledQueue {
    let store: FaxStore
    let documents: Documents
    let count: Int

    /// - Parameter path: an empty folder.
    init(path: String, count: Int) async throws {
        let clock = SystemTime.now
        store = try FaxStore(path: path + "/faxlock.db", key: KeyEncryptionKey(), keyPath: "bench.key", clock: clock)
        documents = Documents(store: store, folder: try await BlobFolder.open(at: path + "/blobs", tenant: .single))
        self.count = count
        let pages = try await Self.seal(Self.page(), in: documents)
        let epoch = try await store.currentEpoch()
        var generator = SystemRandomNumberGenerator()
        for start in stride(from: 0, to: count, by: 1000) {
            var batch: [(fax: FaxRecord, document: StoredDocument)] = []
            for number in start..<min(start + 1000, count) {
                let id = FaxID(now: clock(), using: &generator)
                guard let document = DocumentID(id.text),
                    let destination = PhoneNumber("+1500555\(String(10_000_000 + number).dropFirst())")
                else { throw BenchFailure("no such number") }
                batch.append(
                    (
                        FaxRecord(
                            id: id, state: .accepted, owner: "bench", number: destination, backend: "instant", format: "text",
                            resolution: .fine, paper: "letter", document: document, createdAt: clock(), updatedAt: clock()),
                        StoredDocument(
                            id: document, kind: .upload, epoch: epoch, wrappedKey: [UInt8](repeating: 1, count: 60), size: 100,
                            sha256: [UInt8](repeating: 2, count: 32), createdAt: clock())
                    ))
            }
            try await store.accept(batch, by: .system)
        }
        try await queueAll(path, pages: pages)
    }

    /// Rendering is not what is measured: all faxes have the same page, and wait for a line.
    private func queueAll(_ path: String, pages: StoredDocument) async throws {
        // One fax takes the page in, by the way that all others take; then it is everybody's.
        guard let first = try await store.faxes(in: .accepted, limit: 1).first else { return }
        _ = try await store.apply(.renderingStarted, to: first)
        try await store.rendered(first, image: pages, pages: 1)
        let database = try DatabaseQueue(path: path + "/faxlock.db")
        try await database.write { database in
            try database.execute(
                sql: "UPDATE faxes SET state = 'queued', pages = 1, image = ? WHERE state = 'accepted'", arguments: [pages.id.rawValue])
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO lanes (number_index, state, rank, head, wakes_at, not_before)
                    SELECT number_index, 'ready', rank, id, 0, 0 FROM faxes WHERE state = 'queued'
                    """)
        }
        try database.close()
    }

    private static func seal(_ bytes: [UInt8], in documents: Documents) async throws -> StoredDocument {
        let writer = try await documents.create(.pages)
        try await writer.append(bytes)
        return try await writer.finish()
    }

    /// A page of some lines of black bars, as long as a short letter.
    private static func page() throws -> [UInt8] {
        var bitmap = Bitmap(width: Resolution.width, height: 1000)
        for y in stride(from: 100, to: 900, by: 30) { bitmap.blacken(columns: 200..<1500, row: y) }
        var writer = TIFFWriter(pages: 1)
        return try writer.append(FaxPage(bitmap, resolution: .fine)) + writer.finish()
    }
}
