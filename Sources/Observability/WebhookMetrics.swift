/// What posts to clients' webhooks came to since the start.
package final class WebhookMetrics: Sendable {
    /// How a post ended.
    package enum Result: String, Sendable, CaseIterable {
        /// Answered with a 2xx.
        case delivered
        /// No answer, or another one.
        case failed
        /// Not posted, because the address is one that may not be called.
        case refused
    }

    private let deliveries: Counter
    private let durations: Histogram

    package init(_ registry: MetricsRegistry) {
        deliveries = registry.counter(
            "faxlock_webhook_deliveries_total", "Posts to webhooks, by result.",
            labels: [MetricLabel("result", Result.allCases.map(\.rawValue))], startsAtZero: true)
        durations = registry.histogram(
            "faxlock_webhook_duration_seconds", "How long posts to webhooks took.", bounds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30])
    }

    /// - Parameter seconds: from the connection's begin to the answer.
    package func ended(_ result: Result, seconds: Double) {
        deliveries.add(1, result.rawValue)
        durations.observe(seconds)
    }
}
