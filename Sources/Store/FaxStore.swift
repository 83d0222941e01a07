package import FaxModel
import Foundation
import GRDB
package import Ledger
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
    /// Tells of new entries of `fax_events`.
    package let eventFeed = EventFeed()
    /// Where every change is recorded.
    package let ledger: LedgerBook
    /// By which faxes live and numbers are left alone.
    package let retryPolicy: RetryPolicy
    /// Whether faxes go to allowed numbers alone (``RecipientPolicy/Recipients/listed``).
    let isListedOnly: Bool

    /// Opens the database, making it on the first start.
    /// - Parameters:
    ///   - path: the SQLite file; `-wal` and `-shm` stand beside it.
    ///   - key: the key-encryption key.
    ///   - keyPath: where it came from, for messages.
    ///   - retired: keys that wrapped what is not yet rewrapped.
    ///   - ledger: how the audit ledger is opened.
    ///   - retryPolicy: the one by which calls are made again.
    ///   - isListedOnly: whether faxes go to allowed numbers alone.
    /// - Throws: ``StoreFailure/wrongKeyFile(path:expected:found:)``, ``LedgerRefusal``, or the database's error.
    package init(
        path: String, key: KeyEncryptionKey, keyPath: String, retired: [KeyEncryptionKey] = [],
        ledger options: LedgerOptions = LedgerOptions(), retryPolicy: RetryPolicy = RetryPolicy(),
        isListedOnly: Bool = false, clock: @escaping @Sendable () -> Timestamp
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
        if let expected = try Self.keyID(in: pool), expected != key.id.rawValue, !retired.contains(where: { $0.id.rawValue == expected }) {
            throw StoreFailure.wrongKeyFile(path: keyPath, expected: expected, found: key.id.rawValue)
        }
        try Schema.migrator.migrate(pool)
        let ring = KeyRing(tenant: .single, key: key, retired: retired)
        (fence, ledger) = try pool.write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO meta (name, value) VALUES ('key_id', ?)", arguments: [Data(key.id.rawValue.utf8)])
            try Self.requireWrappers(key, retired, keyPath: keyPath, in: database)
            try Self.adoptRoots(ring, now: clock(), in: database)
            try Self.adoptEpochs(ring, in: database)
            let last = try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE name = 'fence'")
            let fence = (last.flatMap { Int64(String(decoding: $0, as: UTF8.self)) } ?? 0) + 1
            try database.execute(
                sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('fence', ?)", arguments: [Data("\(fence)".utf8)])
            let ledger = try LedgerBook.open(in: database, ring: ring, options: options, clock: clock)
            if ledger.size == 1 { try Self.adoptDocuments(into: ledger, in: database) }
            return (fence, ledger)
        }
        keyRing = ring
        columns = SealedColumns(ring: ring)
        commit = GroupCommit(writer: pool, ledger: ledger)
        self.retryPolicy = retryPolicy
        self.isListedOnly = isListedOnly
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

    /// Refuses to start without a key that wrapped something: a rotation that was cut needs both keys until it is finished.
    private static func requireWrappers(
        _ key: KeyEncryptionKey, _ retired: [KeyEncryptionKey], keyPath: String, in database: Database
    ) throws {
        let known = Set(([key] + retired).map(\.id.rawValue))
        let wrappers = try String.fetchAll(
            database, sql: "SELECT DISTINCT wrapped_by FROM keys WHERE destroyed_at IS NULL ORDER BY wrapped_by")
        if let missing = wrappers.first(where: { !known.contains($0) }) {
            throw StoreFailure.wrongKeyFile(path: keyPath, expected: missing, found: key.id.rawValue)
        }
    }

    /// Root keys are made on the first start, wrapped by the KEK.
    private static func adoptRoots(_ ring: KeyRing, now: Timestamp, in database: Database) throws {
        for root in RootKey.allCases {
            let name = "root/\(root.rawValue)"
            if let row = try Row.fetchOne(database, sql: "SELECT wrapped, wrapped_by FROM keys WHERE name = ?", arguments: [name]) {
                try ring.adopt(
                    WrappedRootKey(root: root, wrappedBy: try wrapper(row, name), sealed: Array(row["wrapped"] as Data)))
            } else {
                let made = try ring.makeRoot(root)
                try database.execute(
                    sql: "INSERT INTO keys (name, wrapped, wrapped_by, created_at) VALUES (?, ?, ?, ?)",
                    arguments: [name, Data(made.sealed), made.wrappedBy.rawValue, now.milliseconds])
                try ring.adopt(made)
            }
        }
    }

    private static func adoptEpochs(_ ring: KeyRing, in database: Database) throws {
        for row in try Row.fetchAll(
            database, sql: "SELECT name, wrapped, wrapped_by FROM keys WHERE name NOT LIKE 'root/%' AND destroyed_at IS NULL")
        {
            guard let epoch = EpochName(row["name"]) else { throw StoreFailure.damagedRow(table: "keys", row: row["name"]) }
            try ring.adopt(
                WrappedEpochKey(epoch: epoch, wrappedBy: try wrapper(row, epoch.rawValue), sealed: Array(row["wrapped"] as Data)))
        }
    }

    /// Which key-encryption key wrapped a row of `keys`.
    static func wrapper(_ row: Row, _ name: String) throws -> KeyID {
        guard let id = KeyID(row["wrapped_by"] as String) else { throw StoreFailure.damagedRow(table: "keys", row: name) }
        return id
    }

    /// Records an event by itself, where nothing else is written.
    /// - Throws: ``LedgerBook/Unavailable``.
    package func record(_ event: LedgerEvent) async throws {
        try await commit { [ledger] in try ledger.append(event, in: $0) }
    }

    /// What stands in the ledger for a phone number: who knows the number finds its events.
    package func pseudonym(number: String) throws -> String {
        Self.hex(try keyRing.auditPseudonym(number.filter { $0 != "+" }, label: "number"))
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
