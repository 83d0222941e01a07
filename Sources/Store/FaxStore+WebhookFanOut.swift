import FaxModel
import FoundationEssentials
import GRDB
import Vault

/// From events to messages: each event, in the order of its commit, is given to whom it is told, exactly once.
extension FaxStore {
    /// An endpoint as fan-out sees it.
    private struct Listener {
        let id: String
        let owner: String
        let isAll: Bool
        let events: [String]
        let isGood: Bool
    }

    /// A sent fax as fan-out sees it.
    private struct Subject {
        let owner: String
        let isOwnerGood: Bool
        let callbackURL: String?
    }

    /// Makes messages of the next events. The cursor moves in the same transaction.
    /// - Parameters:
    ///   - limit: events at most.
    ///   - compose: the body for an event.
    ///   - makeSecret: a secret, for an owner whose callback_url is used for the first time.
    /// - Returns: how many events were looked at, and how many messages there are of them.
    package func fanOutWebhooks(
        limit: Int, compose: @escaping @Sendable (FaxEventRecord) -> String, makeSecret: @escaping @Sendable () -> String
    ) async throws -> (events: Int, messages: Int) {
        let hasNew = try await read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT 1 FROM fax_events WHERE id > (SELECT event FROM webhook_cursor WHERE id = 1) LIMIT 1")
            return try Int.fetchOne(statement) != nil
        }
        guard hasNew else { return (0, 0) }
        return try await commit { [self] database in
            let statement = try database.cachedStatement(
                sql: "SELECT * FROM fax_events WHERE id > (SELECT event FROM webhook_cursor WHERE id = 1) ORDER BY id LIMIT ?")
            let events = try Row.fetchAll(statement, arguments: [limit]).map { try Self.event($0) }
            guard let last = events.last else { return (0, 0) }
            let listeners = try listeners(in: database)
            var subjects: [FaxID: Subject?] = [:]
            var messages = 0
            for event in events {
                if subjects[event.fax] == nil { subjects[event.fax] = .some(try subject(event.fax, in: database)) }
                let subject = subjects[event.fax] ?? nil
                messages += try fanOut(event, of: subject, to: listeners, compose, makeSecret, in: database)
            }
            try database.execute(sql: "UPDATE webhook_cursor SET event = ? WHERE id = 1", arguments: [last.id])
            return (events.count, messages)
        }
    }

    /// - Returns: how many messages were made.
    private func fanOut(
        _ event: FaxEventRecord, of subject: Subject?, to listeners: [Listener], _ compose: (FaxEventRecord) -> String,
        _ makeSecret: () -> String, in database: Database
    ) throws -> Int {
        let told = listeners.filter { listener in
            listener.isGood && WebhookEndpoint.isTold(event.type, of: listener.events)
                && (listener.isAll || subject?.owner == listener.owner)
        }
        let callback = subject.flatMap { $0.isOwnerGood && WebhookEndpoint.isTold(event.type, of: []) ? $0.callbackURL : nil }
        guard !told.isEmpty || callback != nil else { return 0 }
        let body = compose(event)
        for listener in told {
            try insertDelivery(
                target: listener.id, owner: listener.owner, event: event.id, type: event.type, body: body, in: database)
        }
        if let callback, let owner = subject?.owner {
            let holder = Self.callbackHolder(owner)
            if try !hasSecret(holder, in: database) { try insert(secret: makeSecret(), holder: holder, in: database) }
            try insertDelivery(
                target: try callbackTarget(owner, callback), owner: owner, event: event.id, type: event.type, body: body, url: callback,
                in: database)
        }
        return told.count + (callback == nil ? 0 : 1)
    }

    /// Whether there is a current secret. It is not opened: one that cannot be must not keep other receivers' messages back.
    private func hasSecret(_ holder: String, in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT 1 FROM webhook_secrets WHERE holder = ? AND expires_at IS NULL")
        return try Int.fetchOne(statement, arguments: [holder]) != nil
    }

    /// A message that is due now.
    @discardableResult
    func insertDelivery(
        target: String, owner: String, event: Int64?, type: String, body: String, url: String? = nil, in database: Database
    ) throws -> String {
        let id = rowID("msg_")
        let now = clock().milliseconds
        try database.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO webhook_deliveries (id, target, owner, sealed_url, event, type, body, state, due_at, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?)
                """
        ).execute(
            arguments: [
                id, target, owner, try url.map { try columns.seal($0, .webhookCallback, row: id) }, event, type, body, now, now,
            ])
        return id
    }

    /// Faxes of one key that call back to one origin share a receiver, of which nothing can be read here.
    private func callbackTarget(_ owner: String, _ url: String) throws -> String {
        let origin = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(separator: "/").lowercased()
        return "callback/\(Self.hex(try keyRing.blindIndex("\(owner) \(origin)", label: "webhook").prefix(16)))"
    }

    private func listeners(in database: Database) throws -> [Listener] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT id, owner, is_all, events, \(Self.endpointIsGood) AS is_good FROM webhook_endpoints WHERE disabled_at IS NULL
                """)
        return try Row.fetchAll(statement, arguments: ["now": clock().milliseconds]).map { row in
            Listener(id: row["id"], owner: row["owner"], isAll: row["is_all"], events: Self.types(row), isGood: row["is_good"])
        }
    }

    /// Whether a key was neither revoked nor has expired, and a person was not revoked since `time`: who came back is told of what came
    /// after. `bootstrap` is good. It takes the time of `:now`.
    static func ownerIsGood(_ column: String, since time: String) -> String {
        """
        (\(keyIsGood(column)) AND NOT EXISTS (
            SELECT 1 FROM revoked_owners WHERE revoked_owners.owner = \(column) AND revoked_owners.revoked_at >= \(time)))
        """
    }

    private static func keyIsGood(_ column: String) -> String {
        """
        NOT EXISTS (SELECT 1 FROM api_keys WHERE api_keys.id = \(column)
            AND (api_keys.revoked_at IS NOT NULL OR api_keys.expires_at <= :now))
        """
    }

    /// Of a row of `webhook_endpoints`: whether its owner is good and, where it is told of all faxes, its maker too, and neither was held to
    /// mailboxes since. Those of people are removed when these are revoked. It takes the time of `:now`.
    static let endpointIsGood = """
        (\(keyIsGood("owner")) AND (NOT is_all OR \(keyIsGood("made_by"))
            AND NOT EXISTS (SELECT 1 FROM grants WHERE subject IN ('key/' || owner, 'key/' || made_by))))
        """

    /// - Returns: nil for a received fax.
    private func subject(_ fax: FaxID, in database: Database) throws -> Subject? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT id, owner, sealed_terms, \(Self.ownerIsGood("faxes.owner", since: "faxes.created_at")) AS is_good
                FROM faxes WHERE id = :fax
                """)
        guard let row = try Row.fetchOne(statement, arguments: ["now": clock().milliseconds, "fax": fax.text]) else { return nil }
        // Terms that do not open keep no other event back.
        let terms = (row["sealed_terms"] as Data?).flatMap { try? columns.open($0, .faxTerms, row: row["id"]) }
            .flatMap { try? JSONDecoder().decode(SealedTerms.self, from: Data($0.utf8)) }
        return Subject(owner: row["owner"], isOwnerGood: row["is_good"], callbackURL: terms?.callbackURL)
    }
}
