import Synchronization

/// What requests to the API came to since the start. A path is known by its route's pattern, never by its text.
package final class HTTPMetrics: Sendable {
    private struct Metrics {
        let requests: Counter
        let durations: Histogram
    }

    private static let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
    private static let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"]

    private let registry: MetricsRegistry
    private let metrics = Mutex<Metrics?>(nil)

    package init(_ registry: MetricsRegistry) { self.registry = registry }

    /// Says which routes there are. Before that nothing is counted.
    /// - Parameter routes: patterns such as `/fax/{id}`.
    package func serve(_ routes: some Sequence<String>) {
        let route = MetricLabel("route", Set(routes).sorted())
        let method = MetricLabel("method", Self.methods)
        let made = Metrics(
            requests: registry.counter(
                "faxlock_http_requests_total", "Requests, by the route's pattern and the answer's class.",
                labels: [route, method, MetricLabel("status", Self.classes)]),
            durations: registry.histogram(
                "faxlock_http_request_duration_seconds", "From a request's head to its answer's.", labels: [route, method],
                bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]))
        metrics.withLock { $0 = made }
    }

    /// A request was answered.
    /// - Parameters:
    ///   - route: the pattern; nil where no route has the path.
    ///   - status: 100 to 599.
    package func answered(route: String?, method: String, status: Int, seconds: Double) {
        guard let metrics = metrics.withLock({ $0 }) else { return }
        let route = route ?? MetricLabel.other
        metrics.requests.add(1, route, method, "\(status / 100)xx")
        metrics.durations.observe(seconds, route, method)
    }
}
