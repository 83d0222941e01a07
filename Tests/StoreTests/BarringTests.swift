import FaxModel
import Foundation
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

/// Faxes that were accepted before their number was put on a list.
@Suite struct BarringTests {
    private static let number = "+15551230101"
    private static let again: @Sendable (FaxStore.EndedCall) -> RetryDecision = {
        RetryDecision(next: .again, progress: $0.fax.progress)
    }

    private func list(
        _ test: TestStore, _ status: RecipientRecord.Status, _ number: String = number, isPrefix: Bool = false
    ) async throws {
        _ = try await test.store.change(
            RecipientChange(number: number, isPrefix: isPrefix, status: status), by: Initiator(.person, id: "person/jane"))
    }

    private func later(_ test: TestStore) -> FaxTerms {
        var terms = FaxTerms()
        terms.sendAt = test.clock.now.advanced(by: .seconds(7200))
        return terms
    }

    private func turns(_ test: TestStore) async throws -> [FaxID] {
        while try await test.store.promote() {}
        return try await test.store.queuedFaxes(limit: 100).map(\.id)
    }

    private func expectHeld(_ test: TestStore, _ ids: FaxID..., sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for id in ids {
            let fax = try await test.fax(id)
            #expect(fax.state == .held && fax.hold == .recipientBarred, sourceLocation: sourceLocation)
            #expect(fax.error == HoldReason.recipientBarred.sentence, sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: RecipientRecord.Status.allCases.filter(\.isRefused))
    func `what waits for a number is held in the moment in which a list refuses it`(status: RecipientRecord.Status) async throws {
        try await TestStore.with { test in
            let (first, second) = (try await test.queue(1, to: Self.number), try await test.queue(2, to: Self.number))
            let scheduled = try await test.queue(3, to: Self.number, terms: later(test))
            let (other, done) = (try await test.queue(4), try await test.queue(5, to: Self.number))
            try await test.force(done, into: .delivered)
            try await list(test, status, "15551230101")
            try await expectHeld(test, first, second, scheduled)
            #expect(try await test.fax(done).state == .delivered)
            #expect(try await turns(test) == [other])
            test.clock.advance(by: .seconds(86_400))
            #expect(try await turns(test).isEmpty)
            // It is told and recorded, with who changed the list and why the fax is held.
            let events = try await test.store.events(of: scheduled, limit: 100)
            #expect(events.last?.type == "fax.held" && events.last?.data.contains(#""hold":"recipient_barred""#) == true)
            let leaves = try await test.leaves(.faxStateChanged).filter { $0.contains(#""hold":"recipient_barred""#) }
            #expect(leaves.count == 3 && leaves.allSatisfy { $0.contains("person/jane") && $0.contains(#""to":"held""#) })
        }
    }

    private func expectNoCall(_ test: TestStore, _ id: FaxID) async throws {
        let image = try await test.document("sent\(id)", kind: .transmitted)
        #expect(try await test.store.intendAttempt(for: id, .init(backend: "line", reference: "r", image: image)) == nil)
        try await expectHeld(test, id)
        #expect(try await test.fax(id).attempts.isEmpty)
    }

    /// As after an update of the server, or where the change was cut before it was everywhere.
    @Test func `what was not held with the list is held before it is called`() async throws {
        try await TestStore.with { test in
            let id = try await test.queue(1, to: Self.number)
            try await test.execute(
                "CREATE TRIGGER no BEFORE UPDATE OF state ON faxes WHEN NEW.state = 'held' BEGIN SELECT RAISE(ABORT, 'no'); END")
            await #expect(throws: DatabaseError.self) { try await list(test, .denied) }
            #expect(try await test.store.recipient(Self.number)?.status == .denied)
            #expect(try await test.fax(id).state == .queued)
            try await test.execute("DROP TRIGGER no")
            try await expectNoCall(test, id)
        }
    }

    @Test func `however many wait, all are held, piece by piece`() async throws {
        try await TestStore.with { test in
            var ids: [FaxID] = []
            for number in 1...7 { ids.append(try await test.queue(number, to: number < 4 ? Self.number : "+1555123011\(number)")) }
            try await test.execute(
                "CREATE TRIGGER no BEFORE UPDATE OF state ON faxes WHEN NEW.state = 'held' BEGIN SELECT RAISE(ABORT, 'no'); END")
            await #expect(throws: DatabaseError.self) { try await list(test, .denied, "+1555", isPrefix: true) }
            try await test.execute("DROP TRIGGER no")
            try await test.store.holdBarred("+1555", isPrefix: true, by: .system, piece: 2)
            for id in ids { try await expectHeld(test, id) }
        }
    }

    @Test func `where only listed numbers are called, one that is taken off the list is not`() async throws {
        try await TestStore.with { test in
            for (number, isPrefix) in [(Self.number, false), ("+15551231", true)] {
                try await list(test, .allowed, number, isPrefix: isPrefix)
            }
            let (one, behind) = (try await test.queue(1, to: Self.number), try await test.queue(2, to: "+15551231101"))
            let stranger = try await test.queue(3, to: "+15551250101")
            let image = try await test.document("sent", kind: .transmitted)
            // From here on the other server is the one.
            let listed = try FaxStore(
                path: test.folder.path + "/faxlock.db", key: test.key, keyPath: "test.key", isListedOnly: true, clock: test.clock.function)
            defer { try? listed.close() }
            #expect(try await listed.removeRecipient(Self.number, isPrefix: false, by: .system))
            try await expectHeld(test, one)
            #expect(try await test.fax(behind).state == .queued)
            #expect(try await listed.removeRecipient("+15551231", isPrefix: true, by: .system))
            try await expectHeld(test, behind)
            // The policy was another when it was accepted.
            #expect(try await listed.intendAttempt(for: stranger, .init(backend: "line", reference: "r", image: image)) == nil)
            try await expectHeld(test, stranger)
        }
    }

    /// One damaged row must not keep the others from going.
    @Test func `a scheduled fax whose number cannot be read is held when it is due`() async throws {
        try await TestStore.with { test in
            try await list(test, .denied, "+1999", isPrefix: true)
            let damaged = try await test.queue(1, to: Self.number, terms: later(test))
            let other = try await test.queue(2)
            try await test.execute("UPDATE faxes SET sealed_number = x'00' WHERE id = '\(damaged)'")
            test.clock.advance(by: .seconds(7200))
            #expect(try await turns(test) == [other])
            #expect(try await test.store.faxes(in: .held, limit: 9) == [damaged])
        }
    }

    @Test func `a call that is under way goes on, and is not followed by another`() async throws {
        try await TestStore.with { test in
            let id = try await test.queue(1, to: Self.number)
            let attempt = try await test.dialAgain(id, image: "sent1")
            try await list(test, .doNotFax)
            #expect(try await test.fax(id).state == .sending)
            try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(0))
            let end = try await test.store.attemptEnded(
                id, attempt: attempt, report: .init(.failed(.busy), evidence: ""), decide: Self.again)
            #expect(end.state == .held)
            try await expectHeld(test, id)
            test.clock.advance(by: .seconds(600))
            #expect(try await turns(test).isEmpty)
            let image = try await test.document("sent2", kind: .transmitted)
            #expect(try await test.store.intendAttempt(for: id, .init(backend: "line", reference: "r", image: image)) == nil)
        }
    }

    @Test func `pages that were to be made anew are, after the next call that finds it out`() async throws {
        try await TestStore.with { test in
            let id = try await test.queue(1, to: Self.number)
            let incapable = FaxStore.CallReport(.failed(.incapable), evidence: "")
            let reduce: @Sendable (FaxStore.EndedCall) -> RetryDecision = {
                var progress = $0.fax.progress
                guard !progress.isReduced else { return RetryDecision(next: .noMore, progress: progress) }
                progress.isReduced = true
                return RetryDecision(next: .again, progress: progress, isReduced: true)
            }
            let first = try await test.dialAgain(id, image: "sent1")
            try await list(test, .denied)
            #expect(try await test.store.attemptEnded(id, attempt: first, report: incapable, decide: reduce).state == .held)
            try await list(test, .known)
            #expect(try await test.store.release(id, by: .system))
            let second = try await test.dialAgain(id, image: "sent2")
            #expect(try await test.store.attemptEnded(id, attempt: second, report: incapable, decide: reduce).state == .accepted)
            #expect(try await test.fax(id).resolution == .standard)
        }
    }

    @Test func `a call that got through is a delivery`() async throws {
        try await TestStore.with { test in
            let id = try await test.queue(1, pages: 1, to: Self.number)
            let attempt = try await test.dialAgain(id, image: "sent1")
            try await list(test, .retired)
            try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(0))
            let end = try await test.store.attemptEnded(id, attempt: attempt, report: .init(.delivered, evidence: ""), decide: Self.again)
            #expect(end.state == .delivered)
        }
    }

    @Test func `a fax is held whose pages are made after the list changed`() async throws {
        try await TestStore.with { test in
            let now = try await test.accept(1, to: Self.number)
            let later = try await test.accept(2, to: Self.number, terms: later(test))
            try await list(test, .changed)
            for (id, pages) in [(now, "pages1"), (later, "pages2")] {
                #expect(try await test.store.apply(.renderingStarted, to: id) == .rendering)
                try await test.store.rendered(id, image: try await test.document(pages, kind: .pages), pages: 2)
            }
            try await expectHeld(test, now, later)
            #expect(try await test.fax(now).pages == 2)
        }
    }

    @Test func `a prefix holds what begins with it, but for numbers and longer prefixes that are allowed`() async throws {
        try await TestStore.with { test in
            let (barred, vouched) = (try await test.queue(1, to: "+19005550101"), try await test.queue(2, to: "+19005550102"))
            let longer = try await test.queue(3, to: "+19005551103", terms: later(test))
            let outside = try await test.queue(4, to: "+19015550104")
            try await list(test, .allowed, "+19005550102")
            try await list(test, .allowed, "+19005551", isPrefix: true)
            try await list(test, .denied, "+1900", isPrefix: true)
            try await expectHeld(test, barred)
            #expect(try await test.fax(longer).state == .scheduled)
            #expect(Set(try await turns(test)) == [vouched, outside])
            // What was let through by an entry stops when that goes.
            #expect(try await test.store.removeRecipient("+19005550102", isPrefix: false, by: .system))
            try await expectHeld(test, vouched)
            #expect(try await test.store.removeRecipient("+19005551", isPrefix: true, by: .system))
            try await expectHeld(test, longer)
            #expect(try await turns(test) == [outside])
        }
    }

    @Test func `a released fax goes when no list refuses its number any more`() async throws {
        try await TestStore.with { test in
            let id = try await test.queue(1, to: Self.number)
            try await list(test, .denied)
            #expect(try await test.store.release(id, by: .system))
            try await expectHeld(test, id)
            try await list(test, .known)
            // The list does not send it: a person does.
            try await expectHeld(test, id)
            #expect(try await test.store.release(id, by: .system))
            #expect(try await test.fax(id).hold == nil)
            #expect(try await turns(test) == [id])
        }
    }

    @Test func `a lost outcome that is settled brings no fax to a barred number back`() async throws {
        try await TestStore.with { test in
            let ids = try await [1, 2, 3].asyncMap { try await test.queue($0) }
            for id in ids { _ = try await test.dialAgain(id, image: "sent-\(id)") }
            #expect(try await test.store.cancel(ids[1], by: .system) == .ending)
            for number in 1...3 { try await list(test, .denied, TestStore.destination(number)) }
            #expect(try await test.store.recoverAfterStop() == 3)
            // As after a backup from before it had its pages.
            try await test.execute("UPDATE faxes SET image = NULL WHERE id = ?", [ids[2].text])
            for id in ids {
                #expect(try await test.store.reconcile(id, as: .notDelivered, evidence: "record", by: .system, confirmedPages: 1))
            }
            try await expectHeld(test, ids[0])
            #expect(try await test.fax(ids[1]).state == .cancelled)
            #expect(try await test.fax(ids[2]).state == .accepted)
            #expect(try await turns(test).isEmpty)
        }
    }

    @Test func `what a change of the lists asks is read from indexes alone`() async throws {
        try await TestStore.with { test in
            func plan(_ sql: String, _ arguments: StatementArguments = []) async throws -> [String] {
                try await test.store.pool.read { database in
                    try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] as String }
                }
            }
            let waiting = try await plan(FaxStore.waitingToNumber, ["number": Data()])
            #expect(waiting.count { $0.hasPrefix("SEARCH faxes USING") && $0.hasSuffix("(number_index=?)") } == 2)
            let numbers = try await plan(FaxStore.waitingNumbers)
            #expect(numbers.contains("SCAN faxes USING INDEX faxes_in_lane"))
            #expect(numbers.contains("SCAN faxes USING INDEX faxes_scheduled_to"))
            #expect(!numbers.contains { $0.contains("TEMP B-TREE") })
            #expect(try await plan(FaxStore.hasBarredPrefix) == ["SCAN recipients USING INDEX recipients_prefixes"])
        }
    }
}

extension Array {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
