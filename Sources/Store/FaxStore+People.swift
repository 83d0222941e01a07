package import FaxModel
import FoundationEssentials
import GRDB
package import Ledger
import Vault

/// People: who holds which credentials, and the end of all of them (45 CFR 164.308(a)(3)(ii)(C)).
extension FaxStore {
    /// What stands in the ledger for a person; empty for none.
    package func pseudonym(person: String) throws -> String {
        person.isEmpty ? "" : Self.hex(try keyRing.auditPseudonym(person, label: "person"))
    }

    /// Revokes every key that `person` owns, every emergency key that the person or one of these opened, and every link that all these
    /// made, refuses every bearer token issued to them until now, and removes their webhooks with all that waits to be told. Of the faxes
    /// that they sent nothing more is told to a callback_url.
    /// - Returns: the ids of the keys that were still good.
    package func revokePerson(_ person: String, by initiator: Initiator) async throws -> [String] {
        let now = clock()
        let index = try columns.index(person: person)
        let name = "person/\(try pseudonym(person: person))"
        return try await commit { [self] database in
            var keys = try String.fetchAll(
                database, sql: "SELECT id FROM api_keys WHERE owner_index = ? AND revoked_at IS NULL ORDER BY id", arguments: [index])
            try database.execute(
                sql: "UPDATE api_keys SET revoked_at = ? WHERE owner_index = ? AND revoked_at IS NULL",
                arguments: [now.milliseconds, index])
            try database.execute(
                sql: "DELETE FROM pdf_tokens WHERE issued_by IN (SELECT id FROM api_keys WHERE owner_index = ?)", arguments: [index])
            try database.execute(
                sql: "DELETE FROM pdf_tokens WHERE issued_by = ?", arguments: [name])
            // Of keys that were revoked before, too: what they opened may be good still.
            let owned = try String.fetchAll(database, sql: "SELECT id FROM api_keys WHERE owner_index = ? ORDER BY id", arguments: [index])
            for opener in [name] + owned {
                keys += try endEmergencies(openedBy: opener, by: initiator, now: now, in: database)
            }
            try removeWebhooks(of: name, by: initiator, in: database)
            try database.execute(
                sql: "INSERT OR REPLACE INTO revoked_owners (owner, revoked_at) VALUES (?, ?)", arguments: [name, now.milliseconds])
            try database.execute(
                sql: "INSERT OR REPLACE INTO revoked_people (person_index, revoked_at) VALUES (?, ?)",
                arguments: [index, now.milliseconds])
            try ledger.append(
                LedgerEvent(.personRevoked, object: name, by: initiator, details: ["keys": .integer(Int64(keys.count))]), in: database)
            return keys
        }
    }

    /// A key's webhooks are silent once it is revoked. A person may come back, and these must not with them: those that they own, and those
    /// of all faxes that they made for a key.
    private func removeWebhooks(of owner: String, by initiator: Initiator, in database: Database) throws {
        let endpoints = try String.fetchAll(
            database, sql: "SELECT id FROM webhook_endpoints WHERE owner = :owner OR is_all AND made_by = :owner ORDER BY id",
            arguments: ["owner": owner])
        for id in endpoints {
            try database.execute(sql: "DELETE FROM webhook_endpoints WHERE id = ?", arguments: [id])
            try database.execute(sql: "DELETE FROM webhook_secrets WHERE holder = ?", arguments: [id])
            try database.execute(sql: "DELETE FROM webhook_deliveries WHERE target = ?", arguments: [id])
            try recordWebhook("removed", id, by: initiator, in: database)
        }
        // Those to the callback_url of their faxes.
        try database.execute(sql: "DELETE FROM webhook_deliveries WHERE owner = ? AND state = 'pending'", arguments: [owner])
    }

    /// Until when tokens issued to a person are refused, or nil when none are.
    package func revocation(ofPerson person: String) async throws -> Timestamp? {
        let index = try columns.index(person: person)
        return try await read { database in
            try Int64.fetchOne(database, sql: "SELECT revoked_at FROM revoked_people WHERE person_index = ?", arguments: [index])
                .map { Timestamp(milliseconds: $0) }
        }
    }

    /// Emergency keys, newest first.
    package func emergencies() async throws -> [EmergencyRecord] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT break_glass.*, api_keys.expires_at AS expires_at FROM break_glass
                    JOIN api_keys ON api_keys.id = break_glass.key ORDER BY opened_at DESC, key
                    """
            ).map { row in
                EmergencyRecord(
                    key: row["key"], reason: row["reason"], openedBy: row["opened_by"],
                    openedAt: Timestamp(milliseconds: row["opened_at"]),
                    expiresAt: (row["expires_at"] as Int64?).map { Timestamp(milliseconds: $0) }, reviewedBy: row["reviewed_by"],
                    reviewedAt: (row["reviewed_at"] as Int64?).map { Timestamp(milliseconds: $0) })
            }
        }
    }

    /// Notes that somebody looked at what was done with an emergency key.
    /// - Returns: false when there is no such key or it was reviewed before.
    package func reviewEmergency(_ key: String, by initiator: Initiator) async throws -> Bool {
        let now = clock()
        return try await commit { [ledger] database in
            try database.execute(
                sql: "UPDATE break_glass SET reviewed_by = ?, reviewed_at = ? WHERE key = ? AND reviewed_at IS NULL",
                arguments: [initiator.id, now.milliseconds, key])
            guard database.changesCount == 1 else { return false }
            try ledger.append(LedgerEvent(.breakGlassReviewed, object: "key/\(key)", by: initiator), in: database)
            return true
        }
    }
}

/// A use of emergency access.
package struct EmergencyRecord: Sendable {
    package let key: String
    /// An `AccessReason` in words.
    package let reason: String
    package let openedBy: String
    package let openedAt: Timestamp
    package let expiresAt: Timestamp?
    package let reviewedBy: String?
    package let reviewedAt: Timestamp?
}
