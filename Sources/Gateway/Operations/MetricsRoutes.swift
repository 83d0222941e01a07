import Access
import FaxModel
import HTTPTypes
import Hummingbird
import NIOCore
import Observability
import ServerSettings
import Store

/// Numbers for Prometheus: the queue's as they are now, the others as they were counted since the start. Nothing of a fax is in them.
struct MetricsRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    let access: MetricsAccess
    let registry: MetricsRegistry
    let startedAt: Timestamp
    let clock: @Sendable () -> Timestamp

    func add(to router: Router<Context>) {
        router.get("/metrics") { request, context in try await scrape(request, context) }
    }

    private func scrape(_ request: Request, _ context: Context) async throws -> Response {
        if !isOpen(to: request, context) { _ = try await authorisation.require(.metricsRead, request, context) }
        guard access != .off else { throw Problem(.notFound, "The metrics are off (FAXLOCK_METRICS).") }
        let queue = QueueMetrics.readings(try await store.gauges(), ledgerEvents: store.ledger.size, now: clock())
        let process = ProcessFacts.readings(startedAt: Double(startedAt.milliseconds) / 1000)
        let text = PrometheusText.render(queue + registry.readings + process)
        return Response(
            status: .ok, headers: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// A request that a proxy hands on comes from the loopback too, and from anywhere.
    private func isOpen(to request: Request, _ context: Context) -> Bool {
        access == .open && context.address?.isLoopback ?? true && request.headers[.forwardedFor] == nil
            && request.headers[.forwarded] == nil
    }
}
