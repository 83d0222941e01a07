import Access
import Crypto
import FaxDispatch
import FaxModel
import Hummingbird
import Ledger
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
    /// Asked for each recipient; nil where a number is as the contract has it.
    let recipients: RecipientRules?
    let gate: IdempotencyGate
    /// The address in links: known once the server listens.
    let publicURL: @Sendable () -> String
    let clock: @Sendable () -> Timestamp

    private var access: FaxAccess { FaxAccess(authorisation: authorisation, store: store) }

    func add(to router: Router<Context>) {
        router.post("/fax") { request, context in try await submit(request, context) }
        router.get("/fax") { request, context in try await list(request, context) }
        router.get("/fax/{id}") { request, context in try await show(request, context) }
        router.get("/fax/{id}/attempts") { request, context in try await attempts(request, context) }
        router.post("/fax/{id}/pdf-token") { request, context in try await issueToken(request, context) }
        router.get("/fax/{id}/pdf") { request, context in try await openPDF(request, context) }
    }

    private func submit(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.faxSend, request, context)
        do {
            try await intake.requireAgreement()
        } catch let missing as AgreementRule.Missing {
            throw Problem(
                .serviceUnavailable, "Nothing was accepted: \(missing).", retryAfter: 3600, closesConnection: true)
        }
        let key = try IdempotencyKey.read(request)
        let accepted = try await gate.pass(key, of: principal.id) {
            var submission = Submission(
                intake: intake, settings: settings, store: store, authorisation: authorisation, recipients: recipients, clock: clock,
                key: key, principal: principal)
            return try await submission.accept(request, context)
        }
        CrashPoint.reach(.acceptAnswered)
        return try accepted.response()
    }

    private func list(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.faxRead, request, context)
        var filter = try FaxListQuery.read(request, rules: recipients)
        let limit = try PageLimit.read(request)
        principal.narrow(&filter)
        // One more tells whether there is another page.
        let faxes = try await store.faxes(matching: filter, limit: limit + 1)
        var response = try JSONBody(faxes.prefix(limit).map { FaxDocument($0, withAttempts: false) }).response()
        if faxes.count > limit, let last = faxes.prefix(limit).last {
            response.headers[.link] = FaxListQuery.next(after: last.id, request)
        }
        return response
    }

    private func show(_ request: Request, _ context: Context) async throws -> Response {
        try JSONBody(FaxDocument(try await access.readable(.faxRead, request, context).fax, withAttempts: true)).response()
    }

    private func attempts(_ request: Request, _ context: Context) async throws -> Response {
        try JSONBody(try await access.readable(.faxRead, request, context).fax.attempts.map(AttemptDetail.init)).response()
    }

    private func issueToken(_ request: Request, _ context: Context) async throws -> Response {
        let (fax, principal) = try await access.readable(.faxRead, request, context)
        guard principal.opens(fax) else {
            throw await authorisation.denied(
                principal, "Your role in this fax's mailbox does not open documents", needing: "reader", request, context)
        }
        try authorisation.reason(request)
        let token = APIToken.random(bytes: 32)
        // No longer than the credential itself: an emergency key's links end with it.
        let latest = clock().advanced(by: settings.pdfTokenLifetime)
        let expiresAt = principal.expiresAt.map { min($0, latest) } ?? latest
        try await store.savePDFToken(
            hash: hash(ofSecret: token), fax: fax.id, expiresAt: expiresAt, by: principal.initiator(request, context))
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
        let stranger = Initiator(.link, client: "api", address: context.address?.description, requestID: context.id)
        guard let match = matches.first else {
            let problem = Problem(.forbidden, "Invalid token")
            // Without a token nothing was guessed.
            guard request.uri.queryParameters["token"] != nil else { throw problem }
            try await authorisation.refuse(problem, because: "link", by: stranger, object: "fax/\(id)", context)
        }
        guard clock() < match.expiresAt else {
            try await authorisation.refuse(
                Problem(.forbidden, "Token expired"), because: "link_expired", by: stranger, object: "fax/\(id)", context)
        }
        // A link is opened for the reason for which it was made, unless whoever opens it has one of their own.
        let reason = try match.reason ?? authorisation.reason(request)?.description
        guard let fax = try await store.fax(id) else { throw Problem.noSuchFax }
        // What was really sent, header line and all; before the first attempt, what will be.
        guard let image = fax.attempts.last?.image ?? fax.image else {
            throw Problem(.notFound, "The pages of this fax are not ready.")
        }
        let reader = Initiator(
            .link, id: match.issuedBy, client: "api", address: context.address?.description,
            reason: try request.accessReason()?.description ?? reason, requestID: context.id)
        return try await PDFResponse(documents: documents).response(
            for: image, of: "fax/\(id)", to: reader, logger: context.logger)
    }
}
