import FaxModel
import Foundation
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

/// The ledger in the database: one transaction with what it records, and a start that sees whether something is missing.
@Suite struct LedgerBookTests {
    private struct Event: Decodable {
        let seq: Int64
        let action: String
        let object: String
        let outcome: String
    }

    private func events(_ test: TestStore, of object: String? = nil) async throws -> [Event] {
        try await test.store.ledgerEntries(from: 0, limit: 10_000)
            .map { try JSONDecoder().decode(Event.self, from: Data($0.leaf)) }
            .filter { object == nil || $0.object == object }
    }

    /// The root over the leaves as they are in the table.
    private func recomputed(_ test: TestStore) async throws -> Frontier {
        var frontier = Frontier()
        for entry in try await test.store.ledgerEntries(from: 0, limit: 1_000_000) { frontier.append(MerkleHash(leaf: entry.leaf)) }
        return frontier
    }

    @Test func `the way of a fax is in the ledger, step by step`() async throws {
        try await TestStore.with { test in
            let (id, attempt) = try await test.dial(1, pages: 1)
            try await test.store.attemptStarted(id, attempt: attempt)
            try await test.store.pageConfirmed(id, attempt: attempt, page: test.page(0))
            try await test.store.attemptEnded(id, attempt: attempt, report: .init(.delivered, evidence: "SIP 200")) {
                RetryDecision(next: .noMore, progress: $0.fax.progress)
            }
            #expect(
                try await events(test, of: "fax/\(id)").map(\.action) == [
                    "fax.accepted", "fax.state_changed", "fax.state_changed", "fax.rendered", "fax.state_changed", "attempt.intended",
                    "attempt.started", "attempt.ended", "fax.state_changed",
                ])
            #expect(try await events(test).map(\.seq) == Array(0..<Int64(test.store.ledger.size)))
        }
    }

    @Test func `it begins with its key, and its frontier is the tree of its leaves`() async throws {
        try await TestStore.with { test in
            for number in 1...20 { try await test.accept(number) }
            #expect(try await events(test).first?.action == "ledger.begun")
            #expect(test.store.ledger.state.frontier == (try await recomputed(test)))
        }
    }

    @Test func `what fails leaves no event, and what shares its transaction keeps its own`() async throws {
        try await TestStore.with { test in
            let first = try await test.accept(1)
            let before = test.store.ledger.size
            let document = try await test.document("upload1")
            // The same fax again: a constraint refuses it, after the ledger was written for others of the group.
            let again = try test.record(1, document: document)
            let failing = Task.immediate { try await test.store.accept(again, document: document, by: .system) }
            let other = Task.immediate { try await test.store.apply(.renderingStarted, to: first) }
            await #expect(throws: DatabaseError.self) { try await failing.value }
            #expect(try await other.value == .rendering)
            #expect(test.store.ledger.size == before + 1)
            #expect(test.store.ledger.state.frontier == (try await recomputed(test)))
        }
    }

    /// 45 CFR 164.312(b): what cannot be recorded does not happen.
    @Test func `without the ledger nothing is accepted`() async throws {
        try await TestStore.with { test in
            let stored = try await test.fax(try await test.accept(1)).document
            let document = try await test.document("upload2")
            try await test.store.pool.write { try $0.execute(sql: "ALTER TABLE ledger RENAME TO away") }
            await #expect(throws: LedgerBook.Unavailable.self) {
                try await test.store.accept(try test.record(2, document: document), document: document, by: .system)
            }
            await #expect(throws: LedgerBook.Unavailable.self) {
                try await test.store.recordRelease(of: stored, object: "fax/x", as: "pdf", by: .system)
            }
            try await test.store.pool.write { try $0.execute(sql: "ALTER TABLE away RENAME TO ledger") }
            #expect(try await test.count(of: "faxes") == 1)
            try await test.accept(2)
            #expect(test.store.ledger.state.frontier == (try await recomputed(test)))
        }
    }

    @Test func `each 256 events have a checkpoint that the ledger's key signed`() async throws {
        try await TestStore.with { test in
            while test.store.ledger.size < 600 {
                try await test.store.record(LedgerEvent(.settingChanged, object: "setting/X", by: .system))
            }
            let notes = try await test.store.ledgerNotes(after: 0, limit: 100)
            #expect(notes.map(\.size) == [256, 512])
            let leaves = try await test.store.ledgerEntries(from: 0, limit: 1000)
            for stored in notes {
                let note = try #require(SignedNote(Array(stored.note.utf8)))
                #expect(note.isSigned(by: test.store.ledger.key.verifier))
                let checkpoint = try #require(Checkpoint(text: note.text))
                var frontier = Frontier()
                for entry in leaves.prefix(Int(stored.size)) { frontier.append(MerkleHash(leaf: entry.leaf)) }
                #expect(checkpoint.size == stored.size && checkpoint.root == frontier.root)
            }
        }
    }

    @Test func `a checkpoint is made for what is new, and hourly for what is not`() async throws {
        try await TestStore.with { test in
            try await test.store.checkpointLedger(olderThan: .seconds(3600))
            try await test.store.checkpointLedger(olderThan: .seconds(3600))
            #expect(try await test.store.ledgerNotes(after: 0, limit: 10).count == 1)
            test.clock.advance(by: .seconds(3600))
            try await test.store.checkpointLedger(olderThan: .seconds(3600))
            #expect(try await test.store.ledgerNotes(after: 0, limit: 10).count == 2)
            try await test.accept(1)
            try await test.store.checkpointLedger(olderThan: .seconds(3600))
            #expect(try await test.store.ledgerNotes(after: 0, limit: 10).map(\.size) == [1, 1, 2])
        }
    }

    @Test func `the next start goes on where the last ended`() async throws {
        try await TestStore.with { test in
            for number in 1...300 { try await test.accept(number) }
            try test.store.close()
            let next = try await test.restarted()
            defer { try? next.store.close() }
            #expect(next.store.ledger.state.frontier == (try await recomputed(next)))
            #expect(next.store.ledger.key.verifier == test.store.ledger.key.verifier)
            try await next.accept(301)
            #expect(next.store.ledger.state.frontier == (try await recomputed(next)))
        }
    }

    // MARK: Rollback

    private func shorten(_ test: TestStore, to size: Int) async throws {
        try await test.store.pool.write { try $0.execute(sql: "DELETE FROM ledger WHERE seq >= ?", arguments: [size]) }
    }

    private func reopen(_ test: TestStore, _ options: LedgerOptions = LedgerOptions()) throws -> FaxStore {
        try FaxStore(
            path: test.folder.path + "/faxlock.db", key: test.key, keyPath: "test.key", ledger: options, clock: test.clock.function)
    }

    @Test func `a ledger that is shorter than its checkpoint keeps the server from starting`() async throws {
        try await TestStore.with { test in
            for number in 1...5 { try await test.accept(number) }
            try await test.store.checkpointLedger(olderThan: .seconds(60))
            try await shorten(test, to: 4)
            #expect(throws: LedgerRefusal.rolledBack(size: 4, expected: 6)) { try reopen(test) }
        }
    }

    @Test func `a ledger that is shorter than its anchor keeps the server from starting`() async throws {
        try await TestStore.with { test in
            for number in 1...5 { try await test.accept(number) }
            #expect(throws: LedgerRefusal.rolledBack(size: 6, expected: 7)) { try reopen(test, LedgerOptions(anchor: .size(7))) }
            try reopen(test, LedgerOptions(anchor: .size(6))).close()
        }
    }

    @Test func `an accepted rollback is on the record`() async throws {
        try await TestStore.with { test in
            for number in 1...5 { try await test.accept(number) }
            try await test.store.checkpointLedger(olderThan: .seconds(60))
            try await shorten(test, to: 4)
            let store = try reopen(test, LedgerOptions(acceptedRollback: "INC-7"))
            let last = try #require(try await store.ledgerEntries(from: 4, limit: 10).first)
            let text = String(decoding: last.leaf, as: UTF8.self)
            #expect(text.contains(#""action":"ledger.rollback_accepted""#))
            #expect(text.contains(#""details":{"expected":6,"reference":"INC-7"}"#))
            #expect(store.ledger.size == 5)
            try store.close()
            // Once accepted, the next start does not ask again.
            let next = try reopen(test)
            #expect(next.ledger.state.frontier == store.ledger.state.frontier)
            try next.close()
        }
    }

    @Test(arguments: [
        "UPDATE ledger_checkpoints SET note = replace(note, 'time', 'tome')",
        "UPDATE ledger_checkpoints SET frontier = zeroblob(length(frontier))",
        "UPDATE ledger_checkpoints SET size = size - 1",
        "DELETE FROM ledger WHERE seq = 7",
    ])
    func `what contradicts the checkpoint keeps the server from starting`(tampering: String) async throws {
        try await TestStore.with { test in
            for number in 1...5 { try await test.accept(number) }
            try await test.store.checkpointLedger(olderThan: .seconds(60))
            for number in 6...8 { try await test.accept(number) }
            try await test.store.pool.write { try $0.execute(sql: tampering) }
            let refusal = #expect(throws: LedgerRefusal.self) { try reopen(test) }
            #expect(refusal.map { "\($0)".contains("is damaged") } == true)
        }
    }

    /// An older copy does not know what was sent after it was made.
    @Test func `what waits in a ledger that was rolled back is not dialled`() async throws {
        try await TestStore.with { test in
            let waiting = try await test.accept(1)
            let queued = try await test.queue(2)
            let delivered = try await test.accept(3)
            try await test.force(delivered, into: .delivered)
            let anchored = test.store.ledger.size + 10
            // The start that accepts is cut before it recovers; the next one has not forgotten.
            try reopen(test, LedgerOptions(anchor: .size(anchored), acceptedRollback: "INC-7")).close()
            let store = try reopen(test, LedgerOptions(anchor: .size(anchored)))
            #expect(try await store.recoverAfterStop() == 2)
            #expect(try await store.fax(waiting)?.state == .unknown)
            #expect(try await store.fax(queued)?.state == .unknown)
            #expect(try await store.fax(delivered)?.state == .delivered)
            #expect(try await store.recoverAfterStop() == 0)
            try store.close()
            // Another line of the anchor is another rollback.
            #expect(throws: LedgerRefusal.self) { try reopen(test, LedgerOptions(anchor: .size(anchored + 1))) }
        }
    }

    @Test func `an anchor that was written to must be there`() async throws {
        try await TestStore.with { test in
            try reopen(test, LedgerOptions(anchor: .missing)).close()
            let store = try reopen(test)
            try await store.advance(sink: "anchor", event: -1, checkpoint: 1)
            try store.close()
            #expect(throws: LedgerRefusal.anchorMissing) { try reopen(test, LedgerOptions(anchor: .missing)) }
            try reopen(test, LedgerOptions(anchor: .missing, acceptedRollback: "INC-7")).close()
        }
    }

    @Test func `after a rollback in the database the sinks get what takes the lost events' place`() async throws {
        try await TestStore.with { test in
            for number in 1...5 { try await test.accept(number) }
            try await test.store.checkpointLedger(olderThan: .seconds(60))
            try await test.store.advance(sink: "file", event: 5, checkpoint: 6)
            try await shorten(test, to: 4)
            let store = try reopen(test, LedgerOptions(acceptedRollback: "INC-7"))
            defer { try? store.close() }
            let position = try await store.position(ofSink: "file")
            #expect(position.event == 3 && position.checkpoint == 4)
            #expect(try await store.ledgerNotes(largerThan: 4, limit: 10).map(\.size) == [5])
            #expect(try await store.latestLedgerNote()?.size == 5)
        }
    }

    // MARK: No PHI

    @Test func `no number and no name is in a leaf, and who knows one finds its events`() async throws {
        try await TestStore.with { test in
            let id = try await test.accept(1, to: "+15551230147")
            let key = APIKeyRecord(
                id: "k1", secretHash: Array(repeating: 1, count: 32), scopes: [.faxSend], name: "Front desk", owner: "Quincy Marrow",
                note: "second floor", createdAt: test.clock.now)
            try await test.store.save(key, by: .system)
            for entry in try await test.store.ledgerEntries(from: 0, limit: 100) {
                let text = String(decoding: entry.leaf, as: UTF8.self)
                for secret in ["5551230147", "Front", "Quincy", "Marrow", "second floor"] { #expect(!text.contains(secret)) }
            }
            var query = FaxStore.LedgerQuery()
            query.detail = try test.store.pseudonym(number: "15551230147")
            let found = try await test.store.ledgerEntries(matching: query, limit: 10)
            #expect(found.count == 1)
            #expect(found.first.map { String(decoding: $0.leaf, as: UTF8.self).contains("fax/\(id)") } == true)
        }
    }
}
