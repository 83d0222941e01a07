import FaxModel
import FoundationEssentials
import GRDB
package import Ledger

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

    /// All wrapped keys, sorted by name. Blocks: not for the tasks' own threads.
    package func wrappedKeyRows() throws -> [WrappedKeyRow] {
        try pool.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM keys ORDER BY name").map { row in
                WrappedKeyRow(
                    name: row["name"], wrapped: Array(row["wrapped"] as Data), wrappedBy: row["wrapped_by"], createdAt: row["created_at"],
                    destroyedAt: row["destroyed_at"])
            }
        }
    }

    /// Writes the database as it is at one moment to a new file, while everybody goes on reading and writing. Blocks for as long as that
    /// takes. The copy has the wrapped keys in it.
    /// - Parameter path: no file, or an empty one.
    package func copyDatabase(to path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        // A connection of its own: the pool's readers stand in transactions, in which SQLite does not copy.
        let source = try DatabaseQueue(path: pool.path, configuration: configuration)
        defer { try? source.close() }
        try source.inDatabase { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
    }

    /// The first thing that is done with a restored database: nothing of it is ever sent by itself. What the snapshot shows as waiting
    /// or in a call may have been sent after it was made. Links to documents are withdrawn, and the restore is recorded.
    /// - Parameters:
    ///   - snapshot: its name.
    ///   - details: further facts for the event, without PHI.
    /// - Returns: how many faxes are held, now in the state `unknown`.
    package func holdAfterRestore(of snapshot: String, details: [String: LedgerValue], by initiator: Initiator) async throws -> Int {
        let now = clock()
        return try await commit { [self] database in
            var held = 0
            for state in [FaxState.accepted, .rendering, .queued, .sending] {
                for id in try String.fetchAll(database, sql: Self.inWork, arguments: [state.rawValue, -1]).compactMap({ FaxID($0) }) {
                    if state == .sending { try endAttempt(of: id, now: now, in: database) }
                    if try apply(.restoredFromBackup, to: id, error: Self.restored, now: now, in: database) != nil { held += 1 }
                }
            }
            try database.execute(sql: "DELETE FROM pdf_tokens")
            var details = details
            details["snapshot"] = .text(snapshot)
            details["held"] = .integer(Int64(held))
            try ledger.append(LedgerEvent(.backupRestored, object: "backup/\(snapshot)", by: initiator, details: details), in: database)
            return held
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
