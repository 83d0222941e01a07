import Backends
import FaxDispatch
import FaxModel
import Foundation
import Ledger
import Store
import Testing
import Vault
import WorkerProtocol

/// Which calls are answered, and what is on record of the others.
@Suite struct AdmissionTests {
    private static func call(_ number: String, trunk: String = "east") -> InboundCall {
        InboundCall(reference: "call", to: number, from: "+15551230111", trunk: trunk)
    }

    private func inbox(_ house: TestHouse, isReceiving: Bool = true, catchAll: String? = nil) -> StoredInbox {
        StoredInbox(
            documents: house.documents, backend: "line", isReceiving: isReceiving, catchAllMailbox: catchAll,
            clock: house.clock.function, logger: house.logger, pause: { throw CancellationError() })
    }

    private struct Refusal: Decodable, Equatable {
        struct Details: Decodable, Equatable {
            let cause: String
            let trunk: String
            let count: Int
        }
        let object: String
        let outcome: String
        let details: Details
    }

    private func refusals(_ house: TestHouse) async throws -> [Refusal] {
        try await house.store.ledgerEntries(from: 0, limit: 10_000)
            .filter { String(decoding: $0.leaf, as: UTF8.self).contains(#""action":"inbound.refused""#) }
            .map { try JSONDecoder().decode(Refusal.self, from: Data($0.leaf)) }
    }

    @Test func `a number of a mailbox is answered, and what comes goes there`() async throws {
        try await TestHouse.with { house in
            try await house.store.save(Mailbox(id: "ward"), numbers: ["+15551230100"], by: .system)
            for number in ["+15551230100", "15551230100"] {
                #expect(try await inbox(house).admit(Self.call(number)) == .accepted)
                let reception = try await inbox(house).begin(Self.call(number))
                try await reception.append(TestPages.page(1), .test(0, isLast: true))
                house.clock.advance(by: .seconds(1))
            }
            #expect(try await house.store.inboundFaxes(limit: 9).map(\.mailbox) == ["ward", "ward"])
            #expect(try await refusals(house).isEmpty)
        }
    }

    @Test func `a search by the number finds the refusals of its calls`() async throws {
        try await TestHouse.with { house in
            #expect(try await inbox(house).admit(Self.call("+15551230104")) == .unknownNumber)
            #expect(try await inbox(house).knows(number: "+15551230104") == false)
            var query = FaxStore.LedgerQuery()
            query.detail = try house.store.pseudonym(number: "+15551230104")
            let found = try await house.store.ledgerEntries(matching: query, limit: 10)
            #expect(found.count == 1)
            query.detail = try house.store.pseudonym(number: "+15551230105")
            #expect(try await house.store.ledgerEntries(matching: query, limit: 10).isEmpty)
        }
    }

    @Test func `retired and unknown numbers are refused on a trunk, and that is on record`() async throws {
        try await TestHouse.with { house in
            try await house.store.save(Mailbox(id: "ward"), numbers: ["+15551230100"], by: .system)
            try await house.store.save(Mailbox(id: "ward"), numbers: [], by: .system)
            #expect(try await inbox(house).admit(Self.call("+15551230100")) == .retiredNumber)
            #expect(try await inbox(house).admit(Self.call("15551230102", trunk: "west")) == .unknownNumber)
            // A mailbox for the rest is not for what was given up.
            #expect(try await inbox(house, catchAll: "ward").admit(Self.call("15551230100")) == .retiredNumber)
            let found = try await refusals(house)
            #expect(found.map(\.details.cause) == ["retired_number", "unknown_number", "retired_number"])
            #expect(found.map(\.details.trunk) == ["east", "west", "east"])
            #expect(found.allSatisfy { $0.outcome == "denied" && $0.details.count == 1 })
            let pseudonym = try house.store.pseudonym(number: "+15551230100")
            #expect(found.map(\.object).first == "number/\(pseudonym)")
            let leaves = try await house.store.ledgerEntries(from: 0, limit: 10_000)
            #expect(!leaves.contains { String(decoding: $0.leaf, as: UTF8.self).contains("1555") })
        }
    }

    @Test func `a mailbox for the rest takes them, if it is there`() async throws {
        try await TestHouse.with { house in
            #expect(try await inbox(house, catchAll: "lab").admit(Self.call("+15551230100")) == .unknownNumber)
            try await house.store.save(Mailbox(id: "lab"), numbers: nil, by: .system)
            #expect(try await inbox(house, catchAll: "lab").admit(Self.call("+15551230100")) == .accepted)
            let reception = try await inbox(house, catchAll: "lab").begin(Self.call("+15551230100"))
            try await reception.append(TestPages.page(1), .test(0, isLast: true))
            #expect(try await house.store.inboundFaxes(limit: 9).map(\.mailbox) == ["lab"])
        }
    }

    @Test func `the loopback exchange has its numbers to itself, but for the retired ones`() async throws {
        try await TestHouse.with { house in
            try await house.store.retire("+15551230103", by: .system)
            #expect(try await inbox(house).admit(Self.call("+15551230102", trunk: "")) == .accepted)
            #expect(try await inbox(house).admit(Self.call("+15551230103", trunk: "")) == .retiredNumber)
            let reception = try await inbox(house).begin(Self.call("+15551230102", trunk: ""))
            try await reception.append(TestPages.page(1), .test(0, isLast: true))
            #expect(try await house.store.inboundFaxes(limit: 9).map(\.mailbox) == ["main"])
        }
    }

    @Test func `with receiving off nothing is kept`() async throws {
        try await TestHouse.with { house in
            let inbox = inbox(house, isReceiving: false, catchAll: "main")
            #expect(try await inbox.admit(Self.call("+15551230100")) == .notReceiving)
            #expect(try await inbox.admit(Self.call("+15551230100", trunk: "")) == .notReceiving)
            // A trunk's call was refused; the exchange answers its own.
            #expect(try await refusals(house).map(\.details.cause) == ["not_receiving"])
            let reception = try await inbox.begin(Self.call("+15551230100", trunk: ""))
            try await reception.append(TestPages.page(1), .test(0))
            try await reception.append(TestPages.page(2), .test(1, isLast: true))
            try await reception.finish(
                CallEnd(code: 0, meaning: "", pages: 2, remoteIdentifier: "", bitRate: 9600, errorCorrection: true))
            #expect(try await house.store.inboundFaxes(limit: 9).isEmpty)
            #expect(try await house.store.openReceptions().isEmpty)
            #expect(try house.blobs().isEmpty)
        }
    }

    // MARK: Floods

    @Test func `of one number there is one event a minute, with the count`() async throws {
        try await TestHouse.with { house in
            try await house.store.retire("+15551230100", by: .system)
            let inbox = inbox(house)
            for _ in 0..<100 { #expect(try await inbox.admit(Self.call("+15551230100")) == .retiredNumber) }
            #expect(try await refusals(house).map(\.details.count) == [1])
            house.clock.advance(by: .seconds(60))
            _ = try await inbox.admit(Self.call("+15551230100"))
            #expect(try await refusals(house).map(\.details.count) == [1, 100])
            for _ in 0..<7 { _ = try await inbox.admit(Self.call("+15551230100")) }
            await inbox.flushRefusals()
            await inbox.flushRefusals()
            #expect(try await refusals(house).map(\.details.count) == [1, 100, 7])
        }
    }

    @Test func `whoever dials at random fills nothing`() async throws {
        try await TestHouse.with { house in
            try await house.store.retire("+15551230199", by: .system)
            let inbox = inbox(house)
            for number in 0..<5000 { _ = try await inbox.admit(Self.call("+1555900\(10_000 + number)")) }
            // A retired number is told apart all the same.
            _ = try await inbox.admit(Self.call("+15551230199"))
            await inbox.flushRefusals()
            let found = try await refusals(house)
            #expect(found.count == 23)
            #expect(found.reduce(0) { $0 + $1.details.count } == 5001)
            #expect(found.filter { $0.object == "number/several" }.map(\.details.count) == [1, 4979])
            #expect(found.count { $0.details.cause == "retired_number" } == 1)
        }
    }
}
