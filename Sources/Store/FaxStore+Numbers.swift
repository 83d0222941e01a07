package import FaxModel
import FoundationEssentials
import GRDB
package import Ledger

/// A number that belongs to a mailbox already.
package struct NumberTaken: Error {
    /// That mailbox's id.
    package let mailbox: String
}

/// One of the operator's own numbers, under which faxes come in.
package struct OwnNumber: Sendable, Equatable {
    /// As it was entered.
    package let number: String
    /// The mailbox to which it leads, or last led.
    package let mailbox: String
    package let assignedAt: Timestamp
    /// Since when it leads nowhere; nil while it is in use.
    package let retiredAt: Timestamp?
}

/// Where a called number leads.
package enum NumberRoute: Sendable, Equatable {
    case mailbox(String)
    /// It was given up.
    case retired
    /// It was never one of ours.
    case unknown
}

/// The numbers under which faxes come in. One that is given up is *retired*: whoever still calls it has an old address, and a fax sent to a
/// number that somebody else has by now is a breach (45 CFR 164.402). It is refused, and each refusal goes on record.
extension FaxStore {
    /// A number as the table has it.
    struct NumberKey: Sendable {
        let index: Data
        let sealed: Data
        /// In the ledger.
        let object: String
    }

    /// All numbers, in use or retired, the oldest first.
    package func numbers() async throws -> [OwnNumber] {
        try await read { [columns] database in
            try Row.fetchAll(database, sql: "SELECT * FROM mailbox_numbers ORDER BY created_at, number_index").map { row in
                let index: Data = row["number_index"]
                return OwnNumber(
                    number: try columns.open(row["sealed_number"], .mailboxNumber, row: Self.hex(index)), mailbox: row["mailbox"],
                    assignedAt: Timestamp(milliseconds: row["created_at"]),
                    retiredAt: (row["retired_at"] as Int64?).map { Timestamp(milliseconds: $0) })
            }
        }
    }

    /// Where a called number leads, with or without its `+`.
    package func route(ofNumber number: String) async throws -> NumberRoute {
        let index = try columns.index(number: number)
        return try await read { database in
            let row = try Row.fetchOne(
                database.cachedStatement(sql: "SELECT mailbox, retired_at FROM mailbox_numbers WHERE number_index = ?"), arguments: [index])
            guard let row else { return .unknown }
            return row["retired_at"] as Int64? == nil ? .mailbox(row["mailbox"]) : .retired
        }
    }

    /// The mailbox to which a called number leads; ``Mailbox/main`` for a number of no mailbox.
    package func mailbox(ofNumber number: String) async throws -> String {
        if case .mailbox(let name) = try await route(ofNumber: number) { name } else { Mailbox.main }
    }

    /// Has a number lead to a mailbox, also one that was retired.
    /// - Returns: false when there is no such mailbox.
    /// - Throws: ``NumberTaken``, ``StoreFailure/revokedInitiator``; then nothing changed.
    package func assign(_ number: String, to mailbox: String, by initiator: Initiator) async throws -> Bool {
        let now = clock()
        let key = try numberKey(number)
        return try await commit { [self] database in
            try requireGood(initiator, in: database)
            guard try Int.fetchOne(database, sql: "SELECT 1 FROM mailboxes WHERE id = ?", arguments: [mailbox]) != nil else { return false }
            try assign(key, to: mailbox, by: initiator, now: now, in: database)
            return true
        }
    }

    /// Retires a number, also one that was never in use here: the list of an earlier system. One that is retired stays so.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func retire(_ number: String, by initiator: Initiator) async throws {
        let now = clock()
        let key = try numberKey(number)
        try await commit { [self] database in
            try requireGood(initiator, in: database)
            try retire(key, by: initiator, now: now, in: database)
        }
    }

    /// Forgets a retired number: calls to it are refused as to any that was never ours.
    /// - Returns: false when it is not a retired one.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func forget(_ number: String, by initiator: Initiator) async throws -> Bool {
        let key = try numberKey(number)
        return try await commit { [self] database in
            try requireGood(initiator, in: database)
            let mailbox = try String.fetchOne(
                database, sql: "SELECT mailbox FROM mailbox_numbers WHERE number_index = ? AND retired_at IS NOT NULL",
                arguments: [key.index])
            guard let mailbox else { return false }
            try database.execute(sql: "DELETE FROM mailbox_numbers WHERE number_index = ?", arguments: [key.index])
            try record("forgotten", key, mailbox, by: initiator, in: database)
            return true
        }
    }

    // MARK: In a commit

    func numberKey(_ number: String) throws -> NumberKey {
        let index = try columns.index(number: number)
        return NumberKey(
            index: index, sealed: try columns.seal(number, .mailboxNumber, row: Self.hex(index)),
            object: "number/\(try pseudonym(number: number))")
    }

    func numberKey(_ index: Data, in database: Database) throws -> NumberKey {
        let sealed = try Data.fetchOne(
            database, sql: "SELECT sealed_number FROM mailbox_numbers WHERE number_index = ?", arguments: [index])
        guard let sealed else { throw StoreFailure.damagedRow(table: "mailbox_numbers", row: Self.hex(index)) }
        return try numberKey(try columns.open(sealed, .mailboxNumber, row: Self.hex(index)))
    }

    /// - Throws: ``NumberTaken``.
    func assign(_ key: NumberKey, to mailbox: String, by initiator: Initiator, now: Timestamp, in database: Database) throws {
        let row = try Row.fetchOne(
            database, sql: "SELECT mailbox, retired_at FROM mailbox_numbers WHERE number_index = ?", arguments: [key.index])
        if let row, row["retired_at"] as Int64? == nil {
            let owner: String = row["mailbox"]
            guard owner == mailbox else { throw NumberTaken(mailbox: owner) }
            return
        }
        try database.execute(
            sql: """
                INSERT OR REPLACE INTO mailbox_numbers (number_index, sealed_number, mailbox, created_at, retired_at)
                VALUES (?, ?, ?, ?, NULL)
                """, arguments: [key.index, key.sealed, mailbox, now.milliseconds])
        try record("assigned", key, mailbox, by: initiator, in: database)
    }

    func retire(_ key: NumberKey, by initiator: Initiator, now: Timestamp, in database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO mailbox_numbers (number_index, sealed_number, mailbox, created_at, retired_at)
                VALUES (:index, :sealed, :main, :now, :now)
                ON CONFLICT (number_index) DO UPDATE SET retired_at = excluded.retired_at WHERE retired_at IS NULL
                """,
            arguments: ["index": key.index, "sealed": key.sealed, "main": Mailbox.main, "now": now.milliseconds])
        guard database.changesCount == 1 else { return }
        let mailbox = try String.fetchOne(
            database, sql: "SELECT mailbox FROM mailbox_numbers WHERE number_index = ?", arguments: [key.index])
        try record("retired", key, mailbox ?? Mailbox.main, by: initiator, in: database)
    }

    private func record(_ change: String, _ key: NumberKey, _ mailbox: String, by initiator: Initiator, in database: Database) throws {
        try ledger.append(
            LedgerEvent(
                .numberChanged, object: key.object, by: initiator, details: ["mailbox": .text(mailbox), "change": .text(change)]),
            in: database)
    }
}
