import FaxModel

/// Watches what the store and the policy do, and notes each promise that was broken.
struct Referee {
    private(set) var violations: [String] = []
    private(set) var checks = 0

    private struct Line {
        var calls = 0
        /// Ends and beginnings of the last calls in a row that nobody answered.
        var unanswered: [(from: Timestamp, to: Timestamp)] = []
        /// Nobody calls it before.
        var restsUntil = Timestamp(milliseconds: 0)
    }

    private var lines: [Int: Line] = [:]
    private var routes: [Int: Int] = [:]
    private var lastStart: [Int: Timestamp] = [:]

    mutating func expect(_ condition: Bool, _ promise: @autoclosure () -> String) {
        checks += 1
        if !condition { violations.append(promise()) }
    }

    /// A call is about to be made.
    mutating func started(
        _ fax: WatchedFax, record: FaxRecordFacts, route: Int, limit: (calls: Int, interval: Duration), at now: Timestamp
    ) {
        let name = "fax \(fax.ordinal) at \(now)"
        let number = fax.order.destination
        let line = lines[number, default: Line()]
        expect(line.calls == 0, "\(name): two calls at once to one number")
        expect(now >= line.restsUntil, "\(name): called before its number's rest was over")
        expect(now >= fax.dueAt && now >= fax.order.terms.sendAt ?? now, "\(name): called before it was due")
        expect(now <= record.notAfter, "\(name): called after its kill time")
        expect(fax.order.terms.hours.map { $0.next(at: now) == now } ?? true, "\(name): called outside of the recipient's hours")
        expect(fax.state == .queued, "\(name): called though it was \(fax.state)")
        expect(!fax.isWithdrawn, "\(name): called though it was withdrawn")
        expect(fax.arrived < fax.order.pages, "\(name): sent again though all of it had arrived")
        expect(record.firstPage == fax.reported, "\(name): begins at another page than the first that was not confirmed")
        expect(fax.dials < fax.maximumDials, "\(name): \(fax.dials) dials, and another")
        if line.unanswered.count >= 2, let last = line.unanswered.last {
            expect(
                now.milliseconds - last.to.milliseconds >= 3_600_000,
                "\(name): a third call in a row that nobody answers, without an hour's pause")
        }
        lines[number, default: Line()].calls += 1
        routes[route, default: 0] += 1
        expect(routes[route, default: 0] <= limit.calls, "\(name): too many calls on route \(route)")
        if let last = lastStart[route] {
            expect(now >= last.advanced(by: limit.interval), "\(name): too many calls a second on route \(route)")
        }
        lastStart[route] = now
    }

    /// A call is over, or lost with the server.
    mutating func ended(_ fax: WatchedFax, route: Int, from start: Timestamp, outcome: AttemptOutcome?, rest: Timestamp?, at now: Timestamp)
    {
        let number = fax.order.destination
        lines[number, default: Line()].calls -= 1
        routes[route, default: 0] -= 1
        if let rest { lines[number, default: Line()].restsUntil = max(rest, lines[number, default: Line()].restsUntil) }
        switch outcome {
        case .failed(.noAnswer):
            // After an hour's pause a series begins anew.
            if let last = lines[number]?.unanswered.last, start.milliseconds - last.to.milliseconds >= 3_600_000 {
                lines[number]?.unanswered = []
            }
            lines[number]?.unanswered.append((start, now))
        case .failed(.congestion), .failed(.line), .notDialled, .unknown, nil: break
        default: lines[number]?.unanswered = []
        }
    }

    /// What a call's end makes of a fax.
    mutating func decided(
        _ decision: RetryDecision, _ fax: WatchedFax, after outcome: AttemptOutcome, notAfter: Timestamp, at now: Timestamp
    ) {
        let name = "fax \(fax.ordinal) at \(now)"
        if decision.next == .again, let due = decision.dueAt {
            expect(due >= now && due <= notAfter, "\(name): due at \(due)")
        }
        if outcome == .delivered {
            expect(fax.arrived == fax.order.pages, "\(name): delivered with \(fax.arrived) of \(fax.order.pages) pages")
        }
    }
}

/// What the store says of a fax that is about to be called.
struct FaxRecordFacts {
    let notAfter: Timestamp
    let firstPage: Int
}
