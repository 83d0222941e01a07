import FaxModel
import Foundation
import GRDB
import Testing
import Vault

@testable import Store

@Suite struct GroupCommitTests {
    typealias Operation = @Sendable (Database) throws -> Int

    /// An operation's own failure.
    struct Refused: Error, Equatable {
        let number: Int
    }

    /// Writes one row and returns its number.
    private func insert(_ number: Int) -> Operation {
        { database in
            try database.execute(sql: "INSERT INTO meta (name, value) VALUES (?, x'00')", arguments: ["row \(number)"])
            return number
        }
    }

    private func rows(_ test: TestStore) async throws -> [String] {
        try await test.store.pool.read { database in
            try String.fetchAll(database, sql: "SELECT name FROM meta WHERE name LIKE 'row %' ORDER BY name")
        }
    }

    @Test func `each of a group has its own answer`() async throws {
        try await TestStore.with { test in
            let results = await test.store.commit.group((0..<9).map(insert))
            let values = try results.map { try $0.get() }
            #expect(values == Array(0..<9))
            #expect(try await rows(test).count == 9)
        }
    }

    /// The figure behind it: one fsync for all of them.
    @Test func `a group is one transaction`() async throws {
        try await TestStore.with { test in
            let commits = CommitCounter()
            test.store.pool.add(transactionObserver: commits, extent: .databaseLifetime)
            _ = await test.store.commit.group((0..<GroupCommit.largestGroup).map(insert))
            #expect(commits.count == 1)
            _ = await test.store.commit.group((1000..<1001 + GroupCommit.largestGroup).map(insert))
            #expect(commits.count == 3)
            let stored = try await rows(test)
            #expect(stored.count == 2 * GroupCommit.largestGroup + 1)
        }
    }

    @Test func `an operation that fails undoes itself and nothing else`() async throws {
        try await TestStore.with { test in
            let failing: Operation = { database in
                try database.execute(sql: "INSERT INTO meta (name, value) VALUES ('row undone', x'00')")
                throw Refused(number: 1)
            }
            // A constraint that fails at once, after a row that would have been fine.
            let twice: Operation = { database in
                try database.execute(sql: "INSERT INTO meta (name, value) VALUES ('row undone too', x'00')")
                try database.execute(sql: "INSERT INTO meta (name, value) VALUES ('row 0', x'00')")
                return 3
            }
            let results = await test.store.commit.group([insert(0), failing, insert(2), twice, insert(4)])
            #expect(throws: Refused(number: 1)) { try results[1].get() }
            #expect(throws: DatabaseError.self) { _ = try results[3].get() }
            let values = try [0, 2, 4].map { try results[$0].get() }
            #expect(values == [0, 2, 4])
            #expect(try await rows(test) == ["row 0", "row 2", "row 4"])
        }
    }

    @Test func `when the commit fails, nobody of the group was stored`() async throws {
        try await TestStore.with { test in
            // A foreign key that is only looked at by the commit.
            let poison: Operation = { database in
                try database.execute(sql: "PRAGMA defer_foreign_keys = ON")
                try database.execute(sql: "INSERT INTO pdf_tokens (token_sha256, fax, expires_at) VALUES (x'00', 'none', 0)")
                return 1
            }
            let results = await test.store.commit.group([insert(0), poison, insert(2)])
            for result in results { #expect(throws: DatabaseError.self) { try result.get() } }
            #expect(try await rows(test).isEmpty)
            // And the next group is well.
            let next = try await test.store.commit.group([insert(3)]).map { try $0.get() }
            #expect(next == [3])
        }
    }

    /// SQLite rolls back by itself on a full disk; what came before in the group is gone, and what comes after must not go on outside.
    @Test func `when the transaction is lost, nobody of the group was stored`() async throws {
        try await TestStore.with { test in
            try await test.store.pool.write { database in
                try database.execute(
                    sql: """
                        CREATE TRIGGER lose BEFORE INSERT ON meta WHEN NEW.name = 'row 1'
                        BEGIN SELECT RAISE(ROLLBACK, 'lost'); END
                        """)
            }
            let results = await test.store.commit.group([insert(0), insert(1), insert(2)])
            for result in results { #expect(throws: GroupCommit.TransactionLost.self) { try result.get() } }
            #expect(try await rows(test).isEmpty)
            let next = try await test.store.commit.group([insert(3)]).map { try $0.get() }
            #expect(next == [3])
            #expect(try await rows(test) == ["row 3"])
        }
    }

    @Test func `a full database is told as such, and works when there is room again`() async throws {
        try await TestStore.with { test in
            let pages = try await test.store.pool.write { database in
                let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
                try database.execute(sql: "PRAGMA max_page_count = \(pages)")
                return pages
            }
            let large: Operation = { database in
                try database.execute(sql: "INSERT INTO meta (name, value) VALUES ('row large', zeroblob(100000))")
                return 1
            }
            let results = await test.store.commit.group([large])
            #expect {
                _ = try results[0].get()
            } throws: { error in
                error.isStorageFull
            }
            try await test.store.pool.write { try $0.execute(sql: "PRAGMA max_page_count = \(pages + 1000)") }
            let next = try await test.store.commit.group([large]).map { try $0.get() }
            #expect(next == [1])
        }
    }

    @Test func `a closed database fails every caller`() async throws {
        try await TestStore.with { test in
            try await test.accept(1)
            try test.store.close()
            let results = await test.store.commit.group([insert(0), insert(1)])
            for result in results { #expect(throws: (any Error).self) { try result.get() } }
            // And is closed once: the second time is an error, no more.
            #expect(throws: DatabaseError.self) { try test.store.close() }
        }
    }

    /// Promise 1: accepted means kept. What stands in the files after the answers is all that a crash leaves.
    @Test func `200 accepted at once are all there after a crash`() async throws {
        try await TestStore.with { test in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 { group.addTask { _ = try await test.accept(number, to: "+1555123010\(number % 10)") } }
                try await group.waitForAll()
            }
            let crashed = try TemporaryFolder()
            defer { crashed.remove() }
            for file in ["faxlock.db", "faxlock.db-wal"] {
                try FileManager.default.copyItem(atPath: test.folder.path + "/" + file, toPath: crashed.path + "/" + file)
            }
            let next = try await TestStore(folder: crashed, key: test.key, clock: test.clock)
            defer { try? next.store.close() }
            #expect(try await next.store.faxes(in: .accepted, limit: 1000) == (0..<200).map(test.id))
            for number in 0..<200 { #expect(try await next.fax(test.id(number)).number.digits == "1555123010\(number % 10)") }
        }
    }

    @Test func `every commit waits for the disk`() async throws {
        try await TestStore.with { test in
            // 2 is FULL, 1 would be a commit that a power cut can undo.
            let synchronous = try await test.store.pool.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
            #expect(synchronous == 2)
            let journal_mode = try await test.store.pool.write { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
            #expect(journal_mode == "wal")
            let foreign_keys = try await test.store.pool.write { try Int.fetchOne($0, sql: "PRAGMA foreign_keys") }
            #expect(foreign_keys == 1)
        }
    }
}
