import FaxModel
import Store
import Vault
import WorkerProtocol

/// Makes one document, and one received fax, of the pages of a reception.
struct ReceptionAssembly: Sendable {
    /// What became of a fax, in the words of the API.
    enum Status: String, Sendable {
        case received, partial
    }

    /// A page that is not among the stored ones: with the whole fax it is durable.
    struct LastPage: Sendable {
        let page: FaxPage
        let quality: PageRecord
    }

    let documents: Documents
    let at: @Sendable (StoredInbox.Step) async throws -> Void

    /// Takes the fax in: document, row and event are durable when this returns, and the reception is over. On a failure nothing changed.
    ///
    /// One page at a time is in memory.
    /// - Parameters:
    ///   - key: of the stored pages.
    ///   - pages: what is known about those.
    ///   - end: how the call ended, if it did.
    func receive(
        _ reception: ReceptionRecord, key: ReceptionKey?, stored pages: [PageRecord], last: LastPage? = nil, status: Status,
        end: CallEnd? = nil, now: Timestamp
    ) async throws {
        let all = pages + (last.map { [$0.quality] } ?? [])
        let file = TIFFDocument(try await documents.create(.received), pages: all.count)
        do {
            if let key {
                for page in pages {
                    let bytes = try await documents.store.receptionPage(page.page, of: reception.id, key: key)
                    try await file.append(try PagePayload.decode(bytes))
                }
            }
            if let last { try await file.append(last.page) }
        } catch {
            await file.abort()
            throw error
        }
        let document = try await file.finish()
        CrashPoint.reach(.inboundSealed)
        try await at(.sealed)
        let fax = InboundRecord(
            id: reception.id, mailbox: reception.mailbox, status: status.rawValue, backend: reception.backend, trunk: reception.trunk,
            reference: reception.reference, to: reception.to, from: reception.from, remoteIdentifier: reception.remoteIdentifier,
            pages: all.count, document: document.id, bitRate: all.last?.bitRate ?? 0, errorCorrection: all.last?.errorCorrection ?? false,
            createdAt: reception.createdAt, receivedAt: now, endedAt: end == nil ? nil : now, endCode: end?.code,
            quality: last.map { [$0.quality] } ?? [])
        do {
            try await documents.store.receive(fax, document: document)
        } catch {
            try? await documents.discard(document)
            throw error
        }
        CrashPoint.reach(.inboundReceived)
        try await at(.received)
    }
}
