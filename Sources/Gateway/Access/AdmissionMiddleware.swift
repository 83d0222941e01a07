import Access
import HTTPTypes
import Hummingbird
import Ledger

/// What comes before any route: where the request really comes from, and whether that address has asked too often.
struct AdmissionMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    let limits: RequestLimits
    let refusals: RefusalRecord
    /// `FAXLOCK_TRUSTED_PROXIES`.
    let proxies: [AddressRange]

    @concurrent
    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        if !proxies.isEmpty, let peer = context.address {
            context.address = ClientAddress.client(peer: peer, forwardedFor: request.headers[values: .forwardedFor], trusted: proxies)
        }
        // A monitor that is refused would take the server for dead.
        let path = request.uri.path
        guard path != "/health", !path.hasPrefix("/health/") else { return try await next(request, context) }
        do {
            try limits.admit(context.address)
        } catch {
            await refusals.note(
                .rateLimited, .rateLimited,
                by: Initiator(.anonymous, client: "api", address: context.address?.description, requestID: context.id), object: "access",
                logger: context.logger)
            throw error
        }
        return try await next(request, context)
    }
}

/// Tells browsers to come over TLS only (RFC 6797), where the server speaks TLS itself.
struct StrictTransportMiddleware<Context: RequestContext>: RouterMiddleware {
    @concurrent
    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.strictTransportSecurity] = "max-age=31536000"
        return response
    }
}
