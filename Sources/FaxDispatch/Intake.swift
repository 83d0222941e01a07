package import FaxModel
package import Ledger
package import Store
import Vault
package import WorkerProtocol

/// Where outbound faxes enter: a document that is sealed and durable becomes an accepted fax.
package struct Intake: Sendable {
    /// What the client asked for.
    package struct Request: Sendable {
        package var number: PhoneNumber
        /// The mailbox that it is sent from; it exists.
        package var mailbox: String
        /// The submitting key's id.
        package var owner: String
        package var format: PageJob.Format
        package var resolution: Resolution
        package var paper: PageJob.Paper

        package init(
            number: PhoneNumber, mailbox: String = Mailbox.main, owner: String, format: PageJob.Format, resolution: Resolution,
            paper: PageJob.Paper
        ) {
            self.number = number
            self.mailbox = mailbox
            self.owner = owner
            self.format = format
            self.resolution = resolution
            self.paper = paper
        }
    }

    private let store: FaxStore
    private let documents: Documents
    private let backend: String
    private let isDisabled: Bool
    private let agreement: AgreementRule?
    private let clock: @Sendable () -> Timestamp
    private let wake: @Sendable () -> Void

    /// - Parameters:
    ///   - isDisabled: `FAX_DISABLED`: faxes are kept and not sent.
    ///   - agreement: asked before a fax is taken in; nil where providers need none.
    ///   - wake: told after each acceptance.
    package init(
        documents: Documents, backend: String, isDisabled: Bool, agreement: AgreementRule? = nil,
        clock: @escaping @Sendable () -> Timestamp,
        wake: @escaping @Sendable () -> Void
    ) {
        store = documents.store
        self.documents = documents
        self.backend = backend
        self.isDisabled = isDisabled
        self.agreement = agreement
        self.clock = clock
        self.wake = wake
    }

    /// Whether faxes are taken in at all: asked before a byte of one is read.
    /// - Throws: ``AgreementRule/Missing``. A fax that is kept unsent (`FAX_DISABLED`) goes nowhere, and needs no agreement.
    package func requireAgreement() async throws {
        if !isDisabled { try await agreement?.require() }
    }

    /// Begins the document of a fax. Abort or submit it.
    package func beginDocument() async throws -> DocumentWriter {
        try await documents.create(.upload)
    }

    /// Accepts a fax. When this returns, blob and row are durable: the fax is never lost.
    ///
    /// On a failure the document is removed and nothing was accepted.
    /// - Parameter initiator: who sends it, for the audit ledger.
    package func submit(
        _ request: Request, document writer: DocumentWriter, by initiator: Initiator
    ) async throws -> FaxRecord {
        let document: StoredDocument
        do {
            document = try await writer.finish()
        } catch {
            await writer.abort()
            throw error
        }
        let now = clock()
        var generator = SystemRandomNumberGenerator()
        let fax = FaxRecord(
            id: FaxID(now: now, using: &generator), mailbox: request.mailbox, state: isDisabled ? .disabled : .accepted,
            owner: request.owner,
            number: request.number, backend: backend, format: request.format.rawValue, resolution: request.resolution,
            paper: request.paper.rawValue, document: document.id, createdAt: now, updatedAt: now)
        do {
            try await store.accept(fax, document: document, by: initiator)
        } catch {
            try? await documents.discard(document)
            throw error
        }
        wake()
        return fax
    }
}
