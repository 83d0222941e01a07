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

    private func plan(_ test: TestStore, _ sql: String, _ arguments: StatementArguments) async throws -> [String] {
        try await test.store.pool.read { database in
            try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] as String }
        }
    }

    // MARK: The ledger of six years

    /// Each sink asks for its next checkpoints every few seconds.
    @Test func `checkpoints are found by their size`() async throws {
        try await TestStore.with { test in
            let plan = try await plan(test, FaxStore.largerNotes, [1, 10])
            #expect(plan == ["SEARCH ledger_checkpoints USING INDEX ledger_checkpoints_by_size (size>?)"])
        }
    }

    /// What is searched for, and by what it is found.
    enum Search: CaseIterable {
        case all, object, action, both, period, since, actionInPeriod

        var query: FaxStore.LedgerQuery {
            var query = FaxStore.LedgerQuery()
            if [.object, .both].contains(self) { query.object = "fax/1" }
            if [.action, .both, .actionInPeriod].contains(self) { query.action = "fax.accepted" }
            if [.period, .since, .actionInPeriod].contains(self) { query.from = Timestamp(milliseconds: 1) }
            if [.period, .actionInPeriod].contains(self) { query.to = Timestamp(milliseconds: 2) }
            query.actor = "k"
            return query
        }

        var plan: String {
            switch self {
            case .all: "SEARCH ledger USING INTEGER PRIMARY KEY (rowid<?)"
            case .object, .both: "SEARCH ledger USING INDEX ledger_by_object (object=? AND rowid<?)"
            case .action: "SEARCH ledger USING INDEX ledger_by_action (action=? AND rowid<?)"
            case .period, .since: "SEARCH ledger USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"
            case .actionInPeriod: "SEARCH ledger USING INDEX ledger_by_action (action=? AND rowid>? AND rowid<?)"
            }
        }
    }

    @Test(arguments: Search.allCases) func `a search of the ledger goes by an index, in the ledger's order`(search: Search) async throws {
        try await TestStore.with { test in
            let statement = FaxStore.search(search.query, within: search.query.from == nil ? nil : 1...2, before: nil, limit: 10)
            #expect(try await plan(test, statement.sql, statement.arguments) == [search.plan])
            let period = try await plan(test, FaxStore.sequencesOfPeriod, [1, 2])
            #expect(period == ["SEARCH ledger USING COVERING INDEX ledger_by_time (at>? AND at<?)"])
        }
    }

    @Test func `a search finds by its period whatever was, also after the clock was set back`() async throws {
        try await TestStore.with { test in
            let start = test.clock.now
            for seconds in [0, 100, -50, 200] {
                test.clock.advance(by: .seconds(seconds))
                try await test.accept(1000 + seconds)
            }
            // At 0, 100, 50 and 250 seconds.
            func found(_ from: Int64?, _ to: Int64?, limit: Int = 10) async throws -> [Int64] {
                var query = FaxStore.LedgerQuery()
                query.action = "fax.accepted"
                query.from = from.map { start.advanced(by: .seconds($0)) }
                query.to = to.map { start.advanced(by: .seconds($0)) }
                return try await test.store.ledgerEntries(matching: query, limit: limit).map(\.sequence)
            }
            let all = try await found(nil, nil)
            #expect(all.count == 4)
            #expect(try await found(0, 100) == [all[1], all[3]])
            #expect(try await found(0, 100, limit: 1) == [all[1]])
            #expect(try await found(100, nil) == [all[0], all[2]])
            #expect(try await found(nil, 100) == [all[1], all[3]])
            #expect(try await found(101, 250).isEmpty)
            #expect(try await found(100, 50).isEmpty)
            let report = try await test.store.activity(start..<start.advanced(by: .seconds(100)))
            #expect(report.actions["fax.accepted"] == 2)
        }
    }

    @Test func `the doctor and the report of activity read no more than they need`() async throws {
        try await TestStore.with { test in
            let span: StatementArguments = [1, 2, 3, 4]
            let newest = try await plan(test, FaxStore.newestOfAction, ["backup.made"])
            #expect(newest == ["SEARCH ledger USING INDEX ledger_by_action (action=?)"])
            let wrapped = try await plan(test, FaxStore.wrappedByOthers, ["k"])
            #expect(wrapped == ["SCAN keys USING INDEX keys_alive"])
            let actions = try await plan(test, FaxStore.actionsOfPeriod, span)
            #expect(actions.first == "SEARCH ledger USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)")
            for statement in [FaxStore.countsOfPeriod("object", "action = 'content.released'"), FaxStore.bulkOfPeriod] {
                let details = try await plan(test, statement, span)
                #expect(details.contains("SEARCH ledger USING INDEX ledger_by_action (action=? AND rowid>? AND rowid<?)"))
                #expect(!details.contains { $0.hasPrefix("SCAN ledger") })
            }
            let new = try await plan(test, FaxStore.newDestinations, [1, 2])
            #expect(new.contains("SEARCH ledger USING INDEX ledger_by_action (action=?)"))
        }
    }

    /// Whoever has a fax's id asks for its links without a credential: that must not read those of all faxes.
    @Test func `links are found by their fax`() async throws {
        try await TestStore.with { test in
            let plan = try await test.store.pool.read { database in
                try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN SELECT * FROM pdf_tokens WHERE fax = ?", arguments: ["f"])
                    .map { $0["detail"] as String }
            }
            #expect(plan == ["SEARCH pdf_tokens USING INDEX pdf_tokens_by_fax (fax=?)"])
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
