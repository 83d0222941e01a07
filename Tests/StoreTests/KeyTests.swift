import FaxModel
import Foundation
import GRDB
import Testing
import Vault

@testable import Store

@Suite struct KeyTests {
    @Test func `another key is refused, and nothing is changed`() async throws {
        try await TestStore.with { test in
            let id = try await test.accept(1)
            let other = KeyEncryptionKey()
            #expect {
                _ = try FaxStore(path: test.folder.path + "/faxlock.db", key: other, keyPath: "other.key", clock: test.clock.function)
            } throws: { error in
                guard case StoreFailure.wrongKeyFile("other.key", let expected, let found) = error else { return false }
                return expected == test.key.id.rawValue && found == other.id.rawValue
            }
            let next = try await test.restarted()
            #expect(next.store.fence == 2)
            #expect(try await next.fax(id).number.dialString == "+15551230100")
            try next.store.close()
        }
    }

    @Test func `the database says which key it was made with`() async throws {
        try await TestStore.with { test in
            #expect(try FaxStore.keyID(ofDatabaseAt: test.folder.path + "/faxlock.db") == test.key.id.rawValue)
            #expect(try FaxStore.keyID(ofDatabaseAt: test.folder.path + "/none.db") == nil)
            let empty = test.folder.path + "/empty.db"
            try DatabaseQueue(path: empty).close()
            #expect(try FaxStore.keyID(ofDatabaseAt: empty) == nil)
        }
    }

    @Test func `looking for the key makes no database`() async throws {
        try await TestStore.with { test in
            _ = try FaxStore.keyID(ofDatabaseAt: test.folder.path + "/none.db")
            #expect(!FileManager.default.fileExists(atPath: test.folder.path + "/none.db"))
        }
    }

    @Test func `a missing key file is an error of its own`() async throws {
        try await TestStore.with { test in
            #expect(throws: KeyFileError.self) { _ = try KeyEncryptionKey(contentsOf: test.folder.path + "/none.key") }
            let failure = StoreFailure.missingKeyFile(path: "none.key", expected: test.key.id.rawValue)
            #expect(failure.description.contains("none.key"))
            #expect(failure.description.contains(test.key.id.rawValue))
        }
    }

    @Test func `what is no database is not taken for a new one`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/faxlock.db"
        try Data(String(repeating: "not a database. ", count: 100).utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: DatabaseError.self) {
            _ = try FaxStore(path: path, key: KeyEncryptionKey(), keyPath: "test.key", clock: TestClock().function)
        }
    }

    /// A value that was moved to another row opens nowhere.
    @Test func `a number belongs to its row`() async throws {
        try await TestStore.with { test in
            let first = try await test.accept(1, to: "+15551230111")
            let second = try await test.accept(2, to: "+15551230122")
            try await test.store.pool.write { database in
                try database.execute(
                    sql: "UPDATE faxes SET sealed_number = (SELECT sealed_number FROM faxes WHERE id = ?) WHERE id = ?",
                    arguments: [first.text, second.text])
            }
            await #expect(throws: KeyError.self) { _ = try await test.store.fax(second) }
            #expect(try await test.fax(first).number.dialString == "+15551230111")
        }
    }
}
