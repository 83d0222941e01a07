import ArgumentParser
import FaxModel

/// `faxlock stats`.
struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "What became of the faxes that were accepted in a period.")

    @Option(help: "From when: a span before now (36h, 7d) or an ISO 8601 time.") var since = "7d"
    @Option(help: "Up to when, as --since; else up to now.") var until: String?
    @Flag(help: "Print the server's answer as JSON.") var json = false

    private struct Statistics: Decodable {
        struct Calls: Decodable {
            let route: String
            let outcome: String
            let cause: String?
            let calls: Int
            let seconds: Int
        }

        let from: String
        let to: String
        let accepted: Int
        let delivered: Int
        let failed: Int
        let cancelled: Int
        let unknown: Int
        let held: Int
        let disabled: Int
        let under_way: Int
        let pages: Int
        let received: Int
        let pages_received: Int
        let call_seconds: Int
        let median_seconds: Double?
        let p95_seconds: Double?
        let first_call_success: Double?
        let success: Double?
        let calls: [Calls]
    }

    func run() async throws {
        let now = SystemClock.now()
        guard let from = Span.moment(since, before: now) else { throw Self.refused("--since", since) }
        let to = try until.map { text in
            guard let moment = Span.moment(text, before: now) else { throw Self.refused("--until", text) }
            return moment
        }
        try await APIClient.use { client in
            let end = to.map { "&to=\($0)" } ?? ""
            let answer = try await client.call(.get, "/stats?from=\(from)\(end)")
            if json { return print(String(decoding: answer, as: UTF8.self)) }
            print(Self.text(try client.decode(Statistics.self, answer)))
        }
    }

    private static func refused(_ option: String, _ text: String) -> CommandFailure {
        CommandFailure(.refused, "\(option) \(text): expected a span such as 36h or 7d, or an ISO 8601 time.")
    }

    private static func text(_ statistics: Statistics) -> String {
        var faxes = TextTable(["\(statistics.from) to \(statistics.to)"])
        for (name, number) in [
            ("accepted", statistics.accepted), ("delivered", statistics.delivered), ("failed", statistics.failed),
            ("cancelled", statistics.cancelled), ("outcome unknown", statistics.unknown), ("held", statistics.held),
            ("not sent (FAX_DISABLED)", statistics.disabled), ("under way", statistics.under_way), ("pages delivered", statistics.pages),
            ("received", statistics.received), ("pages received", statistics.pages_received),
        ] where number > 0 || ["accepted", "delivered", "failed"].contains(name) {
            faxes.add(["\(name): \(number)"])
        }
        var lines = faxes.lines
        lines.append("delivered by the first call: \(share(statistics.first_call_success)), in the end: \(share(statistics.success))")
        lines.append("from acceptance to delivery: median \(span(statistics.median_seconds)), 95% within \(span(statistics.p95_seconds))")
        guard !statistics.calls.isEmpty else { return lines.joined(separator: "\n") }
        var calls = TextTable(["route", "outcome", "cause", "calls", "connected"])
        for row in statistics.calls {
            calls.add([
                row.route.isEmpty ? "-" : row.route, row.outcome, row.cause ?? "-", "\(row.calls)",
                Span.format(milliseconds: Int64(row.seconds) * 1000),
            ])
        }
        return (lines + [""] + calls.lines).joined(separator: "\n")
    }

    private static func share(_ value: Double?) -> String {
        value.map { "\((Double(Int($0 * 1000))) / 10)%" } ?? "-"
    }

    private static func span(_ seconds: Double?) -> String {
        seconds.map { Span.format(milliseconds: Int64($0 * 1000)) } ?? "-"
    }
}
