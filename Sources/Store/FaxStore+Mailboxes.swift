import FaxModel
import FoundationEssentials
import GRDB
package import Ledger

/// Mailboxes, the numbers that lead to them, and who may do what in them.
extension FaxStore {
    /// A mailbox with the numbers that lead to it, as they were entered.
    package struct MailboxEntry: Sendable {
        package let mailbox: Mailbox
        package let numbers: [String]
    }

    /// All mailboxes in the order of their ids.
    package func mailboxes() async throws -> [MailboxEntry] {
        try await read { [columns] database in
            var numbers: [String: [String]] = [:]
            for row in try Row.fetchAll(
                database, sql: "SELECT * FROM mailbox_numbers WHERE retired_at IS NULL ORDER BY created_at, number_index")
            {
                let index: Data = row["number_index"]
                numbers[row["mailbox"], default: []].append(
                    try columns.open(row["sealed_number"], .mailboxNumber, row: Self.hex(index)))
            }
            return try Row.fetchAll(database, sql: "SELECT * FROM mailboxes ORDER BY id").map { row in
                let mailbox = Self.mailbox(row)
                return MailboxEntry(mailbox: mailbox, numbers: numbers[mailbox.id] ?? [])
            }
        }
    }

    /// A mailbox by its id, or nil.
    package func mailbox(_ id: String) async throws -> Mailbox? {
        try await read { database in
            try Row.fetchOne(database.cachedStatement(sql: "SELECT * FROM mailboxes WHERE id = ?"), arguments: [id]).map(Self.mailbox)
        }
    }

    /// Makes a mailbox or changes its rules.
    /// - Parameter numbers: all numbers that it has from now on, the others are retired; nil leaves them as they are.
    /// - Throws: ``NumberTaken``, ``StoreFailure/revokedInitiator``; then nothing changed.
    package func save(_ mailbox: Mailbox, numbers: [String]?, by initiator: Initiator) async throws {
        let now = clock()
        let wanted = try numbers?.map { try numberKey($0) }
        var details: [String: LedgerValue] = [:]
        if let days = mailbox.retentionDays { details["retention_days"] = .integer(Int64(days)) }
        if let days = mailbox.inboundRetentionDays { details["inbound_retention_days"] = .integer(Int64(days)) }
        if let deletes = mailbox.deletesOnSuccess { details["delete_on_success"] = .boolean(deletes) }
        let changed = LedgerEvent(.mailboxChanged, object: "mailbox/\(mailbox.id)", by: initiator, details: details)
        try await commit { [self] database in
            try requireGood(initiator, in: database)
            try database.execute(
                sql: """
                    INSERT INTO mailboxes (id, retention_days, inbound_retention_days, delete_on_success, created_at) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET retention_days = excluded.retention_days,
                        inbound_retention_days = excluded.inbound_retention_days, delete_on_success = excluded.delete_on_success
                    """,
                arguments: [
                    mailbox.id, mailbox.retentionDays, mailbox.inboundRetentionDays, mailbox.deletesOnSuccess, now.milliseconds,
                ])
            try ledger.append(changed, in: database)
            guard let wanted else { return }
            let old = try Data.fetchAll(
                database, sql: "SELECT number_index FROM mailbox_numbers WHERE mailbox = ? AND retired_at IS NULL", arguments: [mailbox.id])
            for index in old where !wanted.contains(where: { $0.index == index }) {
                try retire(try numberKey(index, in: database), by: initiator, now: now, in: database)
            }
            for number in wanted { try assign(number, to: mailbox.id, by: initiator, now: now, in: database) }
        }
    }

    /// Replaces all that a key has been granted. Its links end: they may open what it may not open any more.
    /// - Returns: false when there is no such key or it is revoked.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func setGrants(_ grants: [GrantRecord], ofKey id: String, by initiator: Initiator) async throws -> Bool {
        let now = clock()
        let words = grants.map { "\($0.mailbox):\($0.role)" }.sorted().joined(separator: " ")
        return try await commit { [self] database in
            try requireGood(initiator, in: database)
            guard
                try Int.fetchOne(database, sql: "SELECT 1 FROM api_keys WHERE id = ? AND revoked_at IS NULL", arguments: [id]) != nil
            else { return false }
            try database.execute(sql: "DELETE FROM grants WHERE subject = ?", arguments: ["key/\(id)"])
            for grant in grants {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO grants (subject, mailbox, role, created_at) VALUES (?, ?, ?, ?)",
                    arguments: ["key/\(id)", grant.mailbox, grant.role, now.milliseconds])
            }
            try database.execute(sql: "DELETE FROM pdf_tokens WHERE issued_by = ?", arguments: [id])
            try ledger.append(
                LedgerEvent(.grantChanged, object: "key/\(id)", by: initiator, details: ["grants": .text(words)]), in: database)
            return true
        }
    }

    /// What a key has been granted. It reads nothing of other keys, so that a damaged row among them cannot keep a reduction from memory.
    package func grants(ofKey id: String) async throws -> [GrantRecord] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT mailbox, role FROM grants WHERE subject = ? ORDER BY mailbox, role", arguments: ["key/\(id)"]
            ).map { GrantRecord(mailbox: $0["mailbox"], role: $0["role"]) }
        }
    }

    static func mailbox(_ row: Row) -> Mailbox {
        Mailbox(
            id: row["id"], retentionDays: row["retention_days"], inboundRetentionDays: row["inbound_retention_days"],
            deletesOnSuccess: row["delete_on_success"])
    }
}
