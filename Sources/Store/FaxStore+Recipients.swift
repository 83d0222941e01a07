package import FaxModel
import FoundationEssentials
import GRDB
package import Ledger
import Vault

/// The numbers that faxes go to: lists, directory, and what was delivered before.
extension FaxStore {
    /// Deliveries by which a number counts as one in use.
    private static let deliveriesOfUse = 3

    static let isReached = "SELECT 1 FROM faxes WHERE number_index = ? AND mailbox = ? AND state = 'delivered' LIMIT 1"
    static let timesReached = "SELECT count(*) FROM (SELECT 1 FROM faxes WHERE number_index = ? AND state = 'delivered' LIMIT ?)"
    /// Ids begin with the time of acceptance.
    static let acceptedSince = "SELECT count(*) FROM (SELECT 1 FROM faxes WHERE owner = ? AND id >= ? LIMIT ?)"

    /// All entries, or those of a status, the oldest first.
    package func recipients(_ status: RecipientRecord.Status? = nil) async throws -> [RecipientRecord] {
        try await read { [columns] database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM recipients WHERE :status IS NULL OR status = :status ORDER BY created_at, entry_index",
                arguments: ["status": status?.rawValue]
            ).map { try Self.recipient($0, columns: columns) }
        }
    }

    /// The entry of a number.
    package func recipient(_ number: String) async throws -> RecipientRecord? {
        let index = try columns.index(number: number)
        return try await read { [columns] in try Self.recipient(index, columns: columns, in: $0) }
    }

    /// What the rules ask about a number, as it is at one moment.
    /// - Parameters:
    ///   - mailbox: from which a fax is to go there.
    ///   - withNeighbours: whether to look for numbers in use that it may be a slip for. That is asked of a number that is new only.
    package func facts(ofRecipient number: String, from mailbox: String, withNeighbours: Bool) async throws -> RecipientFacts {
        let index = try columns.index(number: number)
        let digits = number.filter { $0 != "+" }
        let prefixes = try (1...max(1, digits.count)).reversed().map { try columns.index(prefix: String(digits.prefix($0))) }
        return try await read { [columns] database in
            var facts = RecipientFacts()
            facts.entry = try Self.recipient(index, columns: columns, in: database)
            for prefix in prefixes where facts.prefix == nil {
                facts.prefix = try Self.recipient(prefix, columns: columns, in: database)
            }
            let isReached = try database.cachedStatement(sql: Self.isReached)
            facts.wasReached = try Int.fetchOne(isReached, arguments: [index, mailbox]) != nil
            if withNeighbours, !facts.wasReached, facts.entry?.confirmedAt == nil {
                facts.isOneDigitOff = try NumberNeighbours.of(number).contains {
                    try Self.isInUse(try columns.index(number: $0), in: database)
                }
            }
            return facts
        }
    }

    /// How many faxes a key submitted since a moment.
    /// - Parameter limit: more are not counted.
    package func faxesAccepted(from owner: String, since: Timestamp, limit: Int) async throws -> Int {
        let digits = String(max(0, since.milliseconds), radix: 16)
        let first = String(repeating: "0", count: max(0, 12 - digits.count)) + digits
        return try await read { database in
            try Int.fetchOne(database.cachedStatement(sql: Self.acceptedSince), arguments: [owner, first, limit]) ?? 0
        }
    }

    /// Makes an entry or changes one. Faxes that wait and may not go to a number any more are held.
    /// - Throws: ``StoreFailure/revokedInitiator``; then nothing changed.
    package func change(_ change: RecipientChange, by initiator: Initiator) async throws -> RecipientRecord {
        let now = clock()
        let index = try change.isPrefix ? columns.index(prefix: change.number.filter { $0 != "+" }) : columns.index(number: change.number)
        let (entry, isOther) = try await commit { [self] database in
            try requireGood(initiator, in: database)
            let old = try Self.recipient(index, columns: columns, in: database)
            let status = change.status ?? old?.status ?? .known
            let entry = RecipientRecord(
                number: change.number, isPrefix: change.isPrefix, status: status,
                name: Self.text(change.name, old?.name), expectedStation: Self.text(change.expectedStation, old?.expectedStation),
                reason: Self.text(change.reason, old?.reason), newNumber: Self.text(change.newNumber, old?.newNumber),
                since: change.since ?? (status == old?.status ? old?.since : nil) ?? now, confirmedBy: old?.confirmedBy,
                confirmedAt: old?.confirmedAt, createdAt: old?.createdAt ?? now, updatedAt: now)
            try write(entry, index, change: status.rawValue, by: initiator, in: database)
            return (entry, status != old?.status)
        }
        if isOther { try await holdBarred(change.number, isPrefix: change.isPrefix, by: initiator) }
        return entry
    }

    /// Notes that a person looked at a number and it is the recipient's. What refuses the number stays.
    /// - Throws: ``StoreFailure/revokedInitiator``; then nothing changed.
    package func confirmRecipient(_ number: String, by initiator: Initiator) async throws -> RecipientRecord {
        let now = clock()
        let index = try columns.index(number: number)
        return try await commit { [self] database in
            try requireGood(initiator, in: database)
            var entry =
                try Self.recipient(index, columns: columns, in: database)
                ?? RecipientRecord(number: number, isPrefix: false, status: .known, since: now, createdAt: now, updatedAt: now)
            entry.confirmedBy = initiator.id
            entry.confirmedAt = now
            entry.updatedAt = now
            try write(entry, index, change: "confirmed", by: initiator, in: database)
            return entry
        }
    }

    /// Forgets a number or a prefix, and that it was confirmed. Faxes that wait and went on its strength alone are held.
    /// - Returns: false when there is no such entry.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func removeRecipient(_ number: String, isPrefix: Bool, by initiator: Initiator) async throws -> Bool {
        let index = try isPrefix ? columns.index(prefix: number.filter { $0 != "+" }) : columns.index(number: number)
        let isGone = try await commit { [self] database in
            try requireGood(initiator, in: database)
            guard let old = try Self.recipient(index, columns: columns, in: database) else { return false }
            try database.execute(sql: "DELETE FROM recipients WHERE entry_index = ?", arguments: [index])
            try record("removed", old, by: initiator, in: database)
            return true
        }
        if isGone { try await holdBarred(number, isPrefix: isPrefix, by: initiator) }
        return isGone
    }

    // MARK: Rows

    /// What is sealed of an entry.
    private struct Sealed: Codable {
        let number: String
        let name: String?
        let station: String?
        let reason: String?
        let newNumber: String?
    }

    private func write(
        _ entry: RecipientRecord, _ index: Data, change: String, by initiator: Initiator, in database: Database
    ) throws {
        let sealed = Sealed(
            number: entry.number, name: entry.name, station: entry.expectedStation, reason: entry.reason, newNumber: entry.newNumber)
        let text = String(decoding: try JSONEncoder().encode(sealed), as: UTF8.self)
        try database.execute(
            sql: """
                INSERT INTO recipients (entry_index, is_prefix, sealed_entry, status, since, confirmed_by, confirmed_at, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (entry_index) DO UPDATE SET sealed_entry = excluded.sealed_entry, status = excluded.status,
                    since = excluded.since, confirmed_by = excluded.confirmed_by, confirmed_at = excluded.confirmed_at,
                    updated_at = excluded.updated_at
                """,
            arguments: [
                index, entry.isPrefix, try columns.seal(text, .recipientEntry, row: Self.hex(index)), entry.status.rawValue,
                entry.since.milliseconds, entry.confirmedBy, entry.confirmedAt?.milliseconds, entry.createdAt.milliseconds,
                entry.updatedAt.milliseconds,
            ])
        try record(change, entry, by: initiator, in: database)
    }

    private func record(_ change: String, _ entry: RecipientRecord, by initiator: Initiator, in database: Database) throws {
        var details: [String: LedgerValue] = ["change": .text(change)]
        if entry.isPrefix { details["prefix"] = .boolean(true) }
        try ledger.append(
            LedgerEvent(
                .recipientChanged, object: "number/\(try pseudonym(number: entry.number))", by: initiator, details: details), in: database)
    }

    private static func recipient(_ index: Data, columns: SealedColumns, in database: Database) throws -> RecipientRecord? {
        let select = try database.cachedStatement(sql: "SELECT * FROM recipients WHERE entry_index = ?")
        return try Row.fetchOne(select, arguments: [index]).map { try recipient($0, columns: columns) }
    }

    private static func recipient(_ row: Row, columns: SealedColumns) throws -> RecipientRecord {
        let name = hex(row["entry_index"] as Data)
        let text = try columns.open(row["sealed_entry"], .recipientEntry, row: name)
        guard let status = RecipientRecord.Status(rawValue: row["status"]),
            let sealed = try? JSONDecoder().decode(Sealed.self, from: Data(text.utf8))
        else { throw StoreFailure.damagedRow(table: "recipients", row: name) }
        return RecipientRecord(
            number: sealed.number, isPrefix: row["is_prefix"], status: status, name: sealed.name, expectedStation: sealed.station,
            reason: sealed.reason, newNumber: sealed.newNumber, since: Timestamp(milliseconds: row["since"]),
            confirmedBy: row["confirmed_by"], confirmedAt: (row["confirmed_at"] as Int64?).map { Timestamp(milliseconds: $0) },
            createdAt: Timestamp(milliseconds: row["created_at"]), updatedAt: Timestamp(milliseconds: row["updated_at"]))
    }

    /// Whether faxes go to a number as a rule, or the directory has it.
    private static func isInUse(_ index: Data, in database: Database) throws -> Bool {
        let times = try database.cachedStatement(sql: timesReached)
        if try Int.fetchOne(times, arguments: [index, deliveriesOfUse]) ?? 0 >= deliveriesOfUse { return true }
        let listed = try database.cachedStatement(
            sql: "SELECT 1 FROM recipients WHERE entry_index = ? AND (status = 'allowed' OR status = 'known' AND confirmed_at IS NOT NULL)")
        return try Int.fetchOne(listed, arguments: [index]) != nil
    }

    /// A text of a change: nil leaves the old one, an empty one takes it away.
    private static func text(_ new: String?, _ old: String?) -> String? {
        guard let new else { return old }
        return new.isEmpty ? nil : new
    }
}

extension SealedColumns {
    /// By which the entry of a prefix is found: digits, without `+`.
    func index(prefix digits: String) throws -> Data {
        Data(try ring.blindIndex(digits, label: "number-prefix"))
    }
}
