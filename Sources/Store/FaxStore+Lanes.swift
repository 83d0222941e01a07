package import FaxModel
import FoundationEssentials
import GRDB

/// Lanes: one call at a time goes to a destination, and the one that goes next is known without a search.
extension FaxStore {
    /// Puts a destination's lane in order after something changed about one of its faxes.
    func refreshLane(_ index: Data, now: Timestamp, in database: Database) throws {
        let notBefore =
            try Int64.fetchOne(database.cachedStatement(sql: "SELECT not_before FROM lanes WHERE number_index = ?"), arguments: [index])
            ?? 0
        func put(_ state: String, rank: Int = 0, head: String = "", wakesAt: Int64 = 0) throws {
            try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO lanes (number_index, state, rank, head, wakes_at, not_before) VALUES (?, ?, ?, ?, ?, ?)"
            ).execute(arguments: [index, state, rank, head, wakesAt, notBefore])
        }
        let inCall = try database.cachedStatement(
            sql: "SELECT 1 FROM faxes INDEXED BY faxes_in_call WHERE number_index = ? AND state = 'sending'")
        if try Int.fetchOne(inCall, arguments: [index]) != nil { return try put("busy") }
        let head = try database.cachedStatement(
            sql: """
                SELECT id, rank FROM faxes INDEXED BY faxes_in_lane WHERE number_index = ? AND state = 'queued' AND due_at <= ?
                ORDER BY rank, id LIMIT 1
                """)
        let ready = try Row.fetchOne(head, arguments: [index, now.milliseconds])
        if ready != nil, notBefore > now.milliseconds { return try put("waiting", wakesAt: notBefore) }
        // Those that are due later may be more urgent than the head.
        let later = try database.cachedStatement(
            sql: """
                SELECT due_at FROM faxes INDEXED BY faxes_due_in_lane WHERE number_index = ? AND due_at > ? AND state = 'queued'
                ORDER BY due_at LIMIT 1
                """)
        let due = try Int64.fetchOne(later, arguments: [index, now.milliseconds])
        if let ready { return try put("ready", rank: ready["rank"], head: ready["id"], wakesAt: due ?? 0) }
        if let due { return try put("waiting", wakesAt: max(due, notBefore)) }
        if notBefore > now.milliseconds { return try put("idle", wakesAt: notBefore) }
        try database.cachedStatement(sql: "DELETE FROM lanes WHERE number_index = ?").execute(arguments: [index])
    }

    static let laneMates = """
        SELECT other.id, other.progress, other.hours, other.pages FROM faxes AS head
        CROSS JOIN faxes AS other INDEXED BY faxes_in_lane ON other.number_index = head.number_index
        WHERE head.id = ? AND other.state = 'queued' AND other.id <> head.id AND other.due_at <= ? AND other.not_after >= ?
            AND other.pages_confirmed = 0 AND other.resolution = head.resolution AND other.paper = head.paper
        ORDER BY other.rank, other.id LIMIT ?
        """

    /// Faxes that may go to a fax's destination in one call with it, the first to go first: of the same format, and for none of them there was
    /// a call yet.
    /// - Parameter limit: so many are looked at.
    package func laneMates(of id: FaxID, limit: Int) async throws -> [(fax: QueuedFax, pages: Int)] {
        let now = clock()
        return try await read { database in
            let arguments: StatementArguments = [id.text, now.milliseconds, now.milliseconds, limit]
            return try Row.fetchAll(database.cachedStatement(sql: Self.laneMates), arguments: arguments).compactMap { row in
                let progress = try Self.progress(row)
                guard let id = FaxID(row["id"] as String), progress.dials == 0, progress.route == 0 else { return nil }
                return (QueuedFax(id: id, route: 0, hours: (row["hours"] as String?).flatMap { RecipientHours($0) }), row["pages"] ?? 0)
            }
        }
    }

    func refreshLane(of id: FaxID, now: Timestamp, in database: Database) throws {
        let select = try database.cachedStatement(sql: "SELECT number_index FROM faxes WHERE id = ?")
        guard let index = try Data.fetchOne(select, arguments: [id.text]) else { return }
        try refreshLane(index, now: now, in: database)
    }

    /// Nobody calls the destination of a fax before `moment`.
    func restLane(of id: FaxID, until moment: Timestamp, in database: Database) throws {
        try database.cachedStatement(
            sql: "UPDATE lanes SET not_before = max(not_before, ?) WHERE number_index = (SELECT number_index FROM faxes WHERE id = ?)"
        ).execute(arguments: [moment.milliseconds, id.text])
    }
}
