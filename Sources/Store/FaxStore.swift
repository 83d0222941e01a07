package import FaxModel
import Foundation
import GRDB
package import Vault

/// The durable state of the gateway, in SQLite.
///
/// Reads go through a pool; every write goes through ``GroupCommit``. One process at a time owns the database (``DataFolder``), and its
/// fence number is on every attempt that it makes.
package final class FaxStore: Sendable {
    let pool: DatabasePool
    let commit: GroupCommit
    let columns: SealedColumns
    let clock: @Sendable () -> Timestamp
    /// Grows with every start; a write to an attempt of another fence is refused.
    let fence: Int64
    /// The keys by which documents and columns are sealed.
    package let keyRing: KeyRing

    /// Opens the database, making it on the first start.
    /// - Parameters:
    ///   - path: the SQLite file; `-wal` and `-shm` stand beside it.
    ///   - key: the key-encryption key.
    ///   - keyPath: where it came from, for messages.
    /// - Throws: ``StoreFailure/wrongKeyFile(path:expected:found:)``, or the database's error.
    package init(
        path: String, key: KeyEncryptionKey, keyPath: String, clock: @escaping @Sendable () -> Timestamp
    ) throws {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA secure_delete = ON;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA trusted_schema = OFF;
                    """)
        }
        pool = try DatabasePool(path: path, configuration: configuration)
        // Last: GRDB sets NORMAL with which a commit does not wait for the disk, after `prepareDatabase`.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        if let expected = try Self.keyID(in: pool), expected != key.id.rawValue {
            throw StoreFailure.wrongKeyFile(path: keyPath, expected: expected, found: key.id.rawValue)
        }
        try Schema.migrator.migrate(pool)
        let ring = KeyRing(tenant: .single, key: key)
        fence = try pool.write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO meta (name, value) VALUES ('key_id', ?)", arguments: [Data(key.id.rawValue.utf8)])
            try Self.adoptRoots(ring, now: clock(), in: database)
            try Self.adoptEpochs(ring, in: database)
            let last = try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'fence'")
            let fence = (last.flatMap { Int64(String(decoding: $0, as: UTF8.self)) } ?? 0) + 1
            try database.execute(
                sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('fence', ?)", arguments: [Data("\(fence)".utf8)])
            return fence
        }
        keyRing = ring
        columns = SealedColumns(ring: ring)
        commit = GroupCommit(writer: pool)
        self.clock = clock
    }

    /// The id of the key with which the database at `path` was made, or nil when there is none: then a key may be made.
    package static func keyID(ofDatabaseAt path: String) throws -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        return try keyID(in: try DatabaseQueue(path: path))
    }

    private static func keyID(in reader: any DatabaseReader) throws -> String? {
        try reader.read { database in
            guard try database.tableExists("meta") else { return nil }
            return try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'key_id'")
                .map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Reads, also in a task that is cancelled: what a call confirmed is asked for when the server stops.
    ///
    /// `@concurrent` because a caller's actor is lost (Swift 6.3.1, optimised) when a function that runs on it waits in a continuation.
    @concurrent
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncRead { database in
                continuation.resume(with: Result { try body(try database.get()) })
            }
        }
    }

    /// Whether the database answers: for `/health/ready`.
    package func ping() async throws {
        _ = try await read { try Int.fetchOne($0, sql: "SELECT 1") }
    }

    /// Folds the write-ahead log into the database and closes it.
    package func close() throws {
        // Not `checkpoint(_:)`: on a database that is closed already it crashes (GRDB 7.10), and this throws.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        try pool.close()
    }

    /// Root keys are made on the first start, wrapped by the KEK.
    private static func adoptRoots(_ ring: KeyRing, now: Timestamp, in database: Database) throws {
        for root in RootKey.allCases {
            let name = "root/\(root.rawValue)"
            if let sealed = try Data.fetchOne(database, sql: "SELECT wrapped FROM keys WHERE name = ?", arguments: [name]) {
                try ring.adopt(WrappedRootKey(root: root, wrappedBy: ring.keyEncryptionKey, sealed: Array(sealed)))
            } else {
                let made = try ring.makeRoot(root)
                try database.execute(
                    sql: "INSERT INTO keys (name, wrapped, created_at) VALUES (?, ?, ?)",
                    arguments: [name, Data(made.sealed), now.milliseconds])
                try ring.adopt(made)
            }
        }
    }

    private static func adoptEpochs(_ ring: KeyRing, in database: Database) throws {
        for row in try Row.fetchAll(database, sql: "SELECT name, wrapped FROM keys WHERE name NOT LIKE 'root/%'") {
            guard let epoch = EpochName(row["name"]) else { throw StoreFailure.damagedRow(table: "keys", row: row["name"]) }
            try ring.adopt(
                WrappedEpochKey(epoch: epoch, wrappedBy: ring.keyEncryptionKey, sealed: Array(row["wrapped"] as Data)))
        }
    }
}
