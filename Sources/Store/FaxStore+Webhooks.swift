import FaxModel
import FoundationEssentials
import GRDB
package import Ledger

/// Endpoints of webhooks, and the secrets by which their messages are signed.
extension FaxStore {
    /// Endpoints of one owner.
    package static let mostWebhooks = 32
    /// For so long a former secret signs beside its successor.
    package static let secretOverlap = Duration.seconds(86_400)
    /// Secrets that sign at once; older ones go.
    private static let mostSecrets = 3

    /// A new id of a row. Ids sort by age.
    func rowID(_ prefix: String) -> String {
        var generator = SystemRandomNumberGenerator()
        return prefix + FaxID(now: clock(), using: &generator).text
    }

    /// Makes an endpoint with its first secret.
    /// - Parameter events: types; empty for all but ``WebhookEndpoint/untold``.
    /// - Returns: nil when the owner has ``mostWebhooks`` already.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func addWebhook(
        owner: String, isAll: Bool, events: [String], url: String, secret: String, by initiator: Initiator
    ) async throws -> WebhookEndpoint? {
        let endpoint = WebhookEndpoint(
            id: rowID("wh_"), owner: owner, madeBy: initiator.id, isAll: isAll, events: events, url: url, createdAt: clock())
        let sealed = try columns.seal(url, .webhookURL, row: endpoint.id)
        return try await commit { [self] database in
            try requireGood(initiator, in: database)
            let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM webhook_endpoints WHERE owner = ?", arguments: [owner]) ?? 0
            guard count < Self.mostWebhooks else { return nil }
            try database.execute(
                sql: """
                    INSERT INTO webhook_endpoints (id, owner, made_by, is_all, events, sealed_url, created_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    endpoint.id, owner, endpoint.madeBy, isAll, events.joined(separator: " "), sealed, endpoint.createdAt.milliseconds,
                ])
            try insert(secret: secret, holder: endpoint.id, in: database)
            try recordWebhook(
                "created", endpoint.id, by: initiator,
                ["owner": .text(owner), "all": .text("\(isAll)"), "events": .text(events.joined(separator: " "))], in: database)
            return endpoint
        }
    }

    /// All endpoints, the oldest first.
    package func webhooks() async throws -> [WebhookEndpoint] {
        try await read { [columns] database in
            try Row.fetchAll(database, sql: "SELECT * FROM webhook_endpoints ORDER BY id").map { try Self.endpoint($0, columns) }
        }
    }

    package func webhook(_ id: String) async throws -> WebhookEndpoint? {
        try await read { [columns] database in
            try Row.fetchOne(database, sql: "SELECT * FROM webhook_endpoints WHERE id = ?", arguments: [id])
                .map { try Self.endpoint($0, columns) }
        }
    }

    /// Removes an endpoint with its secrets and messages.
    /// - Returns: false when there is no such endpoint.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func removeWebhook(_ id: String, by initiator: Initiator) async throws -> Bool {
        try await commit { [self] database in
            try requireGood(initiator, in: database)
            try database.execute(sql: "DELETE FROM webhook_endpoints WHERE id = ?", arguments: [id])
            guard database.changesCount == 1 else { return false }
            try database.execute(sql: "DELETE FROM webhook_secrets WHERE holder = ?", arguments: [id])
            try database.execute(sql: "DELETE FROM webhook_deliveries WHERE target = ?", arguments: [id])
            try recordWebhook("removed", id, by: initiator, in: database)
            return true
        }
    }

    // MARK: Secrets

    /// By what name the secrets for the callback_url of an owner's faxes go.
    package static func callbackHolder(_ owner: String) -> String { "owner/\(owner)" }

    /// The current secret of an owner's callback_url, made now if there was none.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func callbackSecret(of owner: String, makeSecret: @escaping @Sendable () -> String, by initiator: Initiator) async throws
        -> String
    {
        try await commit { [self] database in
            try requireGood(initiator, in: database)
            let holder = Self.callbackHolder(owner)
            let current = "SELECT id, sealed_secret FROM webhook_secrets WHERE holder = ? AND expires_at IS NULL ORDER BY id DESC LIMIT 1"
            if let row = try Row.fetchOne(database, sql: current, arguments: [holder]) {
                return try columns.open(row["sealed_secret"], .webhookSecret, row: row["id"])
            }
            let made = makeSecret()
            try insert(secret: made, holder: holder, in: database)
            return made
        }
    }

    /// Gives an endpoint, or an owner's callback_url, a new secret. The former signs for ``secretOverlap`` longer.
    /// - Returns: false when there is no such endpoint.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func rotateWebhookSecret(of holder: String, to secret: String, by initiator: Initiator) async throws -> Bool {
        try await commit { [self] database in
            try requireGood(initiator, in: database)
            if !holder.hasPrefix("owner/") {
                let known = try Int.fetchOne(database, sql: "SELECT 1 FROM webhook_endpoints WHERE id = ?", arguments: [holder])
                guard known != nil else { return false }
            }
            let now = clock()
            try database.execute(
                sql: "UPDATE webhook_secrets SET expires_at = ? WHERE holder = ? AND expires_at IS NULL",
                arguments: [now.advanced(by: Self.secretOverlap).milliseconds, holder])
            try database.execute(
                sql: """
                    DELETE FROM webhook_secrets WHERE holder = :holder AND (expires_at <= :now OR id NOT IN (
                        SELECT id FROM webhook_secrets WHERE holder = :holder ORDER BY expires_at DESC, id DESC LIMIT :kept))
                    """, arguments: ["holder": holder, "now": now.milliseconds, "kept": Self.mostSecrets - 1])
            try insert(secret: secret, holder: holder, in: database)
            try recordWebhook("rotated", holder, by: initiator, in: database)
            return true
        }
    }

    // MARK: In a commit

    static func endpoint(_ row: Row, _ columns: SealedColumns) throws -> WebhookEndpoint {
        let id: String = row["id"]
        return WebhookEndpoint(
            id: id, owner: row["owner"], madeBy: row["made_by"], isAll: row["is_all"], events: types(row),
            url: try columns.open(row["sealed_url"], .webhookURL, row: id), createdAt: Timestamp(milliseconds: row["created_at"]),
            disabledAt: (row["disabled_at"] as Int64?).map { Timestamp(milliseconds: $0) })
    }

    static func types(_ row: Row) -> [String] {
        (row["events"] as String).split(separator: " ").map { String($0) }
    }

    func insert(secret: String, holder: String, in database: Database) throws {
        let id = rowID("")
        try database.execute(
            sql: "INSERT INTO webhook_secrets (id, holder, sealed_secret, created_at) VALUES (?, ?, ?, ?)",
            arguments: [id, holder, try columns.seal(secret, .webhookSecret, row: id), clock().milliseconds])
    }

    func recordWebhook(
        _ change: String, _ id: String, by initiator: Initiator, _ details: [String: LedgerValue] = [:], in database: Database
    ) throws {
        try ledger.append(
            LedgerEvent(
                .webhookChanged, object: "webhook/\(id)", by: initiator, details: details.merging(["change": .text(change)]) { $1 }),
            in: database)
    }
}
