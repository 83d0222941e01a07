import FaxModel
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

/// Counts of what became of faxes.
@Suite struct StatisticsTests {
    /// Ids of the test store begin at this moment, a millisecond each.
    private static let first = Timestamp(milliseconds: 1_795_000_000_000)

    private func period(_ numbers: Range<Int>) -> Range<Timestamp> {
        Self.first.advanced(by: .milliseconds(numbers.lowerBound))..<Self.first.advanced(by: .milliseconds(numbers.upperBound))
    }

    private func call(
        _ test: TestStore, _ id: FaxID, _ outcome: AttemptOutcome, seconds: Int, next: FaxEvent.AfterAttempt = .noMore, pages: Int = 0,
        route: String = "carrier"
    ) async throws {
        let number = try await test.fax(id).attempts.count + 1
        let image = try await test.document("s\(number)-\(id.text.suffix(20))", kind: .transmitted)
        let attempt = try #require(
            try await test.store.intendAttempt(
                for: id, FaxStore.Intent(backend: "line", route: route, reference: "call-\(number)-\(id)", image: image)))
        test.clock.advance(by: .seconds(5))
        try await test.store.attemptStarted(id, attempt: attempt)
        test.clock.advance(by: .seconds(seconds))
        for page in 0..<pages { try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(page)) }
        _ = try await test.store.attemptEnded(id, attempt: attempt, report: .init(outcome, evidence: "")) {
            RetryDecision(next: next, progress: $0.fax.progress)
        }
    }

    @Test func `faxes, pages, calls and times of a period`() async throws {
        try await TestStore.with { test in
            // Delivered by the first call, within 40 seconds.
            try await call(test, try await test.queue(1), .delivered, seconds: 35, pages: 2)
            // Delivered by the second.
            let second = try await test.queue(2)
            try await call(test, second, .failed(.busy), seconds: 0, next: .again, route: "own")
            try await call(test, second, .delivered, seconds: 95, pages: 2)
            try await call(test, try await test.queue(3), .failed(.rejected), seconds: 1)
            try await call(test, try await test.queue(4), .unknown, seconds: 20)
            _ = try await test.queue(5, hold: .firstUse)
            _ = try await test.queue(6)
            let cancelled = try await test.queue(7)
            _ = try await test.store.cancel(cancelled, by: .system)
            _ = try await test.accept(8, state: .disabled)
            _ = try await test.receive(9)
            // Of another period.
            try await call(test, try await test.queue(20), .delivered, seconds: 1, pages: 2)

            let statistics = try await test.store.statistics(period(1..<10))
            #expect(statistics.accepted == 8)
            #expect(statistics.delivered == 2)
            #expect(statistics.failed == 1)
            #expect(statistics.unknown == 1)
            #expect(statistics.held == 1)
            #expect(statistics.cancelled == 1)
            #expect(statistics.disabled == 1)
            #expect(statistics.underWay == 1)
            #expect(statistics.pages == 4)
            #expect(statistics.received == 1 && statistics.pagesReceived == 1)
            #expect(statistics.callSeconds == 35 + 0 + 95 + 1 + 20)
            #expect(statistics.medianSeconds == 40)
            #expect(statistics.percentile95Seconds == 105)
            #expect(statistics.firstCallSuccess == 0.25)
            #expect(statistics.success == 0.5)
            #expect(
                statistics.calls == [
                    .init(route: "carrier", outcome: "delivered", cause: nil, calls: 2, seconds: 130),
                    .init(route: "carrier", outcome: "failed", cause: "rejected", calls: 1, seconds: 1),
                    .init(route: "carrier", outcome: "unknown", cause: nil, calls: 1, seconds: 20),
                    .init(route: "own", outcome: "failed", cause: "busy", calls: 1, seconds: 0),
                ])
            #expect(try await test.store.statistics(period(20..<21)).accepted == 1)
        }
    }

    @Test func `an empty period has no shares and no times`() async throws {
        try await TestStore.with { test in
            for bounds in [(0, 1), (-5, -4), (Int64.max - 1, Int64.max)] {
                let statistics = try await test.store.statistics(
                    Timestamp(milliseconds: Int64(bounds.0))..<Timestamp(milliseconds: Int64(bounds.1)))
                #expect(statistics.accepted == 0 && statistics.calls.isEmpty)
                #expect(statistics.medianSeconds == nil && statistics.success == nil && statistics.firstCallSuccess == nil)
            }
        }
    }

    @Test(
        arguments: [
            (0.5, [1000, 2000, 3000], 2.0), (0.5, [1000, 2000], 1), (0.95, [7500], 7.5), (0.95, (1...100).map { $0 * 1000 }, 95),
            (0, [1000, 2000], 1), (1, [1000, 2000], 2),
        ] as [(Double, [Int64], Double)]) func quantiles(share: Double, values: [Int64], expected: Double)
    {
        #expect(FaxStore.quantile(share, of: values) == expected)
        #expect(FaxStore.quantile(share, of: []) == nil)
    }

    /// The numbers of `fax_counts` are those that a count of the table gives, whatever happened.
    @Test func `counts by state and priority are kept with every change`() async throws {
        try await TestStore.with { test in
            var random = SeededRandom(seed: 11)
            var terms = FaxTerms()
            for number in 1...40 {
                terms.priority = Priority.allCases.randomElement(using: &random) ?? .normal
                let id = try await test.queue(number, terms: terms)
                switch UInt.random(in: 0..<5, using: &random) {
                case 0: _ = try await test.store.cancel(id, by: .system)
                case 1: _ = try await test.store.hold(id, reason: .operatorHold, by: .system)
                case 2: try await call(test, id, .failed(.busy), seconds: 1, next: .again)
                case 3: try await call(test, id, .delivered, seconds: 1, pages: 2)
                default: break
                }
            }
            try await test.force(test.id(1), into: .unknown)
            try await test.execute("UPDATE faxes SET priority = 'urgent' WHERE id = ?", [test.id(2).text])
            let counted = try await test.store.pool.read { database in
                try Row.fetchAll(database, sql: "SELECT state, priority, count(*) AS n FROM faxes GROUP BY 1, 2 ORDER BY 1, 2")
                    .map { "\($0["state"] as String) \($0["priority"] as String) \($0["n"] as Int)" }
            }
            let kept = try await test.store.pool.read { database in
                try Row.fetchAll(database, sql: "SELECT * FROM fax_counts WHERE faxes <> 0 ORDER BY state, priority")
                    .map { "\($0["state"] as String) \($0["priority"] as String) \($0["faxes"] as Int)" }
            }
            #expect(kept == counted)
            #expect(kept.count > 6)
        }
    }

    @Test func gauges() async throws {
        try await TestStore.with { test in
            #expect(try await test.store.gauges().faxes.isEmpty)
            let accepted = test.clock.now
            _ = try await test.queue(1)
            test.clock.advance(by: .seconds(60))
            _ = try await test.queue(2)
            _ = try await test.dial(3)
            let held = try await test.queue(4, hold: .firstUse)
            let moved = try await test.fax(held).updatedAt
            let fax = FaxStore.StandingFax(id: held, state: .held, movedAt: moved)
            test.clock.advance(by: .seconds(60))
            #expect(try await test.store.stall([fax]) == [fax])
            let gauges = try await test.store.gauges()
            #expect(gauges.faxes[.queued]?[.normal] == 2)
            #expect(gauges.faxes[.sending]?[.normal] == 1)
            #expect(gauges.oldest[.queued] == accepted)
            #expect(gauges.oldest[.unknown] == nil)
            #expect(gauges.stalled == [.held: 1])
            #expect(gauges.busyLanes == 1)
        }
    }
}
