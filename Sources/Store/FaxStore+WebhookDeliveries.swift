package import FaxModel
import FoundationEssentials
import GRDB
package import Ledger

/// The messages to receivers of webhooks: what is due, what became of it, dead letters and their replay.
extension FaxStore {
    /// What arrived is known for so long.
    package static let deliveredRetention = Duration.seconds(30 * 86_400)
    /// What was given up can be replayed for so long.
    package static let deadRetention = Duration.seconds(90 * 86_400)
    private static let removalBatch = 1000

    // MARK: Delivering

    static let due = """
        SELECT id, target, owner, sealed_url, body, attempts, created_at FROM webhook_deliveries
        WHERE state = 'pending' AND due_at <= ? AND target NOT IN (SELECT value FROM json_each(?))
            AND id NOT IN (SELECT value FROM json_each(?))
        ORDER BY due_at LIMIT ?
        """

    /// Messages that are due, those that wait longest first. Of what is due, that which no secret can sign any more ends as dead.
    /// - Parameters:
    ///   - except: those that are under way.
    ///   - busy: targets to which nothing more goes for now.
    package func dueDeliveries(except: Set<String>, busy: Set<String>, limit: Int) async throws -> [WebhookJob] {
        let now = clock()
        let (except, busy) = (try Self.array(except), try Self.array(busy))
        let jobs: [WebhookJob] = try await read { [self] database in
            var keys: [String: (url: String, secrets: [String])] = [:]
            return try Row.fetchAll(
                database.cachedStatement(sql: Self.due), arguments: [now.milliseconds, busy, except, limit]
            ).map { row in
                let (id, target, owner): (String, String, String) = (row["id"], row["target"], row["owner"])
                let callback = row["sealed_url"] as Data?
                let holder = callback == nil ? target : Self.callbackHolder(owner)
                let known = try keys[holder] ?? (try endpointURL(holder, in: database), try secrets(of: holder, in: database))
                keys[holder] = known
                let isGood = try Bool.fetchOne(
                    database.cachedStatement(sql: callback == nil ? Self.mayTellEndpoint : Self.mayCallBack),
                    arguments: callback == nil
                        ? ["now": now.milliseconds, "id": target]
                        : ["now": now.milliseconds, "owner": owner, "made": row["created_at"] as Int64])
                return WebhookJob(
                    id: id, target: target,
                    // What does not open fails by itself, and keeps nothing else back.
                    url: callback.map { (try? columns.open($0, .webhookCallback, row: id)) ?? "" } ?? known.url, body: row["body"],
                    attempts: row["attempts"], secrets: known.secrets, isOwnerGood: isGood ?? false)
            }
        }
        for job in jobs where job.secrets.isEmpty { try await attempted(job.id, .dead(status: nil, failure: "secret_unreadable")) }
        return jobs.filter { !$0.secrets.isEmpty }
    }

    private static let mayTellEndpoint = "SELECT \(endpointIsGood) FROM webhook_endpoints WHERE id = :id"
    private static let mayCallBack = "SELECT \(ownerIsGood(":owner", since: ":made"))"

    private func endpointURL(_ id: String, in database: Database) throws -> String {
        let sealed = try Data.fetchOne(database, sql: "SELECT sealed_url FROM webhook_endpoints WHERE id = ?", arguments: [id])
        return sealed.flatMap { try? columns.open($0, .webhookURL, row: id) } ?? ""
    }

    /// Those that sign now and can be opened, the newest first.
    private func secrets(of holder: String, in database: Database) throws -> [String] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT id, sealed_secret FROM webhook_secrets WHERE holder = ? AND (expires_at IS NULL OR expires_at > ?)
                ORDER BY expires_at IS NULL DESC, expires_at DESC, id DESC
                """)
        return try Row.fetchAll(statement, arguments: [holder, clock().milliseconds]).compactMap { row in
            try? columns.open(row["sealed_secret"], .webhookSecret, row: row["id"])
        }
    }

    /// When the next message is due that is not under way; nil when there is none.
    package func nextDelivery(except: Set<String>, busy: Set<String>) async throws -> Timestamp? {
        let (except, busy) = (try Self.array(except), try Self.array(busy))
        return try await read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT due_at FROM webhook_deliveries
                    WHERE state = 'pending' AND target NOT IN (SELECT value FROM json_each(?))
                        AND id NOT IN (SELECT value FROM json_each(?))
                    ORDER BY due_at LIMIT 1
                    """)
            return try Int64.fetchOne(statement, arguments: [busy, except]).map { Timestamp(milliseconds: $0) }
        }
    }

    private static func array(_ texts: Set<String>) throws -> String {
        String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
    }

    /// Notes what became of an attempt. Of a message that is no longer pending nothing is changed.
    package func attempted(_ id: String, _ verdict: WebhookVerdict) async throws {
        let now = clock()
        try await commit { [self] database in
            let target = try String.fetchOne(
                database, sql: "SELECT target FROM webhook_deliveries WHERE id = ? AND state = 'pending'", arguments: [id])
            guard let target else { return }
            switch verdict {
            case .delivered(let status):
                try end(id, .delivered, status, nil, now: now, in: database)
            case .again(let due, let status, let failure):
                try database.cachedStatement(
                    sql: """
                        UPDATE webhook_deliveries SET attempts = attempts + 1, due_at = ?, last_status = ?, last_failure = ? WHERE id = ?
                        """
                ).execute(arguments: [due.milliseconds, status, failure, id])
            case .dead(let status, let failure):
                try end(id, .dead, status, failure, now: now, in: database)
            case .gone:
                try end(id, .dead, 410, nil, now: now, in: database)
                try disable(target, now: now, in: database)
            }
        }
    }

    private func end(
        _ id: String, _ state: WebhookDelivery.State, _ status: Int?, _ failure: String?, now: Timestamp, in database: Database
    ) throws {
        try database.cachedStatement(
            sql: """
                UPDATE webhook_deliveries SET state = ?, attempts = attempts + 1, last_status = ?, last_failure = ?, ended_at = ?
                WHERE id = ?
                """
        ).execute(arguments: [state.rawValue, status, failure, now.milliseconds, id])
    }

    /// Nothing more goes to an endpoint that is gone. A callback_url has no other messages worth the trouble.
    private func disable(_ target: String, now: Timestamp, in database: Database) throws {
        try database.execute(
            sql: "UPDATE webhook_endpoints SET disabled_at = ? WHERE id = ? AND disabled_at IS NULL",
            arguments: [now.milliseconds, target])
        guard database.changesCount == 1 else { return }
        try database.execute(
            sql: """
                UPDATE webhook_deliveries SET state = 'dead', last_failure = 'endpoint_gone', ended_at = ?
                WHERE target = ? AND state = 'pending'
                """, arguments: [now.milliseconds, target])
        try recordWebhook("disabled", target, by: .system, in: database)
    }

    /// Forgets messages that ended long ago, and secrets that sign no more.
    package func removeOldWebhooks() async throws {
        let now = clock()
        for (state, age) in [(WebhookDelivery.State.delivered, Self.deliveredRetention), (.dead, Self.deadRetention)] {
            let end = now.advanced(by: .zero - age).milliseconds
            var removed = 0
            repeat {
                removed = try await commit { database in
                    try database.execute(
                        sql: """
                            DELETE FROM webhook_deliveries WHERE id IN (
                                SELECT id FROM webhook_deliveries WHERE state = ? AND ended_at < ? LIMIT ?)
                            """, arguments: [state.rawValue, end, Self.removalBatch])
                    return database.changesCount
                }
            } while removed == Self.removalBatch
        }
        try await commit { database in
            try database.execute(sql: "DELETE FROM webhook_secrets WHERE expires_at <= ?", arguments: [now.milliseconds])
        }
    }

    // MARK: Looking and replaying

    package func webhookDelivery(_ id: String) async throws -> WebhookDelivery? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM webhook_deliveries WHERE id = ?", arguments: [id]).map { try Self.delivery($0) }
        }
    }

    /// Whose messages are listed.
    package enum WebhookSelection: Sendable {
        case endpoint(String)
        case owner(String)

        fileprivate var column: String { if case .endpoint = self { "target" } else { "owner" } }
        fileprivate var value: String {
            switch self {
            case .endpoint(let value), .owner(let value): value
            }
        }
    }

    /// Messages, the newest first.
    /// - Parameters:
    ///   - state: nil for all.
    ///   - id: those that are older than it; nil: the newest.
    package func webhookDeliveries(
        of selection: WebhookSelection, state: WebhookDelivery.State? = nil, before id: String? = nil, limit: Int
    ) async throws -> [WebhookDelivery] {
        let states = state.map { [$0] } ?? WebhookDelivery.State.allCases
        return try await read { database in
            // One search by the index for each state, and their newest: not all of a month sorted.
            var found: [WebhookDelivery] = []
            for state in states {
                let statement = try database.cachedStatement(sql: Self.list(by: selection.column))
                let rows = try Row.fetchAll(statement, arguments: [selection.value, state.rawValue, id ?? "~", limit])
                found += try rows.map { try Self.delivery($0) }
            }
            return Array(found.sorted { $0.id > $1.id }.prefix(limit))
        }
    }

    static func list(by column: String) -> String {
        "SELECT * FROM webhook_deliveries WHERE \(column) = ? AND state = ? AND id < ? ORDER BY id DESC LIMIT ?"
    }

    private static func delivery(_ row: Row) throws -> WebhookDelivery {
        let id: String = row["id"]
        guard let state = WebhookDelivery.State(rawValue: row["state"]) else {
            throw StoreFailure.damagedRow(table: "webhook_deliveries", row: id)
        }
        let target: String = row["target"]
        return WebhookDelivery(
            id: id, endpoint: target.hasPrefix("callback/") ? nil : target, owner: row["owner"], type: row["type"], state: state,
            attempts: row["attempts"], dueAt: Timestamp(milliseconds: row["due_at"]), lastStatus: row["last_status"],
            lastFailure: row["last_failure"], createdAt: Timestamp(milliseconds: row["created_at"]),
            endedAt: (row["ended_at"] as Int64?).map { Timestamp(milliseconds: $0) })
    }

    /// Adds a message to an endpoint by which somebody tries it.
    /// - Returns: its id; nil when there is no such endpoint, or it is disabled.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func addWebhookTest(_ id: String, type: String, body: String, by initiator: Initiator) async throws -> String? {
        try await commit { [self] database in
            try requireGood(initiator, in: database)
            let owner = try String.fetchOne(
                database, sql: "SELECT owner FROM webhook_endpoints WHERE id = ? AND disabled_at IS NULL", arguments: [id])
            guard let owner else { return nil }
            return try insertDelivery(target: id, owner: owner, event: nil, type: type, body: body, in: database)
        }
    }

    /// Posts a message anew, from its first attempt on, with the same id: also one that arrived.
    /// - Returns: false when there is no such message, or its endpoint is disabled.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func replayDelivery(_ id: String, by initiator: Initiator) async throws -> Bool {
        try await replay("id = ?", id, object: "delivery/\(id)", by: initiator) == 1
    }

    /// Posts all dead messages of an endpoint anew.
    /// - Returns: how many.
    /// - Throws: ``StoreFailure/revokedInitiator``.
    package func replayDead(of endpoint: String, by initiator: Initiator) async throws -> Int {
        try await replay("target = ? AND state = 'dead'", endpoint, object: endpoint, by: initiator)
    }

    private func replay(_ condition: String, _ value: String, object: String, by initiator: Initiator) async throws -> Int {
        let now = clock()
        return try await commit { [self] database in
            try requireGood(initiator, in: database)
            try database.execute(
                sql: """
                    UPDATE webhook_deliveries SET state = 'pending', attempts = 0, due_at = ?, ended_at = NULL
                    WHERE \(condition) AND NOT EXISTS (
                        SELECT 1 FROM webhook_endpoints WHERE webhook_endpoints.id = target AND disabled_at IS NOT NULL)
                    """, arguments: [now.milliseconds, value])
            let count = database.changesCount
            if count > 0 {
                try recordWebhook("replayed", object, by: initiator, ["messages": .integer(Int64(count))], in: database)
            }
            return count
        }
    }
}
