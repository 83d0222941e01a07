import FaxModel
import Observability
import Store

/// The queue in numbers: what a scrape reads from the database.
enum QueueMetrics {
    private static let waiting = FaxState.allCases.filter { !$0.isTerminal }
    private static let finished = FaxState.allCases.filter(\.isTerminal)

    static func readings(_ gauges: FaxStore.Gauges, ledgerEvents: Int64, now: Timestamp) -> [MetricFamily] {
        let state = MetricLabel("state", waiting.map(\.rawValue))
        func count(_ state: FaxState) -> Double { Double((gauges.faxes[state] ?? [:]).values.reduce(0, +)) }
        func age(_ state: FaxState) -> Double {
            gauges.oldest[state].map { Double(max(0, now.milliseconds - $0.milliseconds)) / 1000 } ?? 0
        }
        let queued = gauges.faxes[.queued] ?? [:]
        return [
            .read(
                "faxlock_faxes", .gauge, "Faxes that are not at their end, by state.", labels: [state],
                waiting.map { ([$0.rawValue], count($0)) }),
            .read(
                "faxlock_faxes_finished_total", .counter, "Faxes at their end, by state, since the data folder was made.",
                labels: [MetricLabel("state", finished.map(\.rawValue))], finished.map { ([$0.rawValue], count($0)) }),
            .read(
                "faxlock_queue_depth", .gauge, "Faxes that wait for a line, by priority.",
                labels: [MetricLabel("priority", Priority.allCases.map(\.rawValue))],
                Priority.allCases.map { ([$0.rawValue], Double(queued[$0] ?? 0)) }),
            .read(
                "faxlock_oldest_fax_age_seconds", .gauge, "Since the oldest fax of a state was accepted; 0 without one.", labels: [state],
                waiting.map { ([$0.rawValue], age($0)) }),
            .read(
                "faxlock_stalled_faxes", .gauge, "Faxes that have not moved past their deadline, by state.", labels: [state],
                waiting.map { ([$0.rawValue], Double(gauges.stalled[$0] ?? 0)) }),
            .read("faxlock_busy_lanes", .gauge, "Destinations that are being called.", Double(gauges.busyLanes)),
            .read(
                "faxlock_webhook_messages", .gauge, "Messages to webhooks that are not delivered, by state.",
                labels: [MetricLabel("state", ["pending", "dead"])],
                [(["pending"], Double(gauges.pendingMessages)), (["dead"], Double(gauges.deadMessages))]),
            .read("faxlock_ledger_events", .gauge, "Events in the audit ledger.", Double(ledgerEvents)),
        ]
    }
}
