import ArgumentParser
import FaxModel

/// `faxlock queue`.
struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "What waits, in the order in which it goes, and for what.")

    @Flag(help: "Only those that wait for a person's consent.") var held = false
    @Flag(help: "Only those of which nobody knows whether they arrived.") var unknown = false
    @Flag(help: "Only those that have not moved past their deadline.") var stalled = false
    @Option(help: "At most this many, 1 to 1000.") var limit = 50
    @Flag(help: "Print the server's answer as JSON.") var json = false

    private struct Queue: Decodable {
        struct Fax: Decodable {
            let id: String
            let to: String
            let state: String
            let priority: String
            let reason: String
            let hold: String?
            let until: String?
            let accepted_at: String
            let moved_at: String
            let stalled_at: String?
            let calls: Int
            let pages: Int?
            let pages_confirmed: Int
            let behind: Int
        }

        let at: String
        let counts: [String: Int]
        let stalled: Int
        let faxes: [Fax]
    }

    func validate() throws {
        guard [held, unknown, stalled].count(where: \.self) <= 1 else {
            throw ValidationError("Only one of --held, --unknown and --stalled.")
        }
    }

    func run() async throws {
        let only = held ? "&only=held" : unknown ? "&only=unknown" : stalled ? "&only=stalled" : ""
        try await APIClient.use { client in
            let answer = try await client.call(.get, "/queue?limit=\(limit)\(only)")
            if json { return print(String(decoding: answer, as: UTF8.self)) }
            print(Self.text(try client.decode(Queue.self, answer)))
        }
    }

    private static func text(_ queue: Queue) -> String {
        let counts = FaxState.allCases.compactMap { state in
            queue.counts[state.rawValue].flatMap { $0 > 0 ? "\($0) \(state.rawValue)" : nil }
        }
        var head = counts.isEmpty ? "nothing waits" : counts.joined(separator: ", ")
        if queue.stalled > 0 { head += "; \(queue.stalled) stalled" }
        guard !queue.faxes.isEmpty else { return head }
        let now = Timestamp(iso8601: queue.at) ?? SystemClock.now()
        func since(_ time: String) -> String {
            Timestamp(iso8601: time).map { Span.format(milliseconds: now.milliseconds - $0.milliseconds) } ?? "-"
        }
        var table = TextTable(["fax", "to", "state", "priority", "age", "still for", "calls", "pages", "waits for"])
        for fax in queue.faxes {
            let until = fax.until.flatMap { Timestamp(iso8601: $0) }
                .map { " in \(Span.format(milliseconds: $0.milliseconds - now.milliseconds))" }
            let behind = fax.behind > 0 ? ", \(fax.behind)\(fax.behind == 100 ? "+" : "") behind it" : ""
            table.add([
                fax.id, fax.to, fax.state, fax.priority, since(fax.accepted_at), since(fax.moved_at), "\(fax.calls)",
                "\(fax.pages_confirmed)/\(fax.pages.map { "\($0)" } ?? "?")",
                (fax.stalled_at == nil ? "" : "STALLED: ") + words(fax) + (until ?? "") + behind,
            ])
        }
        return ([head, ""] + table.lines).joined(separator: "\n")
    }

    /// The API's words in words.
    private static func words(_ fax: Queue.Fax) -> String {
        switch fax.reason {
        case "calling": "is in a call"
        case "line": "a free line"
        case "pause": "its next call"
        case "destination": "a rest of the number"
        case "hours": "its recipient's hours"
        case "rendering": "its pages are being made"
        case "renderer": "a page worker"
        case "scheduled": "its time"
        case "held": "a person" + (fax.hold.map { " (\($0))" } ?? "")
        case "unknown": "a finding (faxlock reconcile)"
        default: fax.reason
        }
    }
}
