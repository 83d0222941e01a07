import Backends
import FaxModel
import Store
import Testing
import Workers

@testable import FaxDispatch

/// How long the record is kept that a line worker makes of its call: a start after a crash learns from it what came of the call.
@Suite struct CallRecordKeepingTests {
    /// Makes one call of faxes with two pages each, and ends it so.
    /// - Returns: the references of the records that are there afterwards, and the call's own.
    private func records(
        _ house: TestHouse, after outcome: AttemptOutcome, confirming pages: Range<Int> = 0..<0, faxes: Int = 1, isTimeOver: Bool = false
    ) async throws -> (left: [String], call: String) {
        let folder = house.path + "/calls"
        var ids: [FaxID] = []
        for number in 1...faxes { ids.append(try await house.queue(number, to: "+15551230101")) }
        let backend = ScriptedBackend(keepsRecords: true) { call, report in
            // There from before the call on.
            #expect(call.record != nil)
            let during = try? await CallRecordFile.references(in: folder)
            #expect(during == [call.reference])
            try? await ScriptedBackend.confirm(pages, report)
            return AttemptResult(outcome, evidence: "scripted")
        }
        let sending = Sending(
            documents: house.documents, routes: [Route(name: "scripted", backend: backend, maximumCalls: 1)],
            header: try HeaderText(sender: "Quincy Clinic", number: "+1 555 123 0111", timeZone: "America/New_York"), records: folder,
            clock: house.clock.function, pause: {}, logger: house.logger)
        do {
            _ = try await sending.send(ids, by: 0) { isTimeOver }
        } catch is Sending.NotDialled {
            #expect(outcome == .notDialled)
        }
        return (try await CallRecordFile.references(in: folder), try #require(backend.requests.first).reference)
    }

    @Test func `of an unknown outcome the record stays, for the next start to look at`() async throws {
        try await TestHouse.with { house in
            let (left, call) = try await records(house, after: .unknown)
            #expect(left == [call])
            #expect(try await house.store.unreconciled(limit: 9).map(\.reference) == [call])
        }
    }

    /// Every page was confirmed, and the call was cut: what the backend knew, the store judges.
    @Test func `of an outcome that is unknown to the store alone, too`() async throws {
        try await TestHouse.with { house in
            let (left, call) = try await records(house, after: .interrupted, confirming: 0..<2)
            #expect(left == [call])
        }
    }

    /// The first is delivered, and whether the last one's turn came nobody but the record knows.
    @Test func `of several faxes in the call one is enough`() async throws {
        try await TestHouse.with { house in
            let (left, call) = try await records(house, after: .unknown, confirming: 0..<3, faxes: 3)
            #expect(left == [call])
            #expect(try await house.store.faxes(limit: 9).map(\.state) == [.unknown, .unknown, .delivered])
        }
    }

    @Test func `what could not be recorded keeps its record`() async throws {
        try await TestHouse.with { house in
            try await house.execute(
                "CREATE TRIGGER refuse BEFORE UPDATE OF outcome ON attempts BEGIN SELECT RAISE(ABORT, 'no'); END")
            let (left, call) = try await records(house, after: .delivered, confirming: 0..<2, isTimeOver: true)
            #expect(left == [call])
        }
    }

    private static let known: [(AttemptOutcome, pages: Range<Int>, faxes: Int)] = [
        (.delivered, 0..<2, 1), (.delivered, 0..<1, 1), (.failed(.busy), 0..<0, 1), (.interrupted, 0..<1, 1), (.notDialled, 0..<0, 1),
        (.delivered, 0..<6, 3), (.interrupted, 0..<3, 3),
    ]

    @Test(arguments: known) func `of known outcomes it goes`(outcome: AttemptOutcome, pages: Range<Int>, faxes: Int) async throws {
        try await TestHouse.with { house in
            let (left, _) = try await records(house, after: outcome, confirming: pages, faxes: faxes)
            #expect(left.isEmpty)
        }
    }
}
