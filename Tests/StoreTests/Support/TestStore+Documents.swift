import FaxModel
import Foundation
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

/// Faxes with real, sealed documents, and what is left of them.
extension TestStore {
    /// Seals a document that is not in the database yet.
    func seal(_ text: String, _ kind: BlobKind = .upload, of upload: DocumentID? = nil, in documents: Documents? = nil) async throws
        -> StoredDocument
    {
        let writer = try await (documents ?? self.documents).create(kind, of: upload)
        try await writer.append(Array(text.utf8))
        return try await writer.finish()
    }

    /// A fax with an upload, pages and a transmitted image, delivered now.
    @discardableResult
    func deliver(_ number: Int, documents: Documents? = nil, outcome: AttemptOutcome = .delivered) async throws -> FaxID {
        let upload = try await seal("letter \(number)", in: documents)
        try await store.accept(try record(number, document: upload), document: upload, by: .system)
        let id = id(number)
        #expect(try await store.apply(.renderingStarted, to: id) == .rendering)
        try await store.rendered(id, image: try await seal("pages \(number)", .pages, of: upload.id, in: documents), pages: 1)
        let sent = try await seal("sent \(number)", .transmitted, of: upload.id, in: documents)
        let attempt = try #require(
            try await store.intendAttempt(for: id, FaxStore.Intent(backend: "line", reference: "call-\(number)", image: sent)))
        try await store.pageConfirmed(id, attempt: attempt, page: page(0))
        try await store.attemptEnded(id, attempt: attempt, report: .init(outcome, evidence: "SIP 200")) {
            RetryDecision(next: .noMore, progress: $0.fax.progress)
        }
        return id
    }

    @discardableResult
    func receive(_ number: Int) async throws -> FaxID {
        let document = try await seal("received \(number)", .received)
        let fax = InboundRecord(
            id: id(number), status: "received", backend: "line", reference: "in-\(number)", to: "+15551230100", from: "+15551230101",
            remoteIdentifier: "", pages: 1, document: document.id, bitRate: 14_400, errorCorrection: true, createdAt: clock.now,
            receivedAt: clock.now)
        try await store.receive(fax, document: document)
        return fax.id
    }

    /// The ids of a fax's documents.
    func documents(of fax: FaxID) async throws -> [DocumentID] {
        try await store.pool.read { database in
            try FaxStore.documents(of: fax, in: database).compactMap { DocumentID($0["id"] as String) }
        }
    }

    func epochs(of fax: FaxID) async throws -> Set<String> {
        try await store.pool.read { database in
            Set(try FaxStore.documents(of: fax, in: database).map { $0["epoch"] as String })
        }
    }

    /// The files of the blob folder, relative to the data folder.
    func blobs() throws -> [String] {
        try folder.files().keys.filter { $0.hasPrefix("blobs/") }.sorted()
    }

    /// Where a document's blob is.
    func file(of document: DocumentID) throws -> String {
        folder.path + "/" + (try #require(try blobs().first { $0.contains(document.rawValue) }))
    }

    /// The leaves of these actions, as text.
    func leaves(_ actions: LedgerAction...) async throws -> [String] {
        try await store.ledgerEntries(from: 0, limit: 100_000).map { String(decoding: $0.leaf, as: UTF8.self) }
            .filter { leaf in actions.contains { leaf.contains(#""action":"\#($0.rawValue)""#) } }
    }

    func execute(_ sql: String, _ arguments: StatementArguments = []) async throws {
        try await store.pool.writeWithoutTransaction { try $0.execute(sql: sql, arguments: arguments) }
    }
}
