package import FaxModel
import GRDB

/// What a scrape of the metrics reads.
extension FaxStore {
    /// The queue at one moment.
    package struct Gauges: Sendable {
        /// Faxes by state and priority; what is not in it is 0.
        package var faxes: [FaxState: [Priority: Int]] = [:]
        /// When the oldest fax of a state was accepted; states without a fax are not in it.
        package var oldest: [FaxState: Timestamp] = [:]
        /// Faxes that have not moved past their deadline, by state.
        package var stalled: [FaxState: Int] = [:]
        /// Destinations that are being called.
        package var busyLanes = 0
        /// Messages to webhooks that are still tried.
        package var pendingMessages = 0
        /// Messages to webhooks that were given up and wait for a person.
        package var deadMessages = 0
    }

    static let faxCounts = "SELECT state, priority, faxes FROM fax_counts"
    static let oldestInWork = """
        SELECT created_at FROM faxes INDEXED BY faxes_in_work
        WHERE state = ? AND state IN ('accepted', 'rendering', 'scheduled', 'queued', 'held', 'sending', 'unknown')
        ORDER BY id LIMIT 1
        """
    static let stalledCounts =
        "SELECT state, count(*) AS count FROM faxes INDEXED BY faxes_stalled WHERE stalled_at IS NOT NULL GROUP BY state"
    static let busyLanes = "SELECT count(*) FROM lanes INDEXED BY lanes_busy WHERE state = 'busy'"

    static let pendingMessages = "SELECT count(*) FROM webhook_deliveries INDEXED BY webhook_deliveries_due WHERE state = 'pending'"
    static let deadMessages = """
        SELECT count(*) FROM webhook_deliveries INDEXED BY webhook_deliveries_over WHERE state = 'dead' AND ended_at IS NOT NULL
        """

    /// Reads them. It costs the same with a million faxes as with one; messages to webhooks are counted.
    package func gauges() async throws -> Gauges {
        try await read { try Self.gauges(in: $0) }
    }

    static func gauges(in database: Database) throws -> Gauges {
        var gauges = Gauges()
        for row in try Row.fetchAll(database.cachedStatement(sql: faxCounts)) {
            guard let state = FaxState(rawValue: row["state"]), let priority = Priority(rawValue: row["priority"]) else { continue }
            gauges.faxes[state, default: [:]][priority] = row["faxes"]
        }
        for state in FaxState.allCases where !state.isTerminal {
            let statement = try database.cachedStatement(sql: oldestInWork)
            gauges.oldest[state] = try Int64.fetchOne(statement, arguments: [state.rawValue]).map { Timestamp(milliseconds: $0) }
        }
        for row in try Row.fetchAll(database.cachedStatement(sql: stalledCounts)) {
            FaxState(rawValue: row["state"]).map { gauges.stalled[$0] = row["count"] }
        }
        gauges.busyLanes = try Int.fetchOne(database.cachedStatement(sql: busyLanes)) ?? 0
        gauges.pendingMessages = try Int.fetchOne(database.cachedStatement(sql: pendingMessages)) ?? 0
        gauges.deadMessages = try Int.fetchOne(database.cachedStatement(sql: deadMessages)) ?? 0
        return gauges
    }
}
