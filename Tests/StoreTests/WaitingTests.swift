import FaxModel
import GRDB
import Testing
import Vault

@testable import Store

/// The queue as people see it, and the plans by which it is read.
@Suite struct WaitingTests {
    private func terms(_ change: (inout FaxTerms) -> Void) -> FaxTerms {
        var terms = FaxTerms()
        change(&terms)
        return terms
    }

    @Test func `what waits, in the order in which it goes, with its reason`() async throws {
        try await TestStore.with { test in
            let now = test.clock.now
            let unknown = try await test.dial(1).id
            try await test.force(unknown, into: .unknown)
            let held = try await test.queue(2, hold: .oneDigitOff)
            let scheduled = try await test.queue(3, terms: terms { $0.sendAt = now.advanced(by: .seconds(7200)) })
            let accepted = try await test.accept(4)
            // Fails, and waits for its next call; its destination rests for longer.
            let (paused, attempt) = try await test.dial(5)
            _ = try await test.store.attemptEnded(paused, attempt: attempt, report: .init(.failed(.busy), evidence: "")) {
                RetryDecision(next: .again, progress: $0.fax.progress, dueAt: now.advanced(by: .seconds(180)))
            }
            let (resting, another) = try await test.dial(6)
            _ = try await test.store.attemptEnded(resting, attempt: another, report: .init(.failed(.noAnswer), evidence: "")) {
                RetryDecision(
                    next: .again, progress: $0.fax.progress, dueAt: now.advanced(by: .seconds(60)),
                    laneDueAt: now.advanced(by: .seconds(3600)))
            }
            let bulk = try await test.queue(7, to: "+15551230190", terms: terms { $0.priority = .bulk })
            let urgent = try await test.queue(8, to: "+15551230191", terms: terms { $0.priority = .urgent })
            let second = try await test.queue(9, to: "+15551230191")
            // 08:30 UTC on a Sunday.
            let closed = try await test.queue(10, terms: terms { $0.hours = RecipientHours("Mon-Fri 08:00-17:00 UTC") })
            try await test.store.postpone(closed, until: Timestamp(milliseconds: 1_795_420_800_000))
            let calling = try await test.dial(11).id

            let found = try await test.store.waiting(limit: 100)
            #expect(found.map(\.fax.id) == [calling, urgent, bulk, paused, resting, closed, accepted, scheduled, held, unknown])
            #expect(!found.contains { $0.fax.id == second })
            #expect(
                found.map(\.reason) == [
                    .calling, .line, .line, .pause, .destination, .hours, .renderer, .scheduled, .held(.oneDigitOff), .unknown,
                ])
            #expect(found[1].behind == 1 && found[2].behind == 0)
            #expect(found[3].until == now.advanced(by: .seconds(180)))
            #expect(found[4].until == now.advanced(by: .seconds(3600)))
            #expect(found[5].until?.description == "2026-11-23T08:00:00.000Z")
            #expect(found[7].until == now.advanced(by: .seconds(7200)))
            for limit in 0...10 { #expect(try await test.store.waiting(limit: limit).map(\.fax.id) == found.prefix(limit).map(\.fax.id)) }
            #expect(try await test.store.waiting(.held, limit: 10).map(\.fax.id) == [held])
            #expect(try await test.store.waiting(.unknown, limit: 10).map(\.fax.id) == [unknown])
            #expect(try await test.store.waiting(.stalled, limit: 10).isEmpty)
            test.clock.advance(by: .seconds(1))
            let standing = FaxStore.StandingFax(id: bulk, state: .queued, movedAt: now)
            #expect(try await test.store.stall([standing]).count == 1)
            #expect(try await test.store.waiting(.stalled, limit: 10).map(\.fax.id) == [bulk])
        }
    }

    @Test func `faxes behind one another are counted up to a bound`() async throws {
        try await TestStore.with { test in
            _ = try await test.queue(1)
            try await test.execute(
                """
                WITH RECURSIVE copies(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copies WHERE number < ?)
                INSERT INTO faxes (id, state, owner, sealed_number, number_index, backend, format, resolution, paper, document, created_at,
                    updated_at)
                SELECT printf('f%031d', number), state, owner, sealed_number, number_index, backend, format, resolution, paper, document,
                    created_at, updated_at FROM faxes, copies
                """, [WaitingFax.mostBehind + 5])
            let found = try await test.store.waiting(limit: 1000)
            #expect(found.count == 1)
            #expect(found.first?.behind == WaitingFax.mostBehind)
        }
    }

    private func plan(_ test: TestStore, _ sql: String, _ arguments: StatementArguments) async throws -> [String] {
        try await test.store.pool.read { database in
            try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] as String }
        }
    }

    /// Scrapes, the watchdog and people ask often: nothing of it reads the faxes of years.
    @Test func `the queue is read by its indices`() async throws {
        let plans: [(sql: String, arguments: StatementArguments, first: String)] = [
            (FaxStore.standingFaxes, ["held", 1, 10], "SEARCH faxes USING INDEX faxes_standing (state=? AND moved_at<?)"),
            (FaxStore.oversleptFaxes, [1, 10], "SEARCH faxes USING INDEX faxes_scheduled (due_at<?)"),
            (FaxStore.oversleptLanes, [1, 10], "SEARCH lanes USING INDEX lanes_waking (wakes_at>? AND wakes_at<?)"),
            (FaxStore.firstOfLane, ["x"], "SEARCH faxes USING INDEX faxes_in_lane (number_index=?)"),
            (FaxStore.nextDocuments, [10], "SCAN faxes USING INDEX faxes_to_render"),
            (FaxStore.waitingUnrendered, [10], "SCAN faxes USING INDEX faxes_to_render"),
            (FaxStore.oldestInWork, ["queued"], "SEARCH faxes USING INDEX faxes_in_work (state=?)"),
            (FaxStore.stalledCounts, [], "SCAN faxes USING INDEX faxes_stalled"),
            (FaxStore.waitingInState, ["held", 10], "SEARCH faxes USING INDEX faxes_in_work (state=?)"),
            (FaxStore.waitingScheduled, [10], "SCAN faxes USING INDEX faxes_scheduled"),
            (FaxStore.waitingStalled, [10], "SCAN faxes USING INDEX faxes_stalled"),
            (FaxStore.waitingFirst, ["x"], "SEARCH faxes USING INDEX faxes_in_lane (number_index=?)"),
            (FaxStore.faxesOfPeriod, ["a", "b"], "SEARCH faxes USING PRIMARY KEY (id>? AND id<?)"),
            (FaxStore.deliveriesOfPeriod, ["a", "b"], "SEARCH faxes USING PRIMARY KEY (id>? AND id<?)"),
            (FaxStore.callsOfPeriod, ["a", "b"], "SEARCH attempts USING PRIMARY KEY (fax>? AND fax<?)"),
            (FaxStore.receivedOfPeriod, ["a", "b"], "SEARCH inbound USING PRIMARY KEY (id>? AND id<?)"),
        ]
        try await TestStore.with { test in
            for expected in plans {
                let plan = try await plan(test, expected.sql, expected.arguments)
                #expect(plan.first == expected.first)
                // What is in the order of its index needs no sorting; calls are grouped.
                if expected.sql != FaxStore.callsOfPeriod { #expect(!plan.contains { $0.contains("TEMP B-TREE") }) }
            }
        }
    }

    @Test func `turns are read in their order`() async throws {
        try await TestStore.with { test in
            for sql in [FaxStore.nextCalls, FaxStore.waitingReady] {
                let plan = try await plan(test, sql, [10])
                #expect(plan == ["SCAN lanes USING INDEX lanes_ready", "SEARCH faxes USING PRIMARY KEY (id=?)"])
            }
            let forgotten = try await plan(test, FaxStore.forgottenLanes, [10])
            #expect(forgotten.first == "SCAN lanes USING INDEX lanes_busy")
            #expect(forgotten.last == "SEARCH faxes USING INDEX faxes_in_call (number_index=?)")
        }
    }
}
