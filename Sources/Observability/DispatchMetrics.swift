package import FaxModel

/// What calls came to since the start.
package final class DispatchMetrics: Sendable {
    private static let noCause = "none"
    private static let outcomes: [AttemptOutcome] = [.delivered, .failed(.busy), .interrupted, .notDialled, .unknown]

    private let attempts: Counter
    private let pages: Counter
    private let seconds: Counter
    private let durations: Histogram

    /// - Parameter routes: the names of the routes by which faxes leave; others are counted as `other`.
    package init(_ registry: MetricsRegistry, routes: [String]) {
        let route = MetricLabel("route", routes)
        attempts = registry.counter(
            "faxlock_attempts_total", "Calls that ended, by how they ended for the fax.",
            labels: [
                route, MetricLabel("outcome", Self.outcomes.map(\.name)),
                MetricLabel("cause", [Self.noCause] + FailureCause.allCases.map(\.rawValue)),
            ])
        pages = registry.counter("faxlock_pages_confirmed_total", "Pages that far machines confirmed.", labels: [route])
        seconds = registry.counter("faxlock_call_seconds_total", "Seconds of calls, from the dialling to their end.", labels: [route])
        durations = registry.histogram(
            "faxlock_call_duration_seconds", "How long calls took, from the dialling to their end.", labels: [route],
            bounds: [10, 30, 60, 120, 300, 600, 1200, 1800])
    }

    /// A call is over, and that is committed.
    /// - Parameters:
    ///   - duration: from the dialling to the end.
    ///   - pages: that the far machine confirmed in this call.
    package func attemptEnded(route: String, outcome: AttemptOutcome, duration: Duration, pages: Int) {
        let cause = if case .failed(let cause) = outcome { cause.rawValue } else { Self.noCause }
        let seconds = max(0, duration / .seconds(1))
        attempts.add(1, route, outcome.name, cause)
        self.pages.add(Double(max(0, pages)), route)
        self.seconds.add(seconds, route)
        durations.observe(seconds, route)
    }
}
