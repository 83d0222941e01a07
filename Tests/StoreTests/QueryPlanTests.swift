import FaxModel
import GRDB
import Testing

@testable import Store

@Suite struct QueryPlanTests {
    /// The dispatcher asks at each of its steps: that must not read the faxes of years.
    @Test func `the queue is read from its index alone`() async throws {
        try await TestStore.with { test in
            let plan = try await test.store.pool.read { database in
                try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + FaxStore.inWork, arguments: ["queued", 8])
                    .map { $0["detail"] as String }
            }
            #expect(plan == ["SEARCH faxes USING COVERING INDEX faxes_in_work (state=?)"])
        }
    }

    @Test(arguments: [FaxState.accepted, .rendering, .queued, .sending])
    func `every state with a way to go is in the index`(state: FaxState) async throws {
        try await TestStore.with { test in
            let id = try await test.accept(1)
            try await test.force(id, into: state)
            #expect(try await test.store.faxes(in: state, limit: 8) == [id])
        }
    }
}
