import FaxModel
import GRDB
import Ledger
import Store
import Testing

@testable import FaxDispatch

/// Whether a fax may go to a number (45 CFR 164.530(c)).
@Suite struct RecipientRulesTests {
    /// A number in use, of the numbering plan; nobody is called.
    private static let used = "+12125550123"

    private static func policy(_ change: (inout RecipientPolicy) -> Void = { _ in }) -> RecipientPolicy {
        var policy = RecipientPolicy()
        policy.defaultRegion = "US"
        change(&policy)
        return policy
    }

    private static func rules(
        _ house: TestHouse, station: String? = nil, zone: String = "UTC", _ policy: RecipientPolicy = policy()
    ) -> RecipientRules {
        RecipientRules(store: house.store, policy: policy, stationID: station, timeZone: zone, clock: house.clock.function)
    }

    private static func check(
        _ rules: RecipientRules, _ text: String, mailbox: String = Mailbox.main, isConfirmed: Bool = false, ahead: Int = 0
    ) async throws -> RecipientVerdict {
        try await rules.check(text, owner: "key_1", mailbox: mailbox, isConfirmed: isConfirmed, ahead: ahead)
    }

    private static func code(_ verdict: RecipientVerdict) -> String {
        switch verdict {
        case .send: "send"
        case .hold(_, let reason, _): reason.rawValue
        case .refuse(let refusal): refusal.code
        }
    }

    private static func list(
        _ house: TestHouse, _ number: String, _ status: RecipientRecord.Status, isPrefix: Bool = false, new: String? = nil,
        station: String? = nil
    ) async throws {
        var change = RecipientChange(number: number, isPrefix: isPrefix, status: status)
        change.newNumber = new
        change.expectedStation = station
        _ = try await house.store.change(change, by: .system)
    }

    /// Faxes of `key_1` that were delivered to +1 555 123 010x.
    private static func deliver(_ house: TestHouse, _ numbers: ClosedRange<Int>) async throws {
        for number in numbers {
            let id = try await house.accept(number * 10, document: Array("invented".utf8))
            let database = try DatabaseQueue(path: house.path + "/faxlock.db")
            try await database.write { try $0.execute(sql: "UPDATE faxes SET state = 'delivered' WHERE id = ?", arguments: [id.text]) }
            try database.close()
        }
    }

    // MARK: Numbers

    @Test func `a number is dialled with the country code that its region has`() async throws {
        try await TestHouse.with { house async throws in
            let rules = Self.rules(house)
            for text in ["(212) 555-0123", "12125550123", "+1 212 555 0123"] {
                #expect(
                    try await Self.check(rules, text)
                        == .send(try #require(PhoneNumber(Self.used)), warnings: [], expectedStation: nil), "\(text)")
            }
            // Nobody has it, and it may be newer than what is known.
            #expect(
                try await Self.check(rules, "5551230100")
                    == .send(try #require(PhoneNumber("+15551230100")), warnings: [.notInUse], expectedStation: nil))
            #expect(try rules.number("555-123-0100").dialString == "+15551230100")
            #expect(throws: RecipientRefusal.self) { try rules.number("5551") }
        }
    }

    @Test func `without a default region digits are dialled as they are, and no country is invented`() async throws {
        try await TestHouse.with { house async throws in
            var policy = RecipientPolicy()
            let rules = Self.rules(house, policy)
            for text in ["5551234567", "005551234567", "123456"] {
                #expect(
                    try await Self.check(rules, text)
                        == .send(try #require(PhoneNumber(text)), warnings: [], expectedStation: nil), "\(text)")
            }
            #expect(try rules.number("+1 (555) 123-0100").dialString == "+15551230100")
            // Nothing says what is abroad.
            #expect(Self.code(try await Self.check(rules, "+442079460018")) == "send")
            // What can be no number at all is refused.
            for text in ["", "12345", "(555) 123-0100", "+1555123", "+999123456789", "nonsense", "5551230100x12"] {
                #expect(Self.code(try await Self.check(rules, text)) == "bad_number", "\(text)")
            }
            #expect(Self.code(try await Self.check(rules, "+15551230100x12")) == "number_has_extension")
            policy.defaultRegion = "US"
            #expect(Self.code(try await Self.check(Self.rules(house, policy), "5551230100x12")) == "number_has_extension")
        }
    }

    // MARK: Lists

    @Test func `lists refuse, the entry of a number goes before one of a prefix`() async throws {
        try await TestHouse.with { house async throws in
            let rules = Self.rules(house)
            for (status, code) in [(.denied, "recipient_denied"), (.doNotFax, "do_not_fax"), (.retired, "number_retired")]
                as [(RecipientRecord.Status, String)]
            {
                try await Self.list(house, Self.used, status)
                // A person who says that the number is right changes nothing.
                for isConfirmed in [false, true] {
                    #expect(Self.code(try await Self.check(rules, "2125550123", isConfirmed: isConfirmed)) == code)
                }
            }
            try await Self.list(house, Self.used, .changed)
            #expect(try await Self.check(rules, Self.used) == .refuse(.changed(nil)))
            try await Self.list(house, Self.used, .changed, new: "+12125550124")
            #expect(try await Self.check(rules, Self.used) == .refuse(.changed(PhoneNumber("+12125550124"))))
            try await Self.list(house, Self.used, .known, station: "+1 212 555 0123")
            #expect(
                try await Self.check(rules, Self.used)
                    == .send(try #require(PhoneNumber(Self.used)), warnings: [], expectedStation: "+1 212 555 0123"))
            try await Self.list(house, "+1212", .denied, isPrefix: true)
            #expect(Self.code(try await Self.check(rules, Self.used)) == "recipient_denied")
            #expect(Self.code(try await Self.check(rules, "+13125550123")) == "send")
            try await Self.list(house, Self.used, .allowed)
            #expect(Self.code(try await Self.check(rules, Self.used)) == "send")
        }
    }

    @Test func `with listed recipients only those go that are allowed`() async throws {
        try await TestHouse.with { house async throws in
            let rules = Self.rules(house, Self.policy { $0.recipients = .listed })
            #expect(Self.code(try await Self.check(rules, Self.used, isConfirmed: true)) == "recipient_not_listed")
            try await Self.list(house, Self.used, .known)
            #expect(Self.code(try await Self.check(rules, Self.used)) == "recipient_not_listed")
            _ = try await house.store.confirmRecipient(Self.used, by: .system)
            #expect(Self.code(try await Self.check(rules, Self.used)) == "recipient_not_listed")
            try await Self.list(house, Self.used, .allowed)
            #expect(Self.code(try await Self.check(rules, Self.used)) == "send")
            #expect(Self.code(try await Self.check(rules, "+13125550123")) == "recipient_not_listed")
            try await Self.list(house, "+1312", .allowed, isPrefix: true)
            #expect(Self.code(try await Self.check(rules, "+13125550123")) == "send")
        }
    }

    @Test func `numbers abroad and numbers that cost extra`() async throws {
        try await TestHouse.with { house async throws in
            let (abroad, jamaica) = ("+442079460018", "+18765550123")
            let off = Self.rules(house)
            for number in [abroad, jamaica, "011442079460018"] {
                #expect(Self.code(try await Self.check(off, number, isConfirmed: true)) == "international_off", "\(number)")
            }
            #expect(Self.code(try await Self.check(Self.rules(house, Self.policy { $0.international = .on }), abroad)) == "send")
            let listed = Self.rules(house, Self.policy { $0.international = .allowlist })
            #expect(Self.code(try await Self.check(listed, abroad)) == "international_off")
            try await Self.list(house, "+44", .allowed, isPrefix: true)
            #expect(Self.code(try await Self.check(listed, abroad)) == "send")
            #expect(Self.code(try await Self.check(off, abroad)) == "international_off")
            #expect(Self.code(try await Self.check(listed, jamaica)) == "international_off")
            // The own number says where home is, too.
            let station = Self.rules(house, station: "+1 555 123 0199", RecipientPolicy())
            #expect(Self.code(try await Self.check(station, jamaica)) == "international_off")
            #expect(Self.code(try await Self.check(station, "+15551230100")) == "send")
            #expect(Self.code(try await Self.check(station, "442079460018")) == "send")

            #expect(Self.code(try await Self.check(off, "+19002345678", isConfirmed: true)) == "premium_rate")
            try await Self.list(house, "+1900", .allowed, isPrefix: true)
            #expect(Self.code(try await Self.check(off, "+19002345678")) == "premium_rate")
            try await Self.list(house, "+19002345678", .allowed)
            #expect(Self.code(try await Self.check(off, "+19002345678")) == "send")
        }
    }

    // MARK: New numbers

    @Test func `the first fax to a number waits for a person, where the policy says so`() async throws {
        try await TestHouse.with { house async throws in
            let number = "+15551230100"
            func verdict(_ policy: RecipientPolicy.FirstUse, mailbox: String = Mailbox.main, isConfirmed: Bool = false) async throws
                -> RecipientVerdict
            {
                let rules = Self.rules(
                    house,
                    Self.policy {
                        $0.firstUse = policy
                        $0.oneDigitOff = .allow
                    })
                return try await Self.check(rules, number, mailbox: mailbox, isConfirmed: isConfirmed)
            }
            let dialled = try #require(PhoneNumber(number))
            #expect(try await verdict(.allow) == .send(dialled, warnings: [.notInUse], expectedStation: nil))
            #expect(try await verdict(.warn) == .send(dialled, warnings: [.notInUse, .firstUse], expectedStation: nil))
            #expect(try await verdict(.confirm) == .hold(dialled, .firstUse, expectedStation: nil))
            #expect(try await verdict(.confirm, isConfirmed: true) == .send(dialled, warnings: [], expectedStation: nil))
            // What was delivered there from the mailbox makes it known there, and there only.
            try await Self.deliver(house, 1...1)
            #expect(try await verdict(.confirm) == .send(dialled, warnings: [], expectedStation: nil))
            #expect(try await verdict(.confirm, mailbox: "ward") == .hold(dialled, .firstUse, expectedStation: nil))
            _ = try await house.store.confirmRecipient(number, by: .system)
            #expect(try await verdict(.confirm, mailbox: "ward") == .send(dialled, warnings: [], expectedStation: nil))
        }
    }

    @Test func `a slip for a number in use is held or warned of`() async throws {
        try await TestHouse.with { house async throws in
            try await Self.deliver(house, 1...3)
            let (slip, dialled) = ("+15551230101", try #require(PhoneNumber("+15551230101")))
            func verdict(_ policy: RecipientPolicy.OneDigitOff, _ first: RecipientPolicy.FirstUse = .allow, isConfirmed: Bool = false)
                async throws -> RecipientVerdict
            {
                let rules = Self.rules(
                    house,
                    Self.policy {
                        $0.oneDigitOff = policy
                        $0.firstUse = first
                    })
                return try await Self.check(rules, slip, isConfirmed: isConfirmed)
            }
            #expect(try await verdict(.allow) == .send(dialled, warnings: [.notInUse], expectedStation: nil))
            #expect(try await verdict(.warn) == .send(dialled, warnings: [.notInUse, .oneDigitOff], expectedStation: nil))
            #expect(try await verdict(.hold) == .hold(dialled, .oneDigitOff, expectedStation: nil))
            // The reason that says more goes before the other.
            #expect(try await verdict(.hold, .confirm) == .hold(dialled, .oneDigitOff, expectedStation: nil))
            #expect(try await verdict(.warn, .confirm) == .hold(dialled, .firstUse, expectedStation: nil))
            #expect(try await verdict(.hold, isConfirmed: true) == .send(dialled, warnings: [], expectedStation: nil))
        }
    }

    // MARK: A day's faxes

    @Test func `a key sends its faxes of the day and no more`() async throws {
        try await TestHouse.with { house async throws in
            // Ids of the test's faxes are of 2026-11-18 11:06:40 UTC, and so is the clock.
            house.clock.advance(by: .milliseconds(1_795_000_000_000 - house.clock.now.milliseconds))
            func verdict(_ limit: Int, zone: String = "UTC", ahead: Int = 0) async throws -> RecipientVerdict {
                try await Self.check(Self.rules(house, zone: zone, Self.policy { $0.faxesPerDay = limit }), Self.used, ahead: ahead)
            }
            for number in 1...3 { _ = try await house.accept(number, document: Array("invented".utf8)) }
            #expect(Self.code(try await verdict(0)) == "send")
            #expect(Self.code(try await verdict(4)) == "send")
            // A batch counts before it is accepted.
            #expect(Self.code(try await verdict(4, ahead: 1)) == "daily_cap")
            #expect(Self.code(try await verdict(3)) == "daily_cap")
            guard case .refuse(let refusal) = try await verdict(3) else { return }
            #expect(refusal.status == 429)
            let now = house.clock.now.milliseconds
            let left = 86_400_000 - now % 86_400_000
            #expect(refusal.retryAfter == .milliseconds(left))
            // Chicago is six hours behind.
            guard case .refuse(let west) = try await verdict(3, zone: "America/Chicago") else { return }
            #expect(west.retryAfter == .milliseconds((left + 6 * 3_600_000) % 86_400_000))
            house.clock.advance(by: .milliseconds(left))
            #expect(Self.code(try await verdict(3)) == "send")
            #expect(Self.code(try await verdict(3, zone: "America/Chicago")) == "daily_cap")
        }
    }

    @Test func `refusals name neither number nor name, and each has its own code`() {
        let all: [RecipientRefusal] = [
            .badNumber("x"), .hasExtension, .international, .premiumRate, .denied, .doNotFax, .retired, .changed(nil),
            .changed(PhoneNumber("+15551230100")), .notListed, .dailyCap(5, next: .seconds(9)),
        ]
        #expect(Set(all.map(\.code)).count == all.count - 1)
        #expect(all.allSatisfy { !$0.sentence.contains("555") && [400, 403, 429].contains($0.status) })
    }
}
