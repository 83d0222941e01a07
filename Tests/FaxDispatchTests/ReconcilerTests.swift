import Backends
import FaxModel
import Foundation
import Store
import Testing
import Vault
import WorkerProtocol
import Workers

@testable import FaxDispatch

/// Lost outcomes are found in the records that line workers keep.
@Suite(.timeLimit(.minutes(10))) struct ReconcilerTests {
    /// A worker's record of a call that is over.
    private func write(_ entries: [CallRecordEntry], _ reference: String, in house: TestHouse) throws {
        let folder = house.path + "/calls"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let bytes = entries.enumerated().flatMap { $1.encoded(number: $0) }
        try Data(bytes).write(to: URL(fileURLWithPath: try CallRecordFile.path(of: reference, in: folder)))
    }

    private func records(_ house: TestHouse) async throws -> [String] {
        try await CallRecordFile.references(in: house.path + "/calls")
    }

    /// Three faxes of 2, 1 and 3 pages in a call whose server was killed; the worker knows of so many confirmed pages.
    private func cut(after confirmed: Int, asked: Int? = nil, end: Int? = nil, _ house: TestHouse) async throws -> [FaxID] {
        var ids: [FaxID] = []
        var intents: [(id: FaxID, intent: FaxStore.Intent)] = []
        var offset = 0
        for (index, pages) in [2, 1, 3].enumerated() {
            let id = try await house.queue(1 + 10 * index, pages: (0..<pages).map { TestPages.page($0) })
            ids.append(id)
            intents.append(
                (
                    id,
                    FaxStore.Intent(
                        backend: "line", reference: CallReference("call", document: index).text,
                        image: try await house.seal([1], .transmitted), offset: offset)
                ))
            offset += pages
        }
        #expect(try await house.store.intendAttempts(intents) == [1, 1, 1])
        #expect(try await house.store.recoverAfterStop() == 3)
        var entries: [CallRecordEntry] = confirmed > 0 || asked != nil ? [.transmitting] : []
        entries += (0..<confirmed).map { .confirmed(page: $0) }
        if let asked { entries.append(.asked(page: asked)) }
        if let end { entries.append(.ended(code: end, pages: confirmed)) }
        try write(entries, "call", in: house)
        return ids
    }

    private func reconciler(_ house: TestHouse) -> Reconciler {
        Reconciler(store: house.store, records: house.path + "/calls", logger: house.logger)
    }

    @Test(arguments: [
        (0, [FaxState.queued, .queued, .queued], [0, 0, 0]), (1, [.queued, .queued, .queued], [1, 0, 0]),
        (2, [.delivered, .queued, .queued], [2, 0, 0]), (3, [.delivered, .delivered, .queued], [2, 1, 0]),
        (5, [.delivered, .delivered, .queued], [2, 1, 2]), (6, [.delivered, .delivered, .delivered], [2, 1, 3]),
    ])
    func `a record tells of each fax in its call`(confirmed: Int, states: [FaxState], pages: [Int]) async throws {
        try await TestHouse.with { house in
            let ids = try await cut(after: confirmed, house)
            let (known, isAnyUnderWay) = try await reconciler(house).run(["call"])
            #expect(known == 3 && !isAnyUnderWay)
            for (id, (state, confirmed)) in zip(ids, zip(states, pages)) {
                let fax = try await house.fax(id)
                #expect(fax.state == state && fax.pagesConfirmed == confirmed)
            }
            #expect(try await records(house).isEmpty)
        }
    }

    /// The server may die before the call's end is committed for its last fax: then that one needs the record.
    @Test func `a record stays while a fax of its call has no committed end`() async throws {
        try await TestHouse.with { house in
            var intents: [(id: FaxID, intent: FaxStore.Intent)] = []
            for index in 0..<2 {
                let id = try await house.queue(1 + 10 * index)
                intents.append(
                    (
                        id,
                        FaxStore.Intent(
                            backend: "line", reference: CallReference("call", document: index).text,
                            image: try await house.seal([1], .transmitted), offset: index)
                    ))
            }
            #expect(try await house.store.intendAttempts(intents) == [1, 1])
            try write([.transmitting], "call", in: house)
            #expect(try await reconciler(house).run(["call"]).known == 0)
            #expect(try await records(house) == ["call"])
        }
    }

    @Test func `what the record cannot tell stays unknown, and the record stays too`() async throws {
        try await TestHouse.with { house in
            // The second fax's only page was on its way, and whether its end was confirmed is not on record.
            let ids = try await cut(after: 2, asked: 2, house)
            #expect(try await reconciler(house).run(["call"]).known == 2)
            var states: [FaxState] = []
            for id in ids { states.append(try await house.fax(id).state) }
            #expect(states == [.delivered, .unknown, .queued])
            #expect(try await records(house) == ["call"])
        }
    }

    @Test func `without a record nothing is concluded, and others' records stay`() async throws {
        try await TestHouse.with { house in
            let ids = try await cut(after: 6, house)
            try write([.transmitting], "other", in: house)
            #expect(try await reconciler(house).run([]).known == 0)
            for id in ids { #expect(try await house.fax(id).state == .unknown) }
            #expect(try await Set(records(house)) == ["call", "other"])
            // One that is asked for and is nobody's is swept.
            #expect(try await reconciler(house).run(["other"]).known == 0)
            #expect(try await records(house) == ["call"])
        }
    }

    @Test func `a record that is still held is waited for`() async throws {
        try await TestHouse.with { house in
            let ids = try await cut(after: 0, house)
            try FileManager.default.removeItem(atPath: house.path + "/calls/call")
            let held = try await CallRecordFile.make(in: house.path + "/calls", reference: "call", pages: 6)
            let (known, isAnyUnderWay) = try await reconciler(house).run(["call"])
            #expect(known == 0 && isAnyUnderWay)
            #expect(try await house.fax(ids[0]).state == .unknown)
            withExtendedLifetime(held) {}
        }
    }
}
