import FaxModel
import Ledger
import Testing

@testable import Store

/// Own numbers: where they lead, and what becomes of those that are given up.
@Suite struct NumberTests {
    @Test func `a number that a mailbox gives up is retired, and kept with its date`() async throws {
        try await TestStore.with { test in
            let store = test.store
            try await store.save(Mailbox(id: "ward"), numbers: ["+15551230100", "+15551230102"], by: .system)
            let begun = test.clock.now
            test.clock.advance(by: .seconds(60))
            try await store.save(Mailbox(id: "ward"), numbers: ["15551230102"], by: .system)
            #expect(try await store.route(ofNumber: "15551230100") == .retired)
            #expect(try await store.route(ofNumber: "+15551230102") == .mailbox("ward"))
            #expect(try await store.route(ofNumber: "+15551230103") == .unknown)
            #expect(try await store.mailbox(ofNumber: "+15551230100") == "main")
            #expect(try await store.mailboxes().map(\.numbers) == [[], ["+15551230102"]])
            let numbers = try await store.numbers()
            #expect(Set(numbers.map(\.number)) == ["+15551230100", "+15551230102"] && numbers.allSatisfy { $0.mailbox == "ward" })
            let retired = try #require(numbers.first { $0.number == "+15551230100" })
            #expect(retired.assignedAt == begun && retired.retiredAt == test.clock.now)
        }
    }

    @Test func `a retired number comes back, for any mailbox`() async throws {
        try await TestStore.with { test in
            let store = test.store
            for id in ["ward", "lab"] { try await store.save(Mailbox(id: id), numbers: nil, by: .system) }
            #expect(try await store.assign("+15551230100", to: "ward", by: .system))
            await #expect(throws: NumberTaken.self) { try await store.assign("15551230100", to: "lab", by: .system) }
            #expect(try await store.assign("+15551230100", to: "attic", by: .system) == false)
            try await store.retire("15551230100", by: .system)
            #expect(try await store.assign("+15551230100", to: "lab", by: .system))
            #expect(try await store.route(ofNumber: "+15551230100") == .mailbox("lab"))
            #expect(try await store.numbers().map(\.retiredAt) == [nil])
            #expect(
                try await test.leaves(.numberChanged).map { leaf in
                    ["assigned", "retired", "forgotten"].first { leaf.contains(#""change":"\#($0)""#) }
                } == ["assigned", "retired", "assigned"])
        }
    }

    @Test func `retired twice is retired once, and only a retired number is forgotten`() async throws {
        try await TestStore.with { test in
            let store = test.store
            // The list of an earlier system.
            try await store.retire("+15551230100", by: .system)
            let since = test.clock.now
            test.clock.advance(by: .seconds(60))
            try await store.retire("+15551230100", by: .system)
            #expect(try await store.numbers().map(\.retiredAt) == [since])
            #expect(try await test.leaves(.numberChanged).count == 1)
            #expect(try await store.assign("+15551230102", to: "main", by: .system))
            #expect(try await store.forget("+15551230102", by: .system) == false)
            #expect(try await store.forget("+15551230103", by: .system) == false)
            #expect(try await store.forget("15551230100", by: .system))
            #expect(try await store.route(ofNumber: "+15551230100") == .unknown)
            #expect(try await store.numbers().map(\.number) == ["+15551230102"])
            #expect(try await test.leaves(.numberChanged).count == 3)
        }
    }

    @Test func `a key that was revoked meanwhile changes no number`() async throws {
        try await TestStore.with { test async throws in
            let gone = Initiator(.key, id: "gone", client: "api")
            await #expect(throws: StoreFailure.self) { try await test.store.retire("+15551230100", by: gone) }
            await #expect(throws: StoreFailure.self) { try await test.store.assign("+15551230100", to: "main", by: gone) }
            await #expect(throws: StoreFailure.self) { try await test.store.forget("+15551230100", by: gone) }
            #expect(try await test.store.numbers().isEmpty)
        }
    }
}
