import FaxModel
import FoundationEssentials
import GRDB

/// The queue for people: what waits, in the order in which it goes.
extension FaxStore {
    private static let isInWork = "state IN ('accepted', 'rendering', 'scheduled', 'queued', 'held', 'sending', 'unknown')"

    static let waitingInState =
        "SELECT * FROM faxes INDEXED BY faxes_in_work WHERE state = ? AND \(isInWork) ORDER BY id LIMIT ?"
    static let waitingUnrendered = "SELECT * FROM faxes INDEXED BY faxes_to_render WHERE state = 'accepted' ORDER BY rank, id LIMIT ?"
    static let waitingScheduled = "SELECT * FROM faxes INDEXED BY faxes_scheduled WHERE state = 'scheduled' ORDER BY due_at LIMIT ?"
    static let waitingStalled = "SELECT * FROM faxes INDEXED BY faxes_stalled WHERE stalled_at IS NOT NULL ORDER BY state, id LIMIT ?"
    static let waitingReady = """
        SELECT faxes.* FROM lanes INDEXED BY lanes_ready CROSS JOIN faxes ON faxes.id = lanes.head
        WHERE lanes.state = 'ready' ORDER BY lanes.rank, lanes.head LIMIT ?
        """
    static let waitingLanes = """
        SELECT number_index FROM lanes INDEXED BY lanes_waking
        WHERE wakes_at > 0 AND state = 'waiting' ORDER BY wakes_at LIMIT ?
        """
    static let waitingFirst =
        "SELECT * FROM faxes INDEXED BY faxes_in_lane WHERE number_index = ? AND state = 'queued' ORDER BY rank, id LIMIT 1"
    static let restOfLane = "SELECT not_before FROM lanes WHERE number_index = ?"
    static let queuedInLane = """
        SELECT count(*) FROM (
            SELECT 1 FROM faxes INDEXED BY faxes_in_lane WHERE number_index = ? AND state = 'queued' LIMIT \(WaitingFax.mostBehind + 1))
        """

    /// Faxes that are not at their end, in the order in which they go: those in calls; of each destination the one that goes first; then
    /// what must be made into pages, what waits for its time, and what waits for a person.
    /// - Parameters:
    ///   - filter: only these; nil for all.
    ///   - limit: at most this many.
    package func waiting(_ filter: WaitingFilter? = nil, limit: Int) async throws -> [WaitingFax] {
        let now = clock()
        return try await read { [columns] database in
            var found: [WaitingFax] = []
            func take(_ sql: String, _ arguments: StatementArguments = []) throws {
                guard found.count < limit else { return }
                let rows = try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments + [limit - found.count])
                found += try rows.map { try Self.waiting($0, columns: columns, now: now, in: database) }
            }
            func take(_ state: FaxState) throws { try take(Self.waitingInState, [state.rawValue]) }
            switch filter {
            case .held: try take(.held)
            case .unknown: try take(.unknown)
            case .stalled: try take(Self.waitingStalled)
            case nil:
                try take(.sending)
                try take(Self.waitingReady)
                let lanes = try Data.fetchAll(
                    database.cachedStatement(sql: Self.waitingLanes), arguments: [max(0, limit - found.count)])
                for lane in lanes {
                    guard let row = try Row.fetchOne(database.cachedStatement(sql: Self.waitingFirst), arguments: [lane]) else { continue }
                    found.append(try Self.waiting(row, columns: columns, now: now, in: database))
                }
                try take(.rendering)
                try take(Self.waitingUnrendered)
                try take(Self.waitingScheduled)
                try take(.held)
                try take(.unknown)
            }
            return found
        }
    }

    private static func waiting(_ row: Row, columns: SealedColumns, now: Timestamp, in database: Database) throws -> WaitingFax {
        let fax = try fax(row, columns: columns)
        let index: Data = row["number_index"]
        var behind = 0
        if fax.state == .queued || fax.state == .sending {
            let queued = try Int.fetchOne(database.cachedStatement(sql: queuedInLane), arguments: [index]) ?? 0
            behind = min(WaitingFax.mostBehind, fax.state == .queued ? max(0, queued - 1) : queued)
        }
        let (reason, until) = try reason(of: fax, lane: index, now: now, in: database)
        return WaitingFax(
            fax: fax, reason: reason, until: until, movedAt: Timestamp(milliseconds: row["moved_at"]), behind: behind)
    }

    private static func reason(
        of fax: FaxRecord, lane: Data, now: Timestamp, in database: Database
    ) throws -> (WaitingFax.Reason, Timestamp?) {
        switch fax.state {
        case .sending: return (.calling, nil)
        case .accepted: return (.renderer, nil)
        case .rendering: return (.rendering, nil)
        case .scheduled: return (.scheduled, fax.dueAt)
        case .held: return (.held(fax.hold), nil)
        case .queued: break
        case .unknown, .delivered, .failed, .cancelled, .disabled: return (.unknown, nil)
        }
        let rest = try Int64.fetchOne(database.cachedStatement(sql: restOfLane), arguments: [lane]) ?? 0
        let opening = fax.terms.hours?.next(at: now) ?? now
        let moments: [(WaitingFax.Reason, Timestamp)] = [
            (.hours, opening), (.destination, Timestamp(milliseconds: rest)), (.pause, fax.dueAt),
        ]
        // The one that holds it longest; hours explain a time that was moved to their opening.
        var longest = (reason: WaitingFax.Reason.line, until: now)
        for moment in moments where moment.1 > longest.until { longest = (moment.0, moment.1) }
        return longest.until > now ? (longest.reason, longest.until) : (.line, nil)
    }
}
