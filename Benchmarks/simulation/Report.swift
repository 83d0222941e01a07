import FaxModel

/// What came of a simulated week.
struct Report: CustomStringConvertible {
    let seed: UInt64
    let digest: UInt64
    let violations: [String]
    let checks: Int
    let wall: Duration
    let calls: Int
    /// Faxes by what answers at their number and by how they ended.
    let outcomes: [Destination.Kind: [FaxState: Int]]
    let callsByKind: [Destination.Kind: Int]
    /// Minutes from the queue to delivery, sorted.
    let minutes: [Priority: [Double]]
    let counts: [Priority: Int]
    /// Faxes with a recipient's hours.
    let withHours: Int

    init(_ week: SimulatedWeek, seed: UInt64, wall: Duration) {
        self.seed = seed
        self.wall = wall
        digest = week.digest.value
        violations = week.referee.violations
        checks = week.referee.checks
        calls = week.callsMade
        var outcomes: [Destination.Kind: [FaxState: Int]] = [:]
        var callsByKind: [Destination.Kind: Int] = [:]
        var minutes: [Priority: [Double]] = [:]
        var counts: [Priority: Int] = [:]
        for fax in week.faxes.values {
            let kind = week.town[fax.order.destination].kind
            outcomes[kind, default: [:]][fax.state, default: 0] += 1
            callsByKind[kind, default: 0] += fax.attempts
            counts[fax.order.terms.priority, default: 0] += 1
            if fax.state == .delivered, let from = fax.queuedAt, let to = fax.endedAt {
                minutes[fax.order.terms.priority, default: []].append(Double(to.milliseconds - from.milliseconds) / 60_000)
            }
        }
        self.outcomes = outcomes
        self.callsByKind = callsByKind
        self.minutes = minutes.mapValues { $0.sorted() }
        self.counts = counts
        withHours = week.faxes.values.count { $0.order.terms.hours != nil }
    }

    private static let columns: [FaxState] = [.delivered, .failed, .cancelled, .held, .unknown]

    var faxes: Int { counts.values.reduce(0, +) }

    func count(_ state: FaxState) -> Int { outcomes.values.reduce(0) { $0 + $1[state, default: 0] } }

    var digestText: String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    var wallText: String { "\(Self.decimal(Double(wall / .milliseconds(1)) / 1000)) s" }

    var description: String {
        var lines = ["number is", "faxes"].map { Self.cell($0) } + Self.columns.map { Self.cell($0.rawValue) } + [Self.cell("calls/fax")]
        lines = [lines.joined()]
        for kind in Destination.Kind.allCases { lines.append(row(kind.rawValue, [kind])) }
        lines.append(row("all", Destination.Kind.allCases))
        lines.append("")
        for priority in Priority.allCases {
            let sorted = minutes[priority, default: []]
            let quantile = { (share: Double) in
                sorted.isEmpty ? "-" : Self.decimal(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))])
            }
            lines.append(
                "\(priority.rawValue): \(counts[priority, default: 0]) faxes, \(sorted.count) delivered, minutes in the queue and in calls:"
                    + " median \(quantile(0.5)), p90 \(quantile(0.9)), p99 \(quantile(0.99))")
        }
        lines.append("")
        lines.append(
            "seed \(seed): \(faxes) faxes, \(calls) calls, \(checks) checks, \(violations.count) promises broken,"
                + " digest \(digestText), \(wallText)")
        lines += violations.prefix(20)
        return lines.joined(separator: "\n")
    }

    private func row(_ name: String, _ kinds: [Destination.Kind]) -> String {
        let counts = Self.columns.map { state in kinds.reduce(0) { $0 + outcomes[$1, default: [:]][state, default: 0] } }
        let all = kinds.reduce(0) { $0 + outcomes[$1, default: [:]].values.reduce(0, +) }
        let calls = kinds.reduce(0) { $0 + callsByKind[$1, default: 0] }
        return ([name, "\(all)"] + counts.map { "\($0)" } + [all == 0 ? "-" : Self.decimal(Double(calls) / Double(all))]).map {
            Self.cell($0)
        }.joined()
    }

    private static func cell(_ text: String) -> String { text + String(repeating: " ", count: max(1, 14 - text.count)) }

    private static func decimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
