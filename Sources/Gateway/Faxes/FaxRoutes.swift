import Crypto
import FaxDispatch
import FaxModel
import Hummingbird
import ServerSettings
import Store

/// Outbound faxes: submit, look, list, open.
struct FaxRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    let documents: Documents
    let intake: Intake
    let settings: Settings
    /// The address in links: known once the server listens.
    let publicURL: @Sendable () -> String
    let clock: @Sendable () -> Timestamp

    func add(to router: Router<Context>) {
        router.post("/fax") { request, context in try await submit(request, context) }
        router.get("/fax") { request, _ in try await list(request) }
        router.get("/fax/{id}") { request, context in try await show(request, context) }
        router.post("/fax/{id}/pdf-token") { request, context in try await issueToken(request, context) }
        router.get("/fax/{id}/pdf") { request, context in try await openPDF(request, context) }
    }

    private func submit(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try authorisation.require(.faxSend, request)
        var submission = Submission(intake: intake, settings: settings, owner: principal.id)
        let fax = try await submission.accept(request, context)
        var response = try JSONBody(FaxDocument(fax, withAttempts: true)).response(.accepted)
        response.headers[.location] = "/fax/\(fax.id)"
        return response
    }

    private func list(_ request: Request) async throws -> Response {
        let principal = try authorisation.require(.faxRead, request)
        let query = request.uri.queryParameters
        var before: FaxID?
        if let cursor = query["before"] {
            before = FaxID(cursor)
            if before == nil { throw Problem(.unprocessableContent, "The parameter \"before\" must be the id of a fax.") }
        }
        let faxes = try await store.faxes(
            owner: principal.seesAll ? nil : principal.id, before: before, limit: try PageLimit.read(request))
        return try JSONBody(faxes.map { FaxDocument($0, withAttempts: false) }).response()
    }

    private func show(_ request: Request, _ context: Context) async throws -> Response {
        try JSONBody(FaxDocument(try await readable(request, context), withAttempts: true)).response()
    }

    private func issueToken(_ request: Request, _ context: Context) async throws -> Response {
        let fax = try await readable(request, context)
        let token = APIToken.random(bytes: 32)
        let expiresAt = clock().advanced(by: settings.pdfTokenLifetime)
        try await store.savePDFToken(hash: hash(ofSecret: token), fax: fax.id, expiresAt: expiresAt)
        return try JSONBody([
            "url": "\(publicURL())/fax/\(fax.id)/pdf?token=\(token)", "token": token, "expires_at": expiresAt.description,
        ]).response()
    }

    /// Opens by token alone: the link is given to whom it concerns (a provider, a person), who has no key.
    private func openPDF(_ request: Request, _ context: Context) async throws -> Response {
        guard let id = context.parameters.get("id").flatMap({ FaxID($0) }) else { throw Problem.noSuchFax }
        let given = hash(ofSecret: request.uri.queryParameters["token"].map { String($0) } ?? "")
        let tokens = try await store.pdfTokens(of: id)
        // All are compared, so that the time does not tell which one nearly fitted.
        let matches = tokens.filter { isEqualInConstantTime($0.hash, given) }
        guard let match = matches.first else { throw Problem(.forbidden, "Invalid token") }
        guard clock() < match.expiresAt else { throw Problem(.forbidden, "Token expired") }
        guard let fax = try await store.fax(id) else { throw Problem.noSuchFax }
        // What was really sent, header line and all; before the first attempt, what will be.
        guard let image = fax.attempts.last?.image ?? fax.image else {
            throw Problem(.notFound, "The pages of this fax are not ready.")
        }
        return try await PDFResponse(documents: documents).response(for: image, logger: context.logger)
    }

    /// The fax that a path names, if the key may see it: another's fax does not exist.
    private func readable(_ request: Request, _ context: Context) async throws -> FaxRecord {
        let principal = try authorisation.require(.faxRead, request)
        guard let id = context.parameters.get("id").flatMap({ FaxID($0) }), let fax = try await store.fax(id),
            principal.seesAll || fax.owner == principal.id
        else { throw Problem.noSuchFax }
        return fax
    }
}
