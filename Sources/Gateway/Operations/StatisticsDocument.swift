import FaxModel
import Store

/// What became of the faxes of a period, as the API shows it.
struct StatisticsDocument: Encodable {
    private let statistics: FaxStatistics

    init(_ statistics: FaxStatistics) { self.statistics = statistics }

    private struct Calls: Encodable {
        let route: String
        let outcome: String
        let cause: String?
        let calls: Int
        let seconds: Int

        private enum Key: String, CodingKey { case route, outcome, cause, calls, seconds }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(route, forKey: .route)
            try container.encode(outcome, forKey: .outcome)
            try container.encode(cause, forKey: .cause)
            try container.encode(calls, forKey: .calls)
            try container.encode(seconds, forKey: .seconds)
        }
    }

    private enum Key: String, CodingKey {
        case from, to, accepted, delivered, failed, cancelled, unknown, held, disabled, pages, received, calls, success
        case underWay = "under_way"
        case pagesReceived = "pages_received"
        case callSeconds = "call_seconds"
        case medianSeconds = "median_seconds"
        case p95Seconds = "p95_seconds"
        case firstCallSuccess = "first_call_success"
    }

    /// Absent values are `null`, not left out.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(statistics.period.lowerBound.description, forKey: .from)
        try container.encode(statistics.period.upperBound.description, forKey: .to)
        try container.encode(statistics.accepted, forKey: .accepted)
        try container.encode(statistics.delivered, forKey: .delivered)
        try container.encode(statistics.failed, forKey: .failed)
        try container.encode(statistics.cancelled, forKey: .cancelled)
        try container.encode(statistics.unknown, forKey: .unknown)
        try container.encode(statistics.held, forKey: .held)
        try container.encode(statistics.disabled, forKey: .disabled)
        try container.encode(statistics.underWay, forKey: .underWay)
        try container.encode(statistics.pages, forKey: .pages)
        try container.encode(statistics.received, forKey: .received)
        try container.encode(statistics.pagesReceived, forKey: .pagesReceived)
        try container.encode(statistics.callSeconds, forKey: .callSeconds)
        try container.encode(statistics.medianSeconds, forKey: .medianSeconds)
        try container.encode(statistics.percentile95Seconds, forKey: .p95Seconds)
        try container.encode(statistics.firstCallSuccess, forKey: .firstCallSuccess)
        try container.encode(statistics.success, forKey: .success)
        let calls = statistics.calls.map {
            Calls(route: $0.route, outcome: $0.outcome, cause: $0.cause, calls: $0.calls, seconds: $0.seconds)
        }
        try container.encode(calls, forKey: .calls)
    }
}
