import FaxModel
import Hummingbird
import Store

/// Received faxes.
struct InboundRoutes<Context: RequestContext>: Sendable {
    let authorisation: Authorisation
    let store: FaxStore
    let documents: Documents
    /// `INBOUND_ENABLED`; when false, there is nothing here.
    let isEnabled: Bool

    func add(to router: Router<Context>) {
        router.get("/inbound") { request, _ in try await list(request) }
        router.get("/inbound/{id}") { request, context in
            try JSONBody(try await document(of: try await found(request, context))).response()
        }
        router.get("/inbound/{id}/pdf") { request, context in
            let fax = try await found(request, context)
            return try await PDFResponse(documents: documents).response(for: fax.document, logger: context.logger)
        }
    }

    private func list(_ request: Request) async throws -> Response {
        _ = try authorisation.require(.inboundList, request)
        guard isEnabled else { throw Problem.noSuchInboundFax }
        let query = request.uri.queryParameters
        let limit = try PageLimit.read(request)
        // No fax is in a mailbox in this version: whoever asks for one must not get those of others.
        let faxes =
            query["mailbox"] == nil
            ? try await store.inboundFaxes(
                to: query["to_number"].map { String($0) }, status: query["status"].map { String($0) }, limit: limit) : []
        var documents: [InboundDocument] = []
        for fax in faxes { documents.append(try await document(of: fax)) }
        return try JSONBody(documents).response()
    }

    private func found(_ request: Request, _ context: Context) async throws -> InboundRecord {
        _ = try authorisation.require(.inboundRead, request)
        guard isEnabled, let id = context.parameters.get("id").flatMap({ FaxID($0) }), let fax = try await store.inboundFax(id)
        else { throw Problem.noSuchInboundFax }
        return fax
    }

    private func document(of fax: InboundRecord) async throws -> InboundDocument {
        InboundDocument(fax, size: try await store.document(fax.document).size)
    }
}
