import FaxModel
import Foundation
import GRDB
import Ledger
import Testing

@testable import Store

/// The numbers that faxes go to: lists, directory, and what was delivered before.
@Suite struct RecipientTests {
    private static func change(_ number: String, _ status: RecipientRecord.Status? = nil, isPrefix: Bool = false) -> RecipientChange {
        RecipientChange(number: number, isPrefix: isPrefix, status: status)
    }

    private func facts(_ test: TestStore, _ number: String, from mailbox: String = Mailbox.main) async throws -> RecipientFacts {
        try await test.store.facts(ofRecipient: number, from: mailbox, withNeighbours: true)
    }

    private func deliver(_ test: TestStore, _ numbers: ClosedRange<Int>, to dialled: String) async throws {
        for number in numbers { try await test.force(try await test.accept(number, to: dialled), into: .delivered) }
    }

    @Test func `an entry keeps what a change does not name, and loses what it empties`() async throws {
        try await TestStore.with { test in
            var change = Self.change("+15551230100")
            (change.name, change.expectedStation, change.reason) = ("Quincy Clinic", "+1 555 123 0100", "by letter")
            let made = try await test.store.change(change, by: .system)
            #expect(made.status == .known && made.since == test.clock.now && made.name == "Quincy Clinic")
            let begun = test.clock.now
            test.clock.advance(by: .seconds(60))
            // With or without +: it is one number.
            var second = Self.change("15551230100", .denied)
            second.reason = ""
            let denied = try await test.store.change(second, by: .system)
            #expect(denied.status == .denied && denied.since == test.clock.now && denied.createdAt == begun)
            #expect(denied.name == "Quincy Clinic" && denied.expectedStation == "+1 555 123 0100" && denied.reason == nil)
            #expect(try await test.store.recipients() == [denied])
            #expect(try await test.store.recipient("+15551230100") == denied)
            #expect(try await test.store.recipients(.allowed).isEmpty)
            #expect(!"\(denied)".contains("555"))
            // The day of a status stays with it, and one that is named counts.
            test.clock.advance(by: .seconds(60))
            #expect(try await test.store.change(Self.change("+15551230100"), by: .system).since == denied.since)
            var third = Self.change("+15551230100", .doNotFax)
            third.since = Timestamp(milliseconds: 1)
            #expect(try await test.store.change(third, by: .system).since == Timestamp(milliseconds: 1))
        }
    }

    @Test func `each change is in the ledger under the pseudonym of the number`() async throws {
        try await TestStore.with { test in
            let pseudonym = try test.store.pseudonym(number: "15551230100")
            _ = try await test.store.change(Self.change("+15551230100", .doNotFax), by: .system)
            _ = try await test.store.confirmRecipient("+15551230100", by: .system)
            #expect(try await test.store.removeRecipient("15551230100", isPrefix: false, by: .system))
            #expect(try await test.store.removeRecipient("15551230100", isPrefix: false, by: .system) == false)
            let leaves = try await test.leaves(.recipientChanged)
            #expect(leaves.count == 3 && leaves.allSatisfy { $0.contains(#""number/\#(pseudonym)""#) && !$0.contains("5551230100") })
            for (leaf, word) in zip(leaves, ["do_not_fax", "confirmed", "removed"]) { #expect(leaf.contains(#""change":"\#(word)""#)) }
        }
    }

    @Test func `a confirmation makes an entry, and takes no refusal away`() async throws {
        try await TestStore.with { test in
            let entry = try await test.store.confirmRecipient("+15551230100", by: .system)
            #expect(entry.status == .known && entry.confirmedAt == test.clock.now && entry.confirmedBy != nil)
            _ = try await test.store.change(Self.change("+15551230102", .denied), by: .system)
            let denied = try await test.store.confirmRecipient("+15551230102", by: .system)
            #expect(denied.status == .denied && denied.status.isRefused && denied.confirmedAt != nil)
            // What changes later leaves it.
            #expect(try await test.store.change(Self.change("+15551230100", .allowed), by: .system).confirmedAt == test.clock.now)
        }
    }

    @Test func `the longest prefix is found, and a number is no prefix`() async throws {
        try await TestStore.with { test in
            for (prefix, status) in [("+1", .allowed), ("+1555", .denied), ("+44", .denied)] as [(String, RecipientRecord.Status)] {
                _ = try await test.store.change(Self.change(prefix, status, isPrefix: true), by: .system)
            }
            _ = try await test.store.change(Self.change("+15551230100", .known), by: .system)
            #expect(try await facts(test, "+15551230100").prefix?.number == "+1555")
            #expect(try await facts(test, "15551230100").prefix?.status == .denied)
            #expect(try await facts(test, "+12125550123").prefix?.number == "+1")
            #expect(try await facts(test, "+492125550123").prefix == nil)
            #expect(try await facts(test, "+155512301001").entry == nil)
            #expect(try await test.store.recipient("+1555") == nil)
            #expect(try await test.store.removeRecipient("+1555", isPrefix: false, by: .system) == false)
            #expect(try await test.store.removeRecipient("+1555", isPrefix: true, by: .system))
            #expect(try await facts(test, "+15551230100").prefix?.number == "+1")
        }
    }

    @Test func `a number was reached when a fax from the mailbox was delivered there`() async throws {
        try await TestStore.with { test in
            let id = try await test.accept(1, to: "+15551230100")
            for state in [FaxState.queued, .sending, .failed, .unknown] {
                try await test.force(id, into: state)
                #expect(try await facts(test, "+15551230100").wasReached == false, "\(state)")
            }
            try await test.force(id, into: .delivered)
            #expect(try await facts(test, "15551230100").wasReached)
            #expect(try await facts(test, "+15551230100", from: "ward").wasReached == false)
            #expect(try await facts(test, "+15551230102").wasReached == false)
        }
    }

    @Test func `a slip for a number in use is noticed`() async throws {
        try await TestStore.with { test in
            try await deliver(test, 1...2, to: "+15551230142")
            #expect(try await facts(test, "+15551230143").isOneDigitOff == false)
            try await deliver(test, 3...3, to: "+15551230142")
            for slip in ["+15551230143", "+15551230124", "+15551230412", "+15551231042", "+25551230142", "15551230742"] {
                #expect(try await facts(test, slip).isOneDigitOff, "\(slip)")
            }
            for other in ["+15551230142", "+15551230153", "+1555123014", "+155512301422", "+15551231024"] {
                #expect(try await facts(test, other).isOneDigitOff == false, "\(other)")
            }
            let without = try await test.store.facts(ofRecipient: "+15551230143", from: Mailbox.main, withNeighbours: false)
            #expect(!without.isOneDigitOff)
            // One that is known itself is no slip.
            _ = try await test.store.confirmRecipient("+15551230143", by: .system)
            #expect(try await facts(test, "+15551230143").isOneDigitOff == false)
            try await deliver(test, 4...4, to: "+15551230140")
            #expect(try await facts(test, "+15551230140").isOneDigitOff == false)
        }
    }

    @Test func `the directory has numbers in use before any fax`() async throws {
        try await TestStore.with { test in
            _ = try await test.store.change(Self.change("+15551230142", .denied), by: .system)
            #expect(try await facts(test, "+15551230143").isOneDigitOff == false)
            _ = try await test.store.change(Self.change("+15551230142", .allowed), by: .system)
            #expect(try await facts(test, "+15551230143").isOneDigitOff)
        }
    }

    @Test func `neighbours are all slips of one digit, each once`() {
        let neighbours = NumberNeighbours.of("+15551230100")
        // Nine other digits in each of eleven places, and seven pairs that differ.
        #expect(neighbours.count == 11 * 9 + 7 && Set(neighbours).count == neighbours.count)
        #expect(!neighbours.contains("15551230100") && neighbours.contains("15551231000") && neighbours.contains("15551230109"))
        for other in ["", "+", "12345", "abcdefgh", "555-123-0100", String(repeating: "1", count: 21)] {
            #expect(NumberNeighbours.of(other).isEmpty)
        }
        #expect(NumberNeighbours.of("12121212121212121212").count == 199)
    }

    @Test func `faxes of a key are counted from a moment on`() async throws {
        try await TestStore.with { test in
            // Ids are of 1,795,000,000,000 ms and their number.
            for number in 1...5 { try await test.accept(number) }
            try await test.accept(6, owner: "another")
            func count(since milliseconds: Int64, limit: Int = 100) async throws -> Int {
                try await test.store.faxesAccepted(from: "key_1", since: Timestamp(milliseconds: milliseconds), limit: limit)
            }
            #expect(try await count(since: 1_795_000_000_000) == 5)
            #expect(try await count(since: 1_795_000_000_003) == 3)
            #expect(try await count(since: 1_795_000_000_006) == 0)
            #expect(try await count(since: 0, limit: 2) == 2)
            #expect(try await count(since: -5) == 5)
        }
    }

    @Test func `what a sender waits for is read from indexes alone`() async throws {
        try await TestStore.with { test in
            let plans = try await test.store.pool.read { database in
                let queries: [(String, StatementArguments)] = [
                    (FaxStore.isReached, ["", ""]), (FaxStore.timesReached, ["", 3]), (FaxStore.acceptedSince, ["", "", 3]),
                ]
                return try queries.flatMap { sql, arguments in
                    try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] as String }
                }
            }
            #expect(
                plans.filter { $0.contains("faxes") } == [
                    "SEARCH faxes USING INDEX faxes_delivered (number_index=? AND mailbox=?)",
                    "SEARCH faxes USING INDEX faxes_delivered (number_index=?)",
                    "SEARCH faxes USING COVERING INDEX faxes_by_owner (owner=? AND id>?)",
                ])
        }
    }

    @Test func `neither number nor name is on disk in the clear`() async throws {
        try await TestStore.with { test in
            var change = Self.change("+15551230142", .changed)
            (change.name, change.newNumber, change.reason) = ("Quincy Marrow", "+15551230143", "Ultramarine")
            _ = try await test.store.change(change, by: .system)
            _ = try await test.store.change(Self.change("+1555777", .denied, isPrefix: true), by: .system)
            let files = try test.folder.files()
            for secret in ["5551230142", "5551230143", "Quincy", "Ultramarine", "1555777"] {
                #expect(files.values.allSatisfy { $0.range(of: Data(secret.utf8)) == nil }, "\(secret)")
            }
            let entry = try #require(try await test.store.recipient("+15551230142"))
            #expect(entry.name == "Quincy Marrow" && entry.newNumber == "+15551230143" && entry.reason == "Ultramarine")
        }
    }

    @Test func `a key that was revoked meanwhile changes nothing`() async throws {
        try await TestStore.with { test async throws in
            let gone = Initiator(.key, id: "gone", client: "api")
            await #expect(throws: StoreFailure.self) { try await test.store.change(Self.change("+15551230100", .allowed), by: gone) }
            await #expect(throws: StoreFailure.self) { try await test.store.confirmRecipient("+15551230100", by: gone) }
            await #expect(throws: StoreFailure.self) {
                try await test.store.removeRecipient("+15551230100", isPrefix: false, by: gone)
            }
            #expect(try await test.store.recipients().isEmpty)
        }
    }
}
