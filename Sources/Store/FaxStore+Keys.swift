package import FaxModel
import FoundationEssentials
import GRDB
package import Ledger

extension FaxStore {
    /// Stores a new key with its grants.
    /// - Parameter emergency: why it was opened, for a break-glass key, which somebody must review.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func save(_ key: APIKeyRecord, emergency reason: String? = nil, by initiator: Initiator) async throws {
        let name = try columns.seal(key.name, .keyName, row: key.id)
        let owner = try columns.seal(key.owner, .keyOwner, row: key.id)
        let note = try columns.seal(key.note, .keyNote, row: key.id)
        let ownerIndex = try key.owner.isEmpty ? nil : columns.index(person: key.owner)
        let scopes = key.scopes.map(\.rawValue).sorted().joined(separator: " ")
        var details: [String: LedgerValue] = [
            "scopes": .text(scopes), "owner": .text(try pseudonym(person: key.owner)),
            "addresses": .text(key.addresses.joined(separator: " ")),
            "grants": .text(key.grants.map { "\($0.mailbox):\($0.role)" }.sorted().joined(separator: " ")),
        ]
        if let expiresAt = key.expiresAt { details["expires_at"] = .text(expiresAt.description) }
        if let reason { details["reason"] = .text(reason) }
        let event = LedgerEvent(reason == nil ? .keyCreated : .breakGlassOpened, object: "key/\(key.id)", by: initiator, details: details)
        try await commit { [self] database in
            try requireGood(initiator, in: database)
            try database.execute(
                sql: """
                    INSERT INTO api_keys (id, secret_sha256, scopes, sealed_name, sealed_owner, sealed_note, owner_index, addresses,
                        created_at, expires_at, last_used_at, revoked_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    key.id, Data(key.secretHash), scopes, name, owner, note, ownerIndex, key.addresses.joined(separator: " "),
                    key.createdAt.milliseconds, key.expiresAt?.milliseconds, key.lastUsedAt?.milliseconds, key.revokedAt?.milliseconds,
                ])
            for grant in key.grants {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO grants (subject, mailbox, role, created_at) VALUES (?, ?, ?, ?)",
                    arguments: ["key/\(key.id)", grant.mailbox, grant.role, key.createdAt.milliseconds])
            }
            if let reason {
                try database.execute(
                    sql: "INSERT INTO break_glass (key, reason, opened_by, opened_at) VALUES (?, ?, ?, ?)",
                    arguments: [key.id, reason, initiator.id, key.createdAt.milliseconds])
            }
            try ledger.append(event, in: database)
        }
    }

    /// All keys, oldest first, revoked ones too.
    package func apiKeys() async throws -> [APIKeyRecord] {
        try await read { [columns] database in
            var grants: [String: [GrantRecord]] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT subject, mailbox, role FROM grants ORDER BY mailbox, role") {
                grants[row["subject"], default: []].append(GrantRecord(mailbox: row["mailbox"], role: row["role"]))
            }
            return try Row.fetchAll(database, sql: "SELECT * FROM api_keys ORDER BY created_at, id").map { row in
                let id: String = row["id"]
                let scopes: String = row["scopes"]
                let addresses: String = row["addresses"]
                return APIKeyRecord(
                    id: id, secretHash: Array(row["secret_sha256"] as Data),
                    scopes: Set(scopes.split(separator: " ").compactMap { Scope(rawValue: String($0)) }),
                    name: try columns.open(row["sealed_name"], .keyName, row: id),
                    owner: try columns.open(row["sealed_owner"], .keyOwner, row: id),
                    note: try columns.open(row["sealed_note"], .keyNote, row: id),
                    addresses: addresses.split(separator: " ").map { String($0) }, grants: grants["key/\(id)"] ?? [],
                    createdAt: Timestamp(milliseconds: row["created_at"]),
                    expiresAt: (row["expires_at"] as Int64?).map { Timestamp(milliseconds: $0) },
                    lastUsedAt: (row["last_used_at"] as Int64?).map { Timestamp(milliseconds: $0) },
                    revokedAt: (row["revoked_at"] as Int64?).map { Timestamp(milliseconds: $0) })
            }
        }
    }

    /// Replaces the secret of a key that has the secret `old` and is not revoked. Its links end with the old secret.
    /// - Returns: false when it was revoked or rotated in the meantime; then nothing changed.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func rotateKey(_ id: String, from old: [UInt8], to new: [UInt8], by initiator: Initiator) async throws -> Bool {
        try await commit { [self] database in
            try requireGood(initiator, in: database)
            try database.execute(
                sql: "UPDATE api_keys SET secret_sha256 = ? WHERE id = ? AND secret_sha256 = ? AND revoked_at IS NULL",
                arguments: [Data(new), id, Data(old)])
            guard database.changesCount == 1 else { return false }
            try database.execute(sql: "DELETE FROM pdf_tokens WHERE issued_by = ?", arguments: [id])
            try ledger.append(LedgerEvent(.keyRotated, object: "key/\(id)", by: initiator), in: database)
            return true
        }
    }

    /// Revokes a key, the emergency keys that it opened, and the links of all these.
    /// - Returns: the ids of the keys that were still good; empty when there is no such key or it was revoked before.
    package func revokeKey(_ id: String, by initiator: Initiator) async throws -> [String] {
        let now = clock()
        return try await commit { [self] database in
            try database.execute(
                sql: "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", arguments: [now.milliseconds, id])
            guard database.changesCount == 1 else { return [] }
            // A link that the key made is a credential too.
            try database.execute(sql: "DELETE FROM pdf_tokens WHERE issued_by = ?", arguments: [id])
            try ledger.append(LedgerEvent(.keyRevoked, object: "key/\(id)", by: initiator), in: database)
            return [id] + (try endEmergencies(openedBy: id, by: initiator, now: now, in: database))
        }
    }

    /// Revokes the emergency keys that a key or a person opened, and their links.
    /// - Parameter opener: the key's id, or `person/<pseudonym>`.
    /// - Returns: the ids of those that were still good.
    func endEmergencies(openedBy opener: String, by initiator: Initiator, now: Timestamp, in database: Database) throws -> [String] {
        let keys = try String.fetchAll(
            database,
            sql: """
                SELECT id FROM api_keys WHERE revoked_at IS NULL AND id IN (SELECT key FROM break_glass WHERE opened_by = ?) ORDER BY id
                """, arguments: [opener])
        for key in keys {
            try database.execute(sql: "UPDATE api_keys SET revoked_at = ? WHERE id = ?", arguments: [now.milliseconds, key])
            try database.execute(sql: "DELETE FROM pdf_tokens WHERE issued_by = ?", arguments: [key])
            try ledger.append(LedgerEvent(.keyRevoked, object: "key/\(key)", by: initiator), in: database)
        }
        return keys
    }

    /// Notes when keys were last used, and which for the first time. Called now and then, not at each request.
    package func keysUsed(_ times: [String: Timestamp]) async throws {
        try await commit { [ledger] database in
            for (id, time) in times.sorted(by: { $0.key < $1.key }) {
                let isFirst = try Bool.fetchOne(
                    database, sql: "SELECT last_used_at IS NULL FROM api_keys WHERE id = ?", arguments: [id])
                try database.execute(
                    sql: "UPDATE api_keys SET last_used_at = ? WHERE id = ?", arguments: [time.milliseconds, id])
                guard isFirst == true else { continue }
                try ledger.append(
                    LedgerEvent(
                        .keyFirstUsed, object: "key/\(id)", by: Initiator(.key, id: id), details: ["at": .text(time.description)]),
                    in: database)
            }
        }
    }
}
