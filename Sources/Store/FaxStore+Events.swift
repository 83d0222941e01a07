package import FaxModel
import FoundationEssentials
import GRDB

/// What happened to faxes, for webhooks and event streams: written in the transaction of what it tells.
extension FaxStore {
    /// What an event tells beside its type: numbers and words of closed sets, never what a client or a far machine wrote.
    enum EventValue {
        case text(String)
        case number(Int)
    }

    /// Writes an event; listeners hear of it after the commit.
    func append(_ type: FaxEventType, of fax: FaxID, _ values: [(String, EventValue)], at now: Timestamp, in database: Database) throws {
        try database.cachedStatement(sql: "INSERT INTO fax_events (fax, at, type, data) VALUES (?, ?, ?, ?)")
            .execute(arguments: [fax.text, now.milliseconds, type.rawValue, Self.json(values)])
        database.afterNextTransaction { [eventFeed] _ in eventFeed.signal() }
    }

    /// The fax's events after an id, oldest first.
    package func events(of fax: FaxID, after id: Int64 = 0, limit: Int) async throws -> [FaxEventRecord] {
        try await read { database in
            let statement = try database.cachedStatement(
                sql: "SELECT * FROM fax_events WHERE fax = ? AND id > ? ORDER BY id LIMIT ?")
            return try Row.fetchAll(statement, arguments: [fax.text, id, limit]).map { try Self.event($0) }
        }
    }

    /// All events after an id, oldest first.
    package func events(after id: Int64, limit: Int) async throws -> [FaxEventRecord] {
        try await read { database in
            let statement = try database.cachedStatement(sql: "SELECT * FROM fax_events WHERE id > ? ORDER BY id LIMIT ?")
            return try Row.fetchAll(statement, arguments: [id, limit]).map { try Self.event($0) }
        }
    }

    /// How long events are kept.
    package static let eventLifetime = Duration.seconds(90 * 86_400)

    /// Forgets events that everybody had time to hear of, and how calls to destinations went more than 30 days ago; some at a time.
    /// - Returns: whether there may be more of them.
    package func forgetEvents() async throws -> Bool {
        let now = clock()
        let oldest = now.advanced(by: .zero - Self.eventLifetime).milliseconds
        let remembered = now.advanced(by: .seconds(-30 * 86_400)).milliseconds
        return try await commit { database in
            // Ids grow with time: nothing behind the first thousand is older than they are.
            try database.execute(
                sql: """
                    DELETE FROM fax_events WHERE id IN (SELECT id FROM (SELECT id, at FROM fax_events ORDER BY id LIMIT 1000) WHERE at < ?)
                        AND id <= (SELECT event FROM webhook_cursor)
                    """, arguments: [oldest])
            var count = database.changesCount
            try database.execute(
                sql: """
                    DELETE FROM destination_memory WHERE number_index IN (
                        SELECT number_index FROM destination_memory WHERE max(coalesce(worked_at, 0), unanswered_at) < ? LIMIT 1000)
                    """, arguments: [remembered])
            count = max(count, database.changesCount)
            return count == 1000
        }
    }

    static func event(_ row: Row) throws -> FaxEventRecord {
        guard let fax = FaxID(row["fax"] as String) else {
            throw StoreFailure.damagedRow(table: "fax_events", row: "\(row["id"] as Int64)")
        }
        return FaxEventRecord(
            id: row["id"], fax: fax, at: Timestamp(milliseconds: row["at"]), type: row["type"], data: row["data"])
    }

    /// A flat object in the order given. Texts are words of this program's own, so there is nothing to escape.
    static func json(_ values: [(String, EventValue)]) -> String {
        "{"
            + values.map { name, value in
                switch value {
                case .text(let text): "\"\(name)\":\"\(text)\""
                case .number(let number): "\"\(name)\":\(number)"
                }
            }.joined(separator: ",") + "}"
    }
}
