import FaxModel
import FoundationEssentials
import GRDB
package import Ledger
package import Vault

/// What a backup takes from a running store, and what a restored store needs before it may work (45 CFR 164.308(a)(7)).
extension FaxStore {
    /// A row of `keys` as it stands: the key is wrapped by the key-encryption key, or destroyed.
    package struct WrappedKeyRow: Sendable, Hashable, Codable {
        package let name: String
        package let wrapped: [UInt8]
        /// The id of the key-encryption key.
        package let wrappedBy: String
        /// Milliseconds since 1970.
        package let createdAt: Int64
        /// The same; then `wrapped` is empty.
        package let destroyedAt: Int64?
    }

    /// The wrapped keys, and the destroyed ones of months, sorted by name. Blocks: not for the tasks' own threads.
    ///
    /// Destroyed epochs of one fax or one hold are left out, since there are ever more of them: a restore takes an epoch that it does not
    /// find for destroyed.
    package func wrappedKeyRows() throws -> [WrappedKeyRow] {
        let sql = """
            SELECT * FROM keys WHERE destroyed_at IS NULL
            UNION ALL SELECT * FROM keys WHERE destroyed_at IS NOT NULL AND name >= '0' AND name < ':'
            ORDER BY name
            """
        return try pool.read { database in
            try Row.fetchAll(database, sql: sql).map { row in
                WrappedKeyRow(
                    name: row["name"], wrapped: Array(row["wrapped"] as Data), wrappedBy: row["wrapped_by"], createdAt: row["created_at"],
                    destroyedAt: row["destroyed_at"])
            }
        }
    }

    /// Writes the database as it is at one moment to a new file, while everybody goes on reading and writing. Blocks for as long as that
    /// takes. The copy has the wrapped keys in it.
    /// - Parameters:
    ///   - path: no file, or an empty one.
    ///   - interruptible: runs the work that it is given second; what it is given first ends that work with an error, from any thread.
    package func copyDatabase(
        to path: String,
        interruptible: (@escaping @Sendable () -> Void, () throws -> Void) throws -> Void = { _, work in try work() }
    ) throws {
        var configuration = Configuration()
        configuration.readonly = true
        // A connection of its own: the pool's readers stand in transactions, in which SQLite does not copy.
        let source = try DatabaseQueue(path: pool.path, configuration: configuration)
        defer { try? source.close() }
        try interruptible({ source.interrupt() }) {
            try source.inDatabase { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
        }
    }

    /// The ledger's key as it is on disk: a change of the key that is being written now is waited for.
    package func durableLedgerKey() async throws -> VerifierKey {
        try await commit { [ledger] _ in ledger.key.verifier }
    }

    /// Records a backup.
    /// - Parameter ledgerKey: the ledger's when the snapshot was made, for ``isBackupOfFormerLedgerKey()``.
    package func recordBackup(_ event: LedgerEvent, ledgerKey: VerifierKey) async throws {
        try await commit { [ledger] database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
                arguments: [Self.backupLedgerKey, Data(ledgerKey.description.utf8)])
            try ledger.append(event, in: database)
        }
    }

    /// Whether the ledger's key was changed after the last backup: then no snapshot can be restored, since the former key is destroyed.
    package func isBackupOfFormerLedgerKey() async throws -> Bool {
        let key = try await durableLedgerKey().description
        return try await read { database in
            let last = try Data.fetchOne(database, sql: "SELECT value FROM meta WHERE name = ?", arguments: [Self.backupLedgerKey])
            return last.map { $0 != Data(key.utf8) } ?? false
        }
    }

    private static let backupLedgerKey = "backup_ledger_key"

    /// The first thing that is done with a restored database: nothing of it is ever sent by itself. What the snapshot shows as waiting
    /// or in a call may have been sent after it was made. Links to documents are withdrawn, and the restore is recorded.
    /// - Parameters:
    ///   - snapshot: its name.
    ///   - lost: documents that were destroyed after the snapshot's database was copied; they get their certificates here
    ///     (45 CFR 164.310(d)(2)(i)), because those of that time are not in this ledger.
    ///   - details: further facts for the event, without PHI.
    /// - Returns: how many faxes are held, now in the state `unknown`.
    package func holdAfterRestore(
        of snapshot: String, lost: Set<DocumentID> = [], details: [String: LedgerValue], by initiator: Initiator
    ) async throws -> Int {
        let now = clock()
        return try await commit { [self] database in
            var held = 0
            for state in [FaxState.accepted, .rendering, .scheduled, .queued, .held, .sending] {
                for id in try String.fetchAll(database, sql: Self.inWork, arguments: [state.rawValue, -1]).compactMap({ FaxID($0) }) {
                    if state == .sending { try endAttempt(of: id, now: now, in: database) }
                    if try apply(.restoredFromBackup, to: id, error: Self.restored, now: now, in: database) != nil { held += 1 }
                }
            }
            try database.execute(sql: "DELETE FROM pdf_tokens")
            if !lost.isEmpty { try certify(lost, by: initiator, in: database) }
            var details = details
            details["snapshot"] = .text(snapshot)
            details["held"] = .integer(Int64(held))
            try ledger.append(LedgerEvent(.backupRestored, object: "backup/\(snapshot)", by: initiator, details: details), in: database)
            return held
        }
    }

    /// As ``shred(_:cause:by:)`` does it; the rows are marked already.
    private func certify(_ lost: Set<DocumentID>, by initiator: Initiator, in database: Database) throws {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT documents.*, owners.fax AS fax, keys.destroyed_at IS NOT NULL AS is_key_destroyed
                FROM (SELECT id AS fax, document FROM faxes UNION SELECT id, image FROM faxes WHERE image IS NOT NULL
                        UNION SELECT fax, image FROM attempts UNION SELECT id, document FROM inbound) AS owners
                    JOIN documents ON documents.id = owners.document JOIN keys ON keys.name = documents.epoch
                WHERE documents.shredded_at IS NOT NULL ORDER BY owners.fax, documents.id
                """)
        while let row = try rows.next() {
            guard let id = DocumentID(row["id"]), lost.contains(id) else { continue }
            let document = try Self.document(row)
            try ledger.append(
                LedgerEvent(
                    .documentShredded, object: "fax/\(row["fax"] as String)", by: initiator,
                    details: [
                        "document": .text(id.rawValue), "kind": .text(document.kind.name), "sha256": .text(Self.hex(document.sha256)),
                        "size": .integer(Int64(document.size)), "epoch": .text(document.epoch.rawValue), "cause": "restore",
                        "openable_in_backups_until": .text(row["is_key_destroyed"] as Bool ? "never openable" : "epoch"),
                    ]), in: database)
        }
    }

    private func endAttempt(of id: FaxID, now: Timestamp, in database: Database) throws {
        let evidence = "the call was in progress when the backup was made"
        try database.execute(
            sql: """
                UPDATE attempts SET phase = 'ended', outcome = 'unknown', ended_at = ?, evidence = ? WHERE fax = ? AND outcome IS NULL
                """, arguments: [now.milliseconds, evidence, id.text])
        try ledger.append(
            LedgerEvent(
                .attemptEnded, object: "fax/\(id)", by: .system, outcome: .unknown,
                details: ["outcome": "unknown", "evidence": .text(evidence)]), in: database)
    }

    /// What a person reads about a fax that waited when the backup was made.
    static let restored =
        "The server was restored from a backup in which this fax still waited, so it may have been sent after the backup was made. It is "
        + "not sent by itself: ask the recipient, then send it as a new fax if it did not arrive."
}
