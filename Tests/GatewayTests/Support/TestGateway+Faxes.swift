import FaxModel
import Imaging
import Store
import Testing
import Vault

/// Faxes at later stages of their lives, as dispatcher and line would leave them.
extension TestGateway {
    /// Pages that differ from one another.
    static func pages(_ count: Int, seed: Int = 0) -> [FaxPage] {
        (0..<count).map { index in
            var bitmap = Bitmap(width: Resolution.width, height: 40)
            for row in 0..<40 where row % 3 == 0 {
                bitmap.blacken(columns: (row * 7 + index * 31 + seed * 101)..<(1000 + row * 11 + index), row: row)
            }
            return FaxPage(bitmap, resolution: .fine)
        }
    }

    /// A sealed TIFF-F document of these pages, whose row is not written yet.
    func image(_ pages: [FaxPage], _ kind: BlobKind) async throws -> StoredDocument {
        var tiff = TIFFWriter(pages: pages.count)
        let writer = try await documents.create(kind)
        for page in pages { try await writer.append(try tiff.append(page)) }
        try await writer.append(tiff.finish())
        return try await writer.finish()
    }

    /// Makes an accepted fax one whose pages are ready.
    func render(_ id: FaxID, _ pages: [FaxPage]) async throws {
        #expect(try await store.apply(.renderingStarted, to: id) == .rendering)
        try await store.rendered(id, image: try await image(pages, .pages), pages: pages.count)
    }

    /// Begins a call for a fax in the queue.
    func call(_ id: FaxID, _ pages: [FaxPage], reference: String = "00112233445566778899aabbccddeeff") async throws -> Int {
        let image = try await image(pages, .transmitted)
        return try #require(await store.intendAttempt(for: id, FaxStore.Intent(backend: "line", reference: reference, image: image)))
    }

    /// A call for which every page is confirmed.
    func deliver(_ id: FaxID, _ pages: [FaxPage]) async throws {
        let attempt = try await call(id, pages)
        try await store.attemptStarted(id, attempt: attempt)
        try await store.attemptNegotiated(
            id, attempt: attempt, remoteIdentifier: "+1 555 123 0100", bitRate: 14_400, errorCorrection: true)
        for page in pages.indices {
            try await store.pageConfirmed(
                id, attempt: attempt,
                page: PageRecord(
                    page: page, bitRate: 14_400, errorCorrection: true, badRows: 0, retries: 0, confirmedAt: clock.now))
        }
        try await store.attemptEnded(id, attempt: attempt, report: .init(.delivered, evidence: "T.30 error 0")) {
            RetryDecision(next: .noMore, progress: $0.fax.progress)
        }
    }

    /// A received fax.
    func receive(
        _ pages: [FaxPage] = pages(2), from: String = "+15551230101", to: String = "+15551230100", status: String = "received",
        reference: String = "ffeeddccbbaa99887766554433221100"
    ) async throws -> InboundRecord {
        var generator = SystemRandomNumberGenerator()
        let document = try await image(pages, .received)
        let fax = InboundRecord(
            id: FaxID(now: clock.now, using: &generator), status: status, backend: "line", reference: reference, to: to, from: from,
            remoteIdentifier: "", pages: pages.count, document: document.id, bitRate: 14_400, errorCorrection: true,
            createdAt: clock.now, receivedAt: clock.now.advanced(by: .seconds(60)),
            quality: pages.indices.map { page in
                PageRecord(
                    page: page, bitRate: 14_400, errorCorrection: true, badRows: page, retries: 2,
                    confirmedAt: clock.now.advanced(by: .seconds(60)))
            })
        try await store.receive(fax, document: document)
        return fax
    }
}
