package import FaxModel
package import Ledger
package import Store
import Vault
package import WorkerProtocol

/// Where outbound faxes enter: a document that is sealed and durable becomes an accepted fax, or one for each of its recipients.
package struct Intake: Sendable {
    /// What the client asked for, for one recipient.
    package struct Request: Sendable {
        package var number: PhoneNumber
        /// The mailbox that it is sent from; it exists.
        package var mailbox: String
        /// The submitting key's id.
        package var owner: String
        package var format: PageJob.Format
        package var resolution: Resolution
        package var paper: PageJob.Paper
        package var terms: FaxTerms
        /// Why a person must let it go; nil: it goes.
        package var hold: HoldReason?

        package init(
            number: PhoneNumber, mailbox: String = Mailbox.main, owner: String, format: PageJob.Format, resolution: Resolution,
            paper: PageJob.Paper, terms: FaxTerms = FaxTerms(), hold: HoldReason? = nil
        ) {
            self.number = number
            self.mailbox = mailbox
            self.owner = owner
            self.format = format
            self.resolution = resolution
            self.paper = paper
            self.terms = terms
            self.hold = hold
        }
    }

    /// A document that nothing can fax as it is known here: its row is of a later version.
    package struct UnknownFormat: Error {}

    let store: FaxStore
    private let documents: Documents
    private let backend: String
    private let isDisabled: Bool
    private let agreement: AgreementRule?
    private let clock: @Sendable () -> Timestamp
    let wake: @Sendable () -> Void
    let endCall: @Sendable (FaxID) -> Void

    /// - Parameters:
    ///   - isDisabled: `FAX_DISABLED`: faxes are kept and not sent.
    ///   - agreement: asked before a fax is taken in; nil where providers need none.
    ///   - wake: told after each acceptance, and when something waits that did not.
    ///   - endCall: has the call of a fax ended that was withdrawn in mid-call.
    package init(
        documents: Documents, backend: String, isDisabled: Bool, agreement: AgreementRule? = nil,
        clock: @escaping @Sendable () -> Timestamp,
        wake: @escaping @Sendable () -> Void, endCall: @escaping @Sendable (FaxID) -> Void = { _ in }
    ) {
        store = documents.store
        self.documents = documents
        self.backend = backend
        self.isDisabled = isDisabled
        self.agreement = agreement
        self.clock = clock
        self.wake = wake
        self.endCall = endCall
    }

    /// Whether faxes are taken in at all: asked before a byte of one is read.
    /// - Throws: ``AgreementRule/Missing``. A fax that is kept unsent (`FAX_DISABLED`) goes nowhere, and needs no agreement.
    package func requireAgreement() async throws {
        if !isDisabled { try await agreement?.require() }
    }

    /// Begins the document of a fax. Abort or seal it.
    package func beginDocument() async throws -> DocumentWriter {
        try await documents.create(.upload)
    }

    /// Makes a document durable. Submit or discard it.
    package func seal(_ writer: DocumentWriter) async throws -> StoredDocument {
        do {
            let document = try await writer.finish()
            CrashPoint.reach(.uploadSealed)
            return document
        } catch {
            await writer.abort()
            throw error
        }
    }

    /// Removes a sealed document that is not submitted after all.
    package func discard(_ document: StoredDocument) async throws {
        try await documents.discard(document)
    }

    /// Accepts one fax.
    /// - Parameter initiator: who sends it, for the audit ledger.
    package func submit(
        _ request: Request, document writer: DocumentWriter, by initiator: Initiator
    ) async throws -> FaxRecord {
        let faxes = try await submit([request], document: try await seal(writer), by: initiator)
        guard let fax = faxes.first else { throw UnknownFormat() }
        return fax
    }

    /// Accepts a document's faxes, one for each request: several are a batch. When this returns, blobs and rows are durable: none of the
    /// faxes is ever lost.
    ///
    /// Each fax has its own copy of the document, under keys of its own: they are kept and destroyed one by one.
    /// On a failure the document is removed and nothing was accepted.
    /// - Parameters:
    ///   - mark: remembered in the same commit.
    ///   - initiator: who sends it, for the audit ledger.
    /// - Returns: the faxes in the order of the requests.
    /// - Throws: ``FaxStore/KeyInUse`` when another request with the same key was faster.
    package func submit(
        _ requests: [Request], document: StoredDocument, mark: IdempotencyMark? = nil, by initiator: Initiator
    ) async throws -> [FaxRecord] {
        var copies = [document]
        do {
            while copies.count < requests.count { copies.append(try await documents.copy(document)) }
            var ids = newIDs(requests.count + 1)
            let batch = requests.count > 1 ? ids.removeLast() : nil
            let faxes = zip(requests, zip(ids, copies)).map { request, place in
                (fax: record(request, id: place.0, document: place.1, batch: batch), document: place.1)
            }
            try await store.acceptRequest(faxes, mark: mark, by: initiator)
            CrashPoint.reach(.acceptCommitted)
            wake()
            return faxes.map(\.fax)
        } catch {
            for copy in copies { try? await documents.discard(copy) }
            throw error
        }
    }

    /// Sends a fax's document again, as a new fax.
    /// - Parameters:
    ///   - former: as it was seen; it must still be in that state.
    ///   - request: whom to, and how; its format is that of the document.
    /// - Throws: ``FaxStore/FaxMoved``, ``FaxStore/KeyInUse``, ``StoreFailure/shredded(id:at:)``; then there is no new fax.
    package func resend(
        _ former: FaxRecord, as request: Request, mark: IdempotencyMark? = nil, by initiator: Initiator
    ) async throws -> FaxRecord {
        let document = try await documents.copy(former.document)
        do {
            let fax = record(request, id: newIDs(1)[0], document: document, resentFrom: former.id)
            try await store.acceptRequest([(fax: fax, document: document)], mark: mark, ifStill: former.state, by: initiator)
            wake()
            return fax
        } catch {
            try? await documents.discard(document)
            throw error
        }
    }

    private func record(
        _ request: Request, id: FaxID, document: StoredDocument, batch: FaxID? = nil, resentFrom: FaxID? = nil
    ) -> FaxRecord {
        let now = clock()
        return FaxRecord(
            id: id, mailbox: request.mailbox, state: isDisabled ? .disabled : .accepted, owner: request.owner,
            number: request.number, backend: backend, format: request.format.rawValue, resolution: request.resolution,
            paper: request.paper.rawValue, document: document.id, createdAt: now, updatedAt: now, terms: request.terms,
            hold: request.hold, batch: batch, resentFrom: resentFrom, lifetime: store.retryPolicy.lifetime)
    }

    /// New ids in ascending order: the recipients of a batch keep their order.
    private func newIDs(_ count: Int) -> [FaxID] {
        let now = clock()
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in FaxID(now: now, using: &generator) }.sorted { $0.text < $1.text }
    }
}
