package import FaxModel
import FoundationEssentials
import GRDB
package import Ledger

/// Reading the ledger: for auditors, exports and sinks.
extension FaxStore {
    /// A leaf with its place.
    package struct LedgerEntry: Sendable {
        /// From 0.
        package let sequence: Int64
        /// The exact bytes that were hashed.
        package let leaf: [UInt8]
    }

    /// A signed checkpoint.
    package struct LedgerNote: Sendable {
        /// Grows; a sink goes on after the last that it was told.
        package let id: Int64
        package let size: Int64
        /// The note's text (C2SP signed-note).
        package let note: String
    }

    /// Which events are looked for; nil and empty match all.
    package struct LedgerQuery: Sendable {
        package var object: String?
        package var action: String?
        /// The initiator's id, or an address.
        package var actor: String?
        /// A word in the details, as a pseudonym.
        package var detail: String?
        package var from: Timestamp?
        package var to: Timestamp?

        package init() {}
    }

    /// Leaves in order.
    /// - Parameter sequence: the first.
    package func ledgerEntries(from sequence: Int64, limit: Int) async throws -> [LedgerEntry] {
        try await read { database in
            try Row.fetchAll(
                database.cachedStatement(sql: "SELECT seq, leaf FROM ledger WHERE seq >= ? ORDER BY seq LIMIT ?"),
                arguments: [sequence, limit]
            ).map(Self.entry)
        }
    }

    /// The newest events that match, newest first.
    package func ledgerEntries(matching query: LedgerQuery, before sequence: Int64? = nil, limit: Int) async throws -> [LedgerEntry] {
        try await read { database in
            var span: ClosedRange<Int64>?
            if let from = query.from {
                let end = query.to ?? Timestamp(milliseconds: .max)
                guard from < end, let found = try Self.sequences(of: from..<end, in: database) else { return [] }
                span = found
            }
            let search = Self.search(query, within: span, before: sequence, limit: limit)
            return try Row.fetchAll(database, sql: search.sql, arguments: search.arguments).map(Self.entry)
        }
    }

    /// The numbers between which all events of a period are. Others may be among them: a clock can have been set back.
    static let sequencesOfPeriod = "SELECT min(seq) AS first, max(seq) AS last FROM ledger WHERE at >= ? AND at < ?"

    /// - Returns: nil when nothing happened.
    static func sequences(of period: Range<Timestamp>, in database: Database) throws -> ClosedRange<Int64>? {
        let row = try Row.fetchOne(
            database.cachedStatement(sql: sequencesOfPeriod),
            arguments: [period.lowerBound.milliseconds, period.upperBound.milliseconds])
        guard let row, let first = row["first"] as Int64?, let last = row["last"] as Int64?, first <= last else { return nil }
        return first...last
    }

    /// The statement of a search, of the conditions that are set alone: SQLite takes no index for one that may be.
    ///
    /// A `+` keeps a condition from an index. The object is the rarest; a period comes by its numbers, so that events are found in their
    /// order and the search ends at its limit.
    static func search(
        _ query: LedgerQuery, within span: ClosedRange<Int64>?, before sequence: Int64?, limit: Int
    ) -> (sql: String, arguments: StatementArguments) {
        var conditions = ["seq < ?"]
        var arguments: StatementArguments = [sequence ?? .max]
        func require(_ condition: String, _ values: (any DatabaseValueConvertible)?...) {
            conditions.append(condition)
            arguments += StatementArguments(values)
        }
        if let span { require("seq >= ? AND seq <= ?", span.lowerBound, span.upperBound) }
        if let object = query.object { require("object = ?", object) }
        if let action = query.action { require(query.object == nil ? "action = ?" : "+action = ?", action) }
        if let from = query.from { require("+at >= ?", from.milliseconds) }
        if let to = query.to { require("+at < ?", to.milliseconds) }
        if let actor = query.actor {
            require(
                """
                (json_extract(CAST(leaf AS TEXT), '$.actor.id') = ? OR json_extract(CAST(leaf AS TEXT), '$.actor.address') = ?)
                """, actor, actor)
        }
        if let detail = query.detail {
            // What an event is about may be a number too: `number/PSEUDONYM`.
            require(
                """
                (substr(object, instr(object, '/') + 1) = ?
                    OR EXISTS (SELECT 1 FROM json_each(CAST(leaf AS TEXT), '$.details') AS detail WHERE detail.value = ?))
                """, detail, detail)
        }
        arguments += [limit]
        let sql = "SELECT seq, leaf FROM ledger WHERE \(conditions.joined(separator: " AND ")) ORDER BY seq DESC LIMIT ?"
        return (sql, arguments)
    }

    /// Signed checkpoints in the order in which they were made.
    /// - Parameter id: those after it.
    package func ledgerNotes(after id: Int64, limit: Int) async throws -> [LedgerNote] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT id, size, note FROM ledger_checkpoints WHERE id > ? ORDER BY id LIMIT ?", arguments: [id, limit]
            ).map { LedgerNote(id: $0["id"], size: $0["size"], note: $0["note"]) }
        }
    }

    static let largerNotes = "SELECT id, size, note FROM ledger_checkpoints WHERE size > ? ORDER BY size, id LIMIT ?"

    /// Signed checkpoints over more than `size` leaves, the smallest first.
    package func ledgerNotes(largerThan size: Int64, limit: Int) async throws -> [LedgerNote] {
        try await read { database in
            try Row.fetchAll(database.cachedStatement(sql: Self.largerNotes), arguments: [size, limit])
                .map { LedgerNote(id: $0["id"], size: $0["size"], note: $0["note"]) }
        }
    }

    /// The key that the ledger began with: it vouches for those after it, and is the one that an auditor keeps.
    /// - Throws: ``LedgerRefusal`` when the first event does not name one.
    package func firstLedgerKey() async throws -> VerifierKey {
        try await read { database in
            let text = try String.fetchOne(
                database, sql: "SELECT json_extract(CAST(leaf AS TEXT), '$.details.key') FROM ledger WHERE seq = 0")
            guard let key = text.flatMap({ VerifierKey($0) }) else { throw LedgerRefusal.damaged("its first event names no key") }
            return key
        }
    }

    /// The newest checkpoint.
    package func latestLedgerNote() async throws -> LedgerNote? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT id, size, note FROM ledger_checkpoints ORDER BY id DESC LIMIT 1")
                .map { LedgerNote(id: $0["id"], size: $0["size"], note: $0["note"]) }
        }
    }

    /// All events about an object that the newest checkpoint covers, with their proofs. Nil when there is none.
    /// - Throws: ``LedgerRefusal`` when leaves and checkpoint do not fit.
    package func evidence(of object: String) async throws -> FaxEvidence? {
        let key = try await firstLedgerKey()
        return try await read { database in
            guard let latest = try Row.fetchOne(database, sql: "SELECT size, note FROM ledger_checkpoints ORDER BY id DESC LIMIT 1"),
                let note = SignedNote(Array((latest["note"] as String).utf8))
            else { return nil }
            let size: Int64 = latest["size"]
            func leaves(_ condition: String, _ value: String) throws -> [(sequence: Int64, leaf: [UInt8])] {
                try Row.fetchAll(
                    database, sql: "SELECT seq, leaf FROM ledger WHERE \(condition) = ? AND seq < ? ORDER BY seq", arguments: [value, size]
                ).map { (sequence: $0["seq"], leaf: Array($0["leaf"] as Data)) }
            }
            let found = try leaves("object", object)
            guard !found.isEmpty else { return nil }
            let rows = try Row.fetchCursor(database, sql: "SELECT leaf FROM ledger WHERE seq < ? ORDER BY seq", arguments: [size])
            let evidence = try FaxEvidence(
                subject: object, leaves: found, keyChanges: try leaves("action", LedgerAction.ledgerKeyChanged.rawValue), checkpoint: note,
                key: key
            ) {
                var hashes: [MerkleHash] = []
                while hashes.count < 1024, let row = try rows.next() { hashes.append(MerkleHash(leaf: row["leaf"] as Data)) }
                return hashes.isEmpty ? nil : hashes
            }
            guard let evidence else { throw LedgerRefusal.damaged("its events do not fit the newest checkpoint") }
            return evidence
        }
    }

    /// Signs a checkpoint if there are leaves since the last, or the last is older than `age`.
    package func checkpointLedger(olderThan age: Duration) async throws {
        let now = clock()
        try await commit { [ledger] database in
            let last = ledger.lastCheckpoint
            guard last.size < ledger.size || last.at.advanced(by: age) <= now else { return }
            try ledger.checkpoint(in: database)
        }
    }

    /// How far a sink has been told: the sequence number of the last event and the size of the last checkpoint, -1 for none.
    package func position(ofSink sink: String) async throws -> (event: Int64, checkpoint: Int64) {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT event, checkpoint FROM sink_positions WHERE sink = ?", arguments: [sink])
                .map { ($0["event"], $0["checkpoint"]) } ?? (-1, -1)
        }
    }

    /// Notes how far a sink has been told.
    package func advance(sink: String, event: Int64, checkpoint: Int64) async throws {
        try await commit { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO sink_positions (sink, event, checkpoint) VALUES (?, ?, ?)",
                arguments: [sink, event, checkpoint])
        }
    }

    private static func entry(_ row: Row) -> LedgerEntry {
        LedgerEntry(sequence: row["seq"], leaf: Array(row["leaf"] as Data))
    }
}
