import FaxModel
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

/// Lanes, turns and times of faxes that wait for a line.
@Suite struct QueueTests {
    private static let again: @Sendable (FaxStore.EndedCall) -> RetryDecision = {
        RetryDecision(next: .again, progress: $0.fax.progress)
    }

    private func turns(_ test: TestStore) async throws -> [FaxID] {
        while try await test.store.promote() {}
        return try await test.store.queuedFaxes(limit: 100).map(\.id)
    }

    private func terms(_ change: (inout FaxTerms) -> Void) -> FaxTerms {
        var terms = FaxTerms()
        change(&terms)
        return terms
    }

    @Test func `one fax a destination has its turn, the most urgent first`() async throws {
        try await TestStore.with { test in
            let bulk = try await test.queue(1, to: "+15551230101", terms: terms { $0.priority = .bulk })
            let first = try await test.queue(2, to: "+15551230102")
            _ = try await test.queue(3, to: "+15551230102")
            let urgent = try await test.queue(4, to: "+15551230101", terms: terms { $0.priority = .urgent })
            #expect(try await turns(test) == [urgent, first])
            #expect(try await test.store.cancel(urgent, by: .system) == .cancelled)
            #expect(try await turns(test) == [first, bulk])
        }
    }

    @Test func `documents are rendered in the order of priority, then of age`() async throws {
        try await TestStore.with { test in
            let bulk = try await test.accept(1, to: "+15551230101", terms: terms { $0.priority = .bulk })
            let first = try await test.accept(2, to: "+15551230102")
            let second = try await test.accept(3, to: "+15551230103")
            let urgent = try await test.accept(4, to: "+15551230104", terms: terms { $0.priority = .urgent })
            #expect(try await test.store.unrenderedFaxes(limit: 9) == [urgent, first, second, bulk])
            #expect(try await test.store.apply(.renderingStarted, to: urgent) == .rendering)
            #expect(try await test.store.unrenderedFaxes(limit: 2) == [first, second])
        }
    }

    @Test func `those that wait for the same machine may share a call, and no others`() async throws {
        try await TestStore.with { test in
            let head = try await test.queue(1, to: "+15551230101")
            _ = try await test.queue(2, to: "+15551230102")
            let mate = try await test.queue(3, to: "+15551230101")
            let later = try await test.queue(4, to: "+15551230101")
            try await test.store.postpone(later, until: test.clock.now.advanced(by: .seconds(60)))
            let urgent = try await test.queue(5, to: "+15551230101", terms: terms { $0.priority = .urgent })
            #expect(try await test.store.laneMates(of: head, limit: 9).map(\.fax.id) == [urgent, mate])
            #expect(try await test.store.laneMates(of: head, limit: 1).map(\.fax.id) == [urgent])
        }
    }

    @Test func `the intents of a call are all committed or none`() async throws {
        try await TestStore.with { test in
            let first = try await test.queue(1, to: "+15551230101")
            let second = try await test.queue(2, to: "+15551230101")
            var intents: [(id: FaxID, intent: FaxStore.Intent)] = []
            for (index, id) in [first, second].enumerated() {
                let image = try await test.document("sent\(index)", kind: .transmitted)
                intents.append((id, .init(backend: "line", reference: "call#\(index)", image: image, offset: index)))
            }
            #expect(try await test.store.cancel(second, by: .system) == .cancelled)
            #expect(try await test.store.intendAttempts(intents) == nil)
            #expect(try await test.fax(first).state == .queued)
            #expect(try await test.fax(first).attempts.isEmpty)
            #expect(try await test.store.intendAttempts([intents[0]]) == [1])
            #expect(try await test.fax(first).state == .sending)
        }
    }

    @Test func `a destination in a call has no turn, and another intent for it is refused`() async throws {
        try await TestStore.with { test in
            let first = try await test.queue(1, to: "+15551230101")
            let second = try await test.queue(2, to: "+15551230101")
            let attempt = try await test.dialAgain(first, image: "sent1")
            #expect(try await turns(test).isEmpty)
            let image = try await test.document("sent2", kind: .transmitted)
            let intent = FaxStore.Intent(backend: "line", reference: "r", image: image)
            #expect(try await test.store.intendAttempt(for: second, intent) == nil)
            _ = try await test.store.attemptEnded(first, attempt: attempt, report: .init(.failed(.busy), evidence: ""), decide: Self.again)
            #expect(try await turns(test) == [first])
        }
    }

    @Test func `after a failure a fax waits for its moment, and the destination rests for all`() async throws {
        try await TestStore.with { test in
            let first = try await test.queue(1, to: "+15551230101")
            let second = try await test.queue(2, to: "+15551230101")
            let attempt = try await test.dialAgain(first, image: "sent1")
            let now = test.clock.now
            _ = try await test.store.attemptEnded(first, attempt: attempt, report: .init(.failed(.busy), evidence: "")) {
                RetryDecision(
                    next: .again, progress: $0.fax.progress, dueAt: now.advanced(by: .seconds(180)),
                    laneDueAt: now.advanced(by: .seconds(60)))
            }
            #expect(try await turns(test).isEmpty)
            #expect(try await test.store.nextWake() == now.advanced(by: .seconds(60)))
            test.clock.advance(by: .seconds(60))
            #expect(try await turns(test) == [second])
            test.clock.advance(by: .seconds(120))
            #expect(try await turns(test) == [first])
        }
    }

    @Test func `a rest outlives the faxes that waited`() async throws {
        try await TestStore.with { test in
            let first = try await test.queue(1, to: "+15551230101")
            let attempt = try await test.dialAgain(first, image: "sent1")
            let until = test.clock.now.advanced(by: .seconds(60))
            _ = try await test.store.attemptEnded(first, attempt: attempt, report: .init(.failed(.rejected), evidence: "")) {
                RetryDecision(next: .noMore, progress: $0.fax.progress, laneDueAt: until)
            }
            let second = try await test.queue(2, to: "+15551230101")
            #expect(try await turns(test).isEmpty)
            test.clock.advance(by: .seconds(60))
            #expect(try await turns(test) == [second])
        }
    }

    @Test func `a scheduled fax is queued at its time`() async throws {
        try await TestStore.with { test in
            let at = test.clock.now.advanced(by: .seconds(7200))
            let id = try await test.queue(1, terms: terms { $0.sendAt = at })
            #expect(try await test.fax(id).state == .scheduled)
            #expect(try await test.store.nextWake() == at)
            #expect(try await turns(test).isEmpty)
            test.clock.advance(by: .seconds(7200))
            #expect(try await turns(test) == [id])
            #expect(try await test.fax(id).notAfter == at.advanced(by: RetryPolicy().lifetime))
        }
    }

    @Test func `no call begins after the kill time`() async throws {
        try await TestStore.with { test in
            let end = test.clock.now.advanced(by: .seconds(600))
            let id = try await test.queue(1, terms: terms { $0.notAfter = end })
            test.clock.advance(by: .seconds(601))
            let image = try await test.document("sent", kind: .transmitted)
            #expect(try await test.store.intendAttempt(for: id, .init(backend: "line", reference: "r", image: image)) == nil)
            #expect(try await turns(test).isEmpty)
            let fax = try await test.fax(id)
            #expect(fax.state == .failed)
            #expect(fax.error?.contains("time was over") == true)
        }
    }

    @Test func `a fax for a person is held once it is rendered, and goes when it is released`() async throws {
        try await TestStore.with { test in
            let id = try await test.queue(1, hold: .firstUse)
            #expect(try await test.fax(id).state == .held)
            #expect(try await test.fax(id).error == HoldReason.firstUse.sentence)
            #expect(try await turns(test).isEmpty)
            test.clock.advance(by: .seconds(24 * 3600))
            #expect(try await turns(test).isEmpty)
            #expect(try await test.store.release(id, by: .system))
            #expect(try await turns(test) == [id])
            #expect(try await test.store.release(id, by: .system) == false)
            #expect(try await test.store.hold(id, reason: .operatorHold, by: .system))
            #expect(try await test.fax(id).hold == .operatorHold)
        }
    }

    @Test func `a cancellation during a call is for the call's end to carry out`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1)
            #expect(try await test.store.cancel(id, by: .system) == .ending)
            #expect(try await test.fax(id).isCancelRequested)
            let end = try await test.store.attemptEnded(
                id, attempt: attempt, report: .init(.interrupted, evidence: ""), decide: Self.again)
            #expect(end.state == .cancelled)
            #expect(try await test.store.cancel(id, by: .system) == .tooLate(.cancelled))
        }
    }

    @Test func `a call that got through before the cancellation reached it is a delivery`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1, pages: 1)
            #expect(try await test.store.cancel(id, by: .system) == .ending)
            try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(0))
            let end = try await test.store.attemptEnded(id, attempt: attempt, report: .init(.delivered, evidence: ""), decide: Self.again)
            #expect(end.state == .delivered)
        }
    }

    @Test func `what was delivered is remembered for its destination, for a time`() async throws {
        try await TestStore.with { test in
            let first = try await test.queue(1, pages: 1, to: "+15551230101")
            let attempt = try await test.dialAgain(first, image: "sent1")
            try await test.store.pageConfirmed(first, attempt: attempt, page: test.page(0))
            _ = try await test.store.attemptEnded(first, attempt: attempt, report: .init(.delivered, evidence: "")) {
                var progress = $0.fax.progress
                progress.rung = 3
                return RetryDecision(next: .noMore, progress: progress)
            }
            let second = try await test.queue(2, to: "+15551230101")
            #expect(try await test.store.rememberedRung(for: second) == 3)
            test.clock.advance(by: .seconds(31 * 86_400))
            #expect(try await test.store.rememberedRung(for: second) == nil)
        }
    }

    @Test func `pages of another resolution take the place of those that were refused`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1)
            let end = try await test.store.attemptEnded(id, attempt: attempt, report: .init(.failed(.incapable), evidence: "")) {
                RetryDecision(next: .again, progress: $0.fax.progress, isReduced: true)
            }
            #expect(end.state == .accepted)
            #expect(try await test.fax(id).resolution == .standard)
            _ = try await test.store.apply(.renderingStarted, to: id)
            try await test.store.rendered(id, image: try await test.document("coarse", kind: .pages), pages: 2)
            #expect(try await turns(test) == [id])
            // The finer pages go when they are of no use any more, and not before.
            #expect(try await test.store.knownDocuments(among: [try #require(DocumentID("pages1"))]).isEmpty)
        }
    }

    @Test func `what a record proves settles an unknown outcome once`() async throws {
        try await TestStore.with { test in
            let (first, _) = try await test.dial(1, pages: 3)
            let (second, _) = try await test.dial(2, pages: 3)
            #expect(try await test.store.recoverAfterStop() == 2)
            let lost = try await test.store.unreconciled(limit: 9)
            #expect(lost.map(\.fax) == [first, second])
            #expect(lost.map(\.reference) == ["call-\(first)", "call-\(second)"])
            #expect(try await test.store.reconcile(first, as: .delivered, evidence: "record", by: .system, confirmedPages: 3))
            #expect(try await test.store.reconcile(first, as: .notDelivered, evidence: "late", by: .system) == false)
            #expect(try await test.fax(first).pagesConfirmed == 3)
            #expect(try await test.fax(first).state == .delivered)
            #expect(try await test.store.reconcile(second, as: .notDelivered, evidence: "record", by: .system, confirmedPages: 1))
            #expect(try await test.fax(second).pagesConfirmed == 1)
            #expect(try await test.fax(second).progress.dials == 1)
            #expect(try await turns(test) == [second])
        }
    }

    @Test func `what a person says did not arrive goes whole, though every page was confirmed`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1, pages: 1)
            try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(0))
            let end = try await test.store.attemptEnded(
                id, attempt: attempt, report: .init(.failed(.protocolError), evidence: ""), decide: Self.again)
            #expect(end.state == .unknown)
            #expect(try await test.store.reconcile(id, as: .notDelivered, evidence: "asked", by: .system))
            #expect(try await test.fax(id).pagesConfirmed == 0)
            #expect(try await turns(test) == [id])
        }
    }

    @Test func `a fax that was cancelled in a call that a crash cut is not called again`() async throws {
        try await TestStore.with { test in
            let (id, _) = try await test.dial(1)
            #expect(try await test.store.cancel(id, by: .system) == .ending)
            #expect(try await test.store.recoverAfterStop() == 1)
            #expect(try await test.store.reconcile(id, as: .notDelivered, evidence: "record", by: .system, confirmedPages: 1))
            #expect(try await test.fax(id).state == .cancelled)
            #expect(try await turns(test).isEmpty)
        }
    }

    @Test func `a released fax has its whole time from the recipient's first open hour`() async throws {
        try await TestStore.with { test in
            let hours = try #require(RecipientHours("08:00-17:00 UTC"))
            let id = try await test.queue(1, terms: terms { $0.hours = hours }, hold: .firstUse)
            test.clock.advance(by: .seconds(3 * 86_400))
            #expect(try await test.store.release(id, by: .system))
            let opening = hours.next(at: test.clock.now)
            #expect(try await test.fax(id).notAfter >= opening.advanced(by: RetryPolicy().lifetime))
        }
    }

    @Test func `old events and memories are forgotten, and those of now are not`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1, pages: 1)
            try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(0))
            try await test.store.attemptEnded(id, attempt: attempt, report: .init(.delivered, evidence: ""), decide: Self.again)
            let last = try #require(try await test.store.events(of: id, limit: 100).last?.id)
            try await test.store.pool.write { try $0.execute(sql: "UPDATE webhook_cursor SET event = ?", arguments: [last]) }
            test.clock.advance(by: .seconds(89 * 86_400))
            _ = try await test.store.forgetEvents()
            #expect(try await test.store.events(of: id, limit: 100).count == 7)
            #expect(try await test.count(of: "destination_memory") == 0)
            test.clock.advance(by: .seconds(2 * 86_400))
            try await test.accept(2)
            _ = try await test.store.forgetEvents()
            #expect(try await test.store.events(of: id, limit: 100).isEmpty)
            #expect(try await test.store.events(after: 0, limit: 100).count == 1)
        }
    }

    @Test func `every change is told once, in order, and without a word of the client's`() async throws {
        try await TestStore.with { test in
            let id = try await test.queue(1, pages: 1, to: "+15551230177", terms: terms { $0.tags = ["Quimby"] })
            let attempt = try await test.dialAgain(id, image: "sent")
            try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(0))
            _ = try await test.store.attemptEnded(id, attempt: attempt, report: .init(.delivered, evidence: ""), decide: Self.again)
            let events = try await test.store.events(of: id, limit: 100)
            #expect(
                events.map(\.type) == [
                    "fax.accepted", "fax.rendering", "fax.queued", "fax.sending", "fax.page_confirmed", "fax.attempt_ended",
                    "fax.delivered",
                ])
            #expect(events.last?.data == #"{"state":"delivered","status":"SUCCESS","pages":1,"pages_confirmed":1}"#)
            for event in events { #expect(!event.data.contains("0177") && !event.data.contains("Quimby")) }
            #expect(try await test.store.events(of: id, after: events[5].id, limit: 9) == [events[6]])
            #expect(try await test.fax(id).terms.tags == ["Quimby"])
        }
    }

    @Test func `listeners hear of events`() async throws {
        try await TestStore.with { test in
            let feed = test.store.eventFeed.subscribe()
            try await test.accept(1)
            var heard = 0
            for await _ in feed {
                heard += 1
                break
            }
            #expect(heard == 1)
        }
    }

    /// A queue of a million must answer as one of a thousand.
    @Test(arguments: [
        FaxStore.readyLanes, FaxStore.dueFaxes, FaxStore.lapsedFaxes, FaxStore.wakingLanes, FaxStore.unrendered, FaxStore.laneMates,
    ])
    func `the queue is read by its indexes alone`(sql: String) async throws {
        try await TestStore.with { test in
            let marks = sql.count { $0 == "?" }
            let plan = try await test.store.pool.read { database in
                try Row.fetchAll(
                    database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: StatementArguments(Array(repeating: 1, count: marks))
                ).map { $0["detail"] as String }
            }
            // Those are in their index in the order in which they go.
            let ordered = ["INDEX lanes_ready", "INDEX faxes_to_render"]
            #expect(plan.allSatisfy { step in !step.hasPrefix("SCAN") || ordered.contains { step.contains($0) } }, "\(plan)")
            #expect(plan.allSatisfy { !$0.contains("TEMP B-TREE") }, "\(plan)")
        }
    }
}
