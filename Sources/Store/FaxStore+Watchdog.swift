package import FaxModel
import FoundationEssentials
import GRDB

/// What may not have moved past its deadline, and that it has not.
extension FaxStore {
    /// A fax that stands where it is.
    package struct StandingFax: Sendable, Hashable {
        package let id: FaxID
        package let state: FaxState
        /// When anything last happened to it.
        package let movedAt: Timestamp
    }

    /// From which moments on standing still is too long.
    package struct Deadlines: Sendable {
        /// Faxes in these states that have not moved since: `rendering`, `sending`, `held` and `unknown`; others have no such deadline.
        package var states: [FaxState: Timestamp]
        /// Scheduled faxes whose time was before this.
        package var scheduled: Timestamp
        /// Destinations that should have been looked at again before this.
        package var lanes: Timestamp
        /// Messages to webhooks that were given up in this time are counted.
        package var messages: Range<Timestamp>

        package init(states: [FaxState: Timestamp], scheduled: Timestamp, lanes: Timestamp, messages: Range<Timestamp>) {
            self.states = states
            self.scheduled = scheduled
            self.lanes = lanes
            self.messages = messages
        }
    }

    /// What the watchdog sees.
    package struct Standing: Sendable {
        /// Past a deadline, and not noted as such yet.
        package var overdue: [StandingFax] = []
        /// Those that go next, one a destination.
        package var readyForLine: [StandingFax] = []
        /// Those whose documents are made into pages next.
        package var readyForRenderer: [StandingFax] = []
        /// Calls under way.
        package var calls = 0
        /// Documents in rendering.
        package var renderings = 0
        /// Messages to webhooks that were given up.
        package var deadMessages = 0
    }

    static let standingFaxes = """
        SELECT id, state, moved_at FROM faxes INDEXED BY faxes_standing
        WHERE state = ? AND stalled_at IS NULL AND state IN ('rendering', 'held', 'sending', 'unknown') AND moved_at < ?
        ORDER BY moved_at LIMIT ?
        """
    static let oversleptFaxes = """
        SELECT id, state, moved_at FROM faxes INDEXED BY faxes_scheduled
        WHERE state = 'scheduled' AND due_at < ? AND stalled_at IS NULL ORDER BY due_at LIMIT ?
        """
    static let oversleptLanes = """
        SELECT number_index FROM lanes INDEXED BY lanes_waking
        WHERE wakes_at > 0 AND state = 'waiting' AND wakes_at < ? ORDER BY wakes_at LIMIT ?
        """
    /// Busy by their own account, and nobody is in a call with them.
    static let forgottenLanes = """
        SELECT number_index FROM lanes INDEXED BY lanes_busy WHERE state = 'busy' AND NOT EXISTS (
            SELECT 1 FROM faxes INDEXED BY faxes_in_call WHERE faxes.number_index = lanes.number_index AND faxes.state = 'sending')
        LIMIT ?
        """
    static let firstOfLane = """
        SELECT id, state, moved_at FROM faxes INDEXED BY faxes_in_lane
        WHERE number_index = ? AND state = 'queued' AND stalled_at IS NULL ORDER BY rank, id LIMIT 1
        """
    static let nextCalls = """
        SELECT id, faxes.state, moved_at FROM lanes INDEXED BY lanes_ready CROSS JOIN faxes ON faxes.id = lanes.head
        WHERE lanes.state = 'ready' ORDER BY lanes.rank, lanes.head LIMIT ?
        """
    static let nextDocuments = """
        SELECT id, state, moved_at FROM faxes INDEXED BY faxes_to_render WHERE state = 'accepted' ORDER BY rank, id LIMIT ?
        """
    static let newDeadMessages = """
        SELECT count(*) FROM webhook_deliveries INDEXED BY webhook_deliveries_over
        WHERE state = 'dead' AND ended_at IS NOT NULL AND ended_at >= ? AND ended_at < ?
        """
    static let inState = "SELECT coalesce(sum(faxes), 0) FROM fax_counts WHERE state = ?"

    /// What stands still.
    /// - Parameter limit: of each kind, at most this many.
    package func standing(_ deadlines: Deadlines, limit: Int) async throws -> Standing {
        try await read { database in
            var found = Standing()
            func faxes(_ sql: String, _ arguments: StatementArguments) throws -> [StandingFax] {
                try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments).compactMap(Self.standing)
            }
            for (state, moment) in deadlines.states.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                found.overdue += try faxes(Self.standingFaxes, [state.rawValue, moment.milliseconds, limit])
            }
            found.overdue += try faxes(Self.oversleptFaxes, [deadlines.scheduled.milliseconds, limit])
            let lanes =
                try Data.fetchAll(
                    database.cachedStatement(sql: Self.oversleptLanes), arguments: [deadlines.lanes.milliseconds, limit])
                + Data.fetchAll(database.cachedStatement(sql: Self.forgottenLanes), arguments: [limit])
            for lane in lanes { found.overdue += try faxes(Self.firstOfLane, [lane]) }
            found.readyForLine = try faxes(Self.nextCalls, [limit])
            found.readyForRenderer = try faxes(Self.nextDocuments, [limit])
            found.calls = try Int.fetchOne(database.cachedStatement(sql: Self.inState), arguments: [FaxState.sending.rawValue]) ?? 0
            found.renderings = try Int.fetchOne(database.cachedStatement(sql: Self.inState), arguments: [FaxState.rendering.rawValue]) ?? 0
            found.deadMessages =
                try Int.fetchOne(
                    database.cachedStatement(sql: Self.newDeadMessages),
                    arguments: [deadlines.messages.lowerBound.milliseconds, deadlines.messages.upperBound.milliseconds]) ?? 0
            return found
        }
    }

    /// Notes that faxes have stalled, once each, and tells it to those who listen. Whatever happens to such a fax next ends it.
    /// - Returns: those that had not moved since they were looked at, and were not noted before.
    package func stall(_ faxes: [StandingFax]) async throws -> [StandingFax] {
        guard !faxes.isEmpty else { return [] }
        let now = clock()
        return try await commit { [self] database in
            try faxes.filter { fax in
                try database.cachedStatement(
                    sql: "UPDATE faxes SET stalled_at = ? WHERE id = ? AND state = ? AND moved_at = ? AND stalled_at IS NULL"
                ).execute(arguments: [now.milliseconds, fax.id.text, fax.state.rawValue, fax.movedAt.milliseconds])
                guard database.changesCount == 1 else { return false }
                try append(
                    .stalled, of: fax.id, [("state", .text(fax.state.rawValue)), ("status", .text(fax.state.contractStatus))], at: now,
                    in: database)
                return true
            }
        }
    }

    private static func standing(_ row: Row) -> StandingFax? {
        guard let id = FaxID(row["id"] as String), let state = FaxState(rawValue: row["state"]) else { return nil }
        return StandingFax(id: id, state: state, movedAt: Timestamp(milliseconds: row["moved_at"]))
    }
}
