import Access
import FaxModel
import Hummingbird
import Store

/// Received faxes.
struct InboundRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    let documents: Documents
    /// `INBOUND_ENABLED`; when false, there is nothing here.
    let isEnabled: Bool

    func add(to router: Router<Context>) {
        router.get("/inbound") { request, context in try await list(request, context) }
        router.get("/inbound/{id}") { request, context in
            try JSONBody(try await document(of: try await found(request, context).fax)).response()
        }
        router.get("/inbound/{id}/pdf") { request, context in try await openPDF(request, context) }
    }

    private func list(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.inboundList, request, context)
        guard isEnabled else { throw Problem.noSuchInboundFax }
        let query = request.uri.queryParameters
        let limit = try PageLimit.read(request)
        var mailboxes: Set<String>?
        if case .only(let names) = principal.inboundMailboxes(allowing: .listFaxes) { mailboxes = names }
        if let wanted = query["mailbox"].map({ String($0) }) {
            mailboxes = mailboxes.map { $0.intersection([wanted]) } ?? [wanted]
        }
        let faxes = try await store.inboundFaxes(
            to: query["to_number"].map { String($0) }, status: query["status"].map { String($0) }, in: mailboxes, limit: limit)
        var documents: [InboundDocument] = []
        for fax in faxes { documents.append(try await document(of: fax)) }
        return try JSONBody(documents).response()
    }

    private func openPDF(_ request: Request, _ context: Context) async throws -> Response {
        let (fax, principal) = try await found(request, context)
        guard principal.inboundMailboxes(allowing: .openDocuments).contains(fax.mailbox) else {
            throw await authorisation.denied(
                principal, "Your role in this fax's mailbox does not open documents", needing: "reader", request, context)
        }
        try authorisation.reason(request)
        return try await PDFResponse(documents: documents).response(
            for: fax.document, of: "fax/\(fax.id)", to: principal.initiator(request, context), logger: context.logger)
    }

    /// The fax that a path names, if the caller may know of it: those of foreign mailboxes do not exist.
    private func found(_ request: Request, _ context: Context) async throws -> (fax: InboundRecord, principal: Principal) {
        let principal = try await authorisation.require(.inboundRead, request, context)
        guard isEnabled, let id = context.parameters.get("id").flatMap({ FaxID($0) }), let fax = try await store.inboundFax(id),
            principal.inboundMailboxes(allowing: .listFaxes).contains(fax.mailbox)
        else { throw Problem.noSuchInboundFax }
        return (fax, principal)
    }

    private func document(of fax: InboundRecord) async throws -> InboundDocument {
        do {
            return InboundDocument(fax, size: try await store.document(fax.document).size)
        } catch StoreFailure.shredded {
            return InboundDocument(fax, size: nil)
        }
    }
}
