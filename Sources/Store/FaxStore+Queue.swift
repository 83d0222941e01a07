package import FaxModel
import FoundationEssentials
import GRDB
package import Ledger

/// What waits for a line, and what people do to it.
extension FaxStore {
    /// A fax whose turn it is at its destination.
    package struct QueuedFax: Sendable, Hashable {
        package let id: FaxID
        /// Which of the routes is to be tried first.
        package let route: Int
        /// When its recipient may be called.
        package let hours: RecipientHours?
    }

    /// What came of a client's wish to withdraw a fax.
    package enum Cancellation: Sendable, Hashable {
        /// It is cancelled; there is no call.
        case cancelled
        /// A call is under way; it will be ended.
        case ending
        /// It is over already, or its outcome is unknown.
        case tooLate(FaxState)
    }

    // MARK: Time

    static let dueFaxes =
        "SELECT id FROM faxes INDEXED BY faxes_scheduled WHERE state = 'scheduled' AND due_at <= ? ORDER BY due_at LIMIT ?"
    static let lapsedFaxes = """
        SELECT id FROM faxes INDEXED BY faxes_lapsing WHERE state IN ('scheduled', 'queued') AND not_after < ?
        ORDER BY not_after LIMIT ?
        """
    static let wakingLanes = """
        SELECT number_index FROM lanes INDEXED BY lanes_waking WHERE wakes_at > 0 AND wakes_at <= ? ORDER BY wakes_at LIMIT ?
        """

    /// Moves along what waited for this moment: scheduled faxes, destinations that had to rest, faxes whose time is over.
    /// - Returns: whether there may be more of them.
    package func promote(limit: Int = 500) async throws -> Bool {
        let now = clock()
        guard let next = try await nextWake(), next <= now else { return false }
        return try await commit { [self] database in
            var count = 0
            for id in try String.fetchAll(
                database.cachedStatement(sql: Self.lapsedFaxes), arguments: [now.milliseconds, limit]
            ).compactMap({ FaxID($0) }) {
                count += 1
                let last = try String.fetchOne(database, sql: "SELECT error FROM faxes WHERE id = ?", arguments: [id.text])
                _ = try apply(.lapsed, to: id, error: Self.lapsed(after: last), now: now, in: database)
            }
            for id in try String.fetchAll(
                database.cachedStatement(sql: Self.dueFaxes), arguments: [now.milliseconds, limit]
            ).compactMap({ FaxID($0) }) {
                count += 1
                _ = try apply(.due, to: id, error: nil, now: now, in: database)
            }
            for index in try Data.fetchAll(database.cachedStatement(sql: Self.wakingLanes), arguments: [now.milliseconds, limit]) {
                count += 1
                try refreshLane(index, now: now, in: database)
            }
            return count >= limit
        }
    }

    private static func lapsed(after last: String?) -> String {
        "Its time was over before a call got through." + (last.map { " The last call: \($0)" } ?? "")
    }

    /// When ``promote(limit:)`` has something to do next; nil: when nothing waits for a moment.
    package func nextWake() async throws -> Timestamp? {
        try await read { database in
            let moments = [
                "SELECT min(due_at) FROM faxes INDEXED BY faxes_scheduled WHERE state = 'scheduled'",
                "SELECT min(not_after) + 1 FROM faxes INDEXED BY faxes_lapsing WHERE state IN ('scheduled', 'queued')",
                "SELECT min(wakes_at) FROM lanes INDEXED BY lanes_waking WHERE wakes_at > 0",
            ]
            return try moments.compactMap { try Int64.fetchOne(database.cachedStatement(sql: $0)) }.min()
                .map { Timestamp(milliseconds: $0) }
        }
    }

    // MARK: Turn

    static let unrendered =
        "SELECT id FROM faxes INDEXED BY faxes_to_render WHERE state = 'accepted' ORDER BY rank, id LIMIT ?"

    /// The faxes whose documents are to be rendered, in the order of their priority and age.
    package func unrenderedFaxes(limit: Int) async throws -> [FaxID] {
        try await read { database in
            try String.fetchAll(database.cachedStatement(sql: Self.unrendered), arguments: [limit]).compactMap { FaxID($0) }
        }
    }

    static let readyLanes = """
        SELECT faxes.id, faxes.progress, faxes.hours FROM lanes INDEXED BY lanes_ready CROSS JOIN faxes ON faxes.id = lanes.head
        WHERE lanes.state = 'ready' ORDER BY lanes.rank, lanes.head LIMIT ?
        """

    /// The faxes that may be called now, one a destination, in the order in which they go.
    package func queuedFaxes(limit: Int) async throws -> [QueuedFax] {
        try await read { database in
            try Row.fetchAll(database.cachedStatement(sql: Self.readyLanes), arguments: [limit]).compactMap { row in
                guard let id = FaxID(row["id"] as String) else { return nil }
                return QueuedFax(
                    id: id, route: try Self.progress(row).route, hours: (row["hours"] as String?).flatMap { RecipientHours($0) })
            }
        }
    }

    /// No call for a queued fax before `moment`.
    package func postpone(_ id: FaxID, until moment: Timestamp) async throws {
        let now = clock()
        try await commit { [self] database in
            try database.execute(
                sql: "UPDATE faxes SET due_at = ? WHERE id = ? AND state = 'queued'", arguments: [moment.milliseconds, id.text])
            try refreshLane(of: id, now: now, in: database)
        }
    }

    /// The rung of the ladder on which the last fax to this fax's destination got through, if that was within `age`.
    package func rememberedRung(for id: FaxID, age: Duration = .seconds(30 * 86_400)) async throws -> Int? {
        let oldest = clock().advanced(by: .zero - age)
        return try await read { database in
            try Int.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT rung FROM destination_memory
                        WHERE number_index = (SELECT number_index FROM faxes WHERE id = ?) AND worked_at >= ?
                        """), arguments: [id.text, oldest.milliseconds])
        }
    }

    // MARK: People

    /// Withdraws a fax. One that is in a call is marked; the caller has the call ended.
    /// - Throws: ``StoreFailure/unknownFax(_:)``, ``StoreFailure/revokedInitiator``.
    package func cancel(_ id: FaxID, by initiator: Initiator) async throws -> Cancellation {
        let now = clock()
        return try await commit { [self] database in
            try requireGood(initiator, in: database)
            let state = try Self.state(of: id, in: database)
            if state == .sending {
                try database.execute(
                    sql: "UPDATE faxes SET cancel_requested_at = coalesce(cancel_requested_at, ?) WHERE id = ?",
                    arguments: [now.milliseconds, id.text])
            } else if try apply(
                .cancelled, to: id, error: "It was cancelled before a call was made.", now: now, by: initiator, in: database) == nil
            {
                return .tooLate(state)
            }
            try ledger.append(
                LedgerEvent(.faxCancelRequested, object: "fax/\(id)", by: initiator, details: ["state": .text(state.rawValue)]),
                in: database)
            return state == .sending ? .ending : .cancelled
        }
    }

    /// A person lets a held fax go; it has its whole time again.
    /// - Returns: whether it was held.
    /// - Throws: ``StoreFailure/unknownFax(_:)``, ``StoreFailure/revokedInitiator``.
    package func release(_ id: FaxID, by initiator: Initiator) async throws -> Bool {
        let now = clock()
        return try await commit { [self] database in
            try requireGood(initiator, in: database)
            guard try Self.state(of: id, in: database) == .held else { return false }
            let reason = try String.fetchOne(database, sql: "SELECT hold FROM faxes WHERE id = ?", arguments: [id.text])
            try restart(id, now: now, in: database) { $0.humans = 0 }
            _ = try apply(.released, to: id, error: nil, now: now, by: initiator, in: database)
            try ledger.append(
                LedgerEvent(.faxReleased, object: "fax/\(id)", by: initiator, details: ["hold": .text(reason ?? "")]), in: database)
            return true
        }
    }

    /// Keeps a fax that waits from going.
    /// - Returns: whether it waited.
    package func hold(_ id: FaxID, reason: HoldReason, by initiator: Initiator) async throws -> Bool {
        let now = clock()
        return try await commit { [self] database in
            try requireGood(initiator, in: database)
            guard [.queued, .scheduled].contains(try Self.state(of: id, in: database)) else { return false }
            try database.execute(sql: "UPDATE faxes SET hold = ? WHERE id = ?", arguments: [reason.rawValue, id.text])
            return try apply(.held, to: id, error: reason.sentence, now: now, by: initiator, in: database) != nil
        }
    }

    /// A fax begins to wait for a line anew: its kill time is counted from now, unless the client's own is later.
    func restart(
        _ id: FaxID, now: Timestamp, in database: Database, change: (inout RetryProgress) -> Void = { _ in }
    ) throws {
        let select = "SELECT progress, hours, due_at FROM faxes WHERE id = ?"
        guard let row = try Row.fetchOne(database, sql: select, arguments: [id.text]) else { return }
        var progress = try Self.progress(row)
        change(&progress)
        let begin = max(now, Timestamp(milliseconds: row["due_at"]))
        let hours = (row["hours"] as String?).flatMap { RecipientHours($0) }
        let latest = (hours?.next(at: begin) ?? begin).advanced(by: retryPolicy.lifetime)
        try database.execute(
            sql: "UPDATE faxes SET hold = NULL, not_after = max(not_after, ?), progress = ? WHERE id = ?",
            arguments: [latest.milliseconds, try Self.json(progress), id.text])
    }

    static func json(_ progress: RetryProgress) throws -> String {
        String(decoding: try JSONEncoder().encode(progress), as: UTF8.self)
    }

    /// - Throws: ``StoreFailure/unknownFax(_:)``.
    static func state(of id: FaxID, in database: Database) throws -> FaxState {
        guard let word = try String.fetchOne(database, sql: "SELECT state FROM faxes WHERE id = ?", arguments: [id.text]) else {
            throw StoreFailure.unknownFax(id)
        }
        guard let state = FaxState(rawValue: word) else { throw StoreFailure.damagedRow(table: "faxes", row: id.text) }
        return state
    }
}
