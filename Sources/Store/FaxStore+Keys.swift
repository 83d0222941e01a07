package import FaxModel
import FoundationEssentials
import GRDB

extension FaxStore {
    /// Stores a new key.
    package func save(_ key: APIKeyRecord) async throws {
        let name = try columns.seal(key.name, .keyName, row: key.id)
        let owner = try columns.seal(key.owner, .keyOwner, row: key.id)
        let note = try columns.seal(key.note, .keyNote, row: key.id)
        let scopes = key.scopes.map(\.rawValue).sorted().joined(separator: " ")
        try await commit { database in
            try database.execute(
                sql: """
                    INSERT INTO api_keys (id, secret_sha256, scopes, sealed_name, sealed_owner, sealed_note, created_at, expires_at,
                        last_used_at, revoked_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    key.id, Data(key.secretHash), scopes, name, owner, note, key.createdAt.milliseconds, key.expiresAt?.milliseconds,
                    key.lastUsedAt?.milliseconds, key.revokedAt?.milliseconds,
                ])
        }
    }

    /// All keys, oldest first, revoked ones too.
    package func apiKeys() async throws -> [APIKeyRecord] {
        try await read { [columns] database in
            try Row.fetchAll(database, sql: "SELECT * FROM api_keys ORDER BY created_at, id").map { row in
                let id: String = row["id"]
                let scopes: String = row["scopes"]
                return APIKeyRecord(
                    id: id, secretHash: Array(row["secret_sha256"] as Data),
                    scopes: Set(scopes.split(separator: " ").compactMap { Scope(rawValue: String($0)) }),
                    name: try columns.open(row["sealed_name"], .keyName, row: id),
                    owner: try columns.open(row["sealed_owner"], .keyOwner, row: id),
                    note: try columns.open(row["sealed_note"], .keyNote, row: id),
                    createdAt: Timestamp(milliseconds: row["created_at"]),
                    expiresAt: (row["expires_at"] as Int64?).map { Timestamp(milliseconds: $0) },
                    lastUsedAt: (row["last_used_at"] as Int64?).map { Timestamp(milliseconds: $0) },
                    revokedAt: (row["revoked_at"] as Int64?).map { Timestamp(milliseconds: $0) })
            }
        }
    }

    /// Replaces the secret of a key that has the secret `old` and is not revoked.
    /// - Returns: false when it was revoked or rotated in the meantime; then nothing changed.
    package func rotateKey(_ id: String, from old: [UInt8], to new: [UInt8]) async throws -> Bool {
        try await commit { database in
            try database.execute(
                sql: "UPDATE api_keys SET secret_sha256 = ? WHERE id = ? AND secret_sha256 = ? AND revoked_at IS NULL",
                arguments: [Data(new), id, Data(old)])
            return database.changesCount == 1
        }
    }

    /// - Returns: false when there is no such key or it was revoked before.
    package func revokeKey(_ id: String) async throws -> Bool {
        let now = clock()
        return try await commit { database in
            try database.execute(
                sql: "UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", arguments: [now.milliseconds, id])
            return database.changesCount == 1
        }
    }

    /// Notes when keys were last used. Called now and then, not at each request.
    package func keysUsed(_ times: [String: Timestamp]) async throws {
        try await commit { database in
            for (id, time) in times {
                try database.execute(
                    sql: "UPDATE api_keys SET last_used_at = ? WHERE id = ?", arguments: [time.milliseconds, id])
            }
        }
    }
}
