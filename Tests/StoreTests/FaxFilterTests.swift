import FaxModel
import GRDB
import Ledger
import Testing

@testable import Store

@Suite struct FaxFilterTests {
    /// Lists over the faxes of years are found by an index, in the order of the ids, and not sorted.
    @Test func `each narrow filter goes by an index`() async throws {
        try await TestStore.with { test in
            func plan(_ change: (inout FaxFilter) -> Void) async throws -> [String] {
                var filter = FaxFilter()
                change(&filter)
                let query = try FaxQuery(filter, columns: test.store.columns)
                return try await test.store.pool.read { database in
                    try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + query.sql, arguments: query.arguments + [10])
                        .map { $0["detail"] as String }
                }
            }
            let number = try #require(PhoneNumber("+15551230100"))
            #expect(try await plan { _ in } == ["SCAN faxes"])
            #expect(try await plan { $0.before = test.id(1) } == ["SEARCH faxes USING PRIMARY KEY (id<?)"])
            #expect(try await plan { $0.number = number } == ["SEARCH faxes USING INDEX faxes_by_number (number_index=?)"])
            #expect(try await plan { $0.owner = "key" } == ["SEARCH faxes USING INDEX faxes_by_owner (owner=?)"])
            #expect(try await plan { $0.mailbox = "main" } == ["SEARCH faxes USING INDEX faxes_by_mailbox (mailbox=?)"])
            #expect(try await plan { $0.batch = test.id(1) } == ["SEARCH faxes USING INDEX faxes_by_batch (batch=?)"])
            #expect(try await plan { $0.states = [.unknown] } == ["SEARCH faxes USING INDEX faxes_in_work (state=?)"])
            #expect(try await plan { $0.since = test.clock.now } == ["SEARCH faxes USING PRIMARY KEY (id>?)"])
            let tagged = try await plan { $0.tag = "a" }
            #expect(tagged.contains { $0.contains("fax_tags USING PRIMARY KEY (tag_index=?)") })
            #expect(tagged.first == "SEARCH faxes USING PRIMARY KEY (id=?)")
        }
    }

    @Test func `a batch is read in the order of its recipients`() async throws {
        try await TestStore.with { test in
            let batch = test.id(100)
            var faxes: [(fax: FaxRecord, document: StoredDocument)] = []
            for number in [1, 2, 3] {
                let document = try await test.document("upload\(number)")
                let plain = try test.record(number, to: "+1555123010\(number)", document: document)
                let fax = FaxRecord(
                    id: plain.id, state: .accepted, owner: plain.owner, number: plain.number, backend: "line", format: "pdf",
                    resolution: .fine, paper: "letter", document: document.id, createdAt: plain.createdAt, updatedAt: plain.updatedAt,
                    batch: batch)
                faxes.append((fax: fax, document: document))
            }
            try await test.store.acceptRequest(faxes, by: .system)
            #expect(try await test.store.faxes(ofBatch: batch).map(\.id) == [1, 2, 3].map(test.id))
            #expect(try await test.store.faxes(ofBatch: test.id(7)).isEmpty)
        }
    }
}
