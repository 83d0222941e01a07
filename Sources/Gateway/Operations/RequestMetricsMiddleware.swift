import HTTPTypes
import Hummingbird
import Observability

/// Counts requests by their route, and how long each took up to the head of its answer.
struct RequestMetricsMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    let metrics: HTTPMetrics

    @concurrent
    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var status = HTTPResponse.Status.internalServerError
        defer {
            metrics.answered(
                route: context.endpointPath.map(Self.pattern), method: request.method.rawValue, status: status.code,
                seconds: (ContinuousClock.now - start) / .seconds(1))
        }
        let response = try await next(request, context)
        status = response.status
        return response
    }

    /// A route's path as the API's description has it.
    static func pattern(_ path: String) -> String { "/\(path.drop { $0 == "/" })" }
}
