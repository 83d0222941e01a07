package import FaxModel
import Foundation
import GRDB
import Ledger

/// What somebody who reviews activity looks at first (45 CFR 164.308(a)(1)(ii)(D)): counts, and what stands out.
package struct ActivityReport: Sendable, Encodable, Equatable {
    /// How often something was done by, or from, somebody.
    package struct Count: Sendable, Encodable, Equatable {
        package let who: String
        package let count: Int
    }

    package let from: String
    package let to: String
    /// Events by action.
    package let actions: [String: Int]
    /// Refused credentials by address, the most first.
    package let refusedSignIns: [Count]
    /// Requests beyond a key's scopes, by key.
    package let deniedScopes: [Count]
    /// Documents opened, by key or person, the most first.
    package let openings: [Count]
    /// Those who opened more than ``bulk`` documents within an hour.
    package let bulkReaders: [Count]
    /// Documents opened between 22 and 6 o'clock UTC, by key or person.
    package let openingsAtNight: [Count]
    /// Uses of emergency access.
    package let emergencies: Int
    /// Destinations of this period that no fax was sent to before it.
    package let newDestinations: Int

    /// Documents in an hour from which on reading is bulk reading.
    package static let bulk = 50

    private enum CodingKeys: String, CodingKey {
        case from, to, actions, openings, emergencies
        case refusedSignIns = "refused_sign_ins"
        case deniedScopes = "denied_scopes"
        case bulkReaders = "bulk_readers"
        case openingsAtNight = "openings_at_night"
        case newDestinations = "new_destinations"
    }
}

extension FaxStore {
    /// What narrows a statement to a period: its numbers, which come first, then its times. A `+` keeps the times from their index: the
    /// numbers go with the index of the action.
    static let ofPeriod = "seq >= ? AND seq <= ? AND +at >= ? AND +at < ?"
    static let actionsOfPeriod = "SELECT action, count(*) AS count FROM ledger NOT INDEXED WHERE \(ofPeriod) GROUP BY action"

    static func countsOfPeriod(_ who: String, _ condition: String) -> String {
        """
        SELECT who, sum(amount) AS count FROM (
            SELECT \(who) AS who, coalesce(json_extract(CAST(leaf AS TEXT), '$.details.count'), 1) AS amount
            FROM ledger WHERE \(ofPeriod) AND \(condition))
        GROUP BY who ORDER BY count DESC, who LIMIT 100
        """
    }

    private static let actor = "json_extract(CAST(leaf AS TEXT), '$.actor.id')"
    private static let released = "action = 'content.released'"

    /// The largest number of openings in any hour that begins with one of them.
    static let bulkOfPeriod = """
        SELECT who, max(amount) AS count FROM (
            SELECT \(actor) AS who, count(*) OVER (
                PARTITION BY \(actor) ORDER BY at RANGE BETWEEN CURRENT ROW AND 3599999 FOLLOWING) AS amount
            FROM ledger WHERE \(ofPeriod) AND \(released))
        GROUP BY who HAVING max(amount) > \(ActivityReport.bulk) ORDER BY count DESC, who
        """
    /// Reads all faxes that were ever accepted: whether a destination is new, the events before the period say.
    static let newDestinations = """
        SELECT count(*) FROM (
            SELECT json_extract(CAST(leaf AS TEXT), '$.details.number') AS number, min(at) AS first FROM ledger
            WHERE action = 'fax.accepted' GROUP BY number)
        WHERE first >= ? AND first < ?
        """

    /// The report of a period, from the ledger alone.
    package func activity(_ period: Range<Timestamp>) async throws -> ActivityReport {
        try await read { database in
            let times: StatementArguments = [period.lowerBound.milliseconds, period.upperBound.milliseconds]
            let numbers = try Self.sequences(of: period, in: database)
            // Without an event: numbers that no event has.
            let span: StatementArguments = [numbers?.lowerBound ?? -1, numbers?.upperBound ?? -1] + times
            func counts(_ who: String, _ condition: String) throws -> [ActivityReport.Count] {
                try Row.fetchAll(database, sql: Self.countsOfPeriod(who, condition), arguments: span)
                    .map { ActivityReport.Count(who: $0["who"] ?? "", count: $0["count"]) }
            }
            let address = "json_extract(CAST(leaf AS TEXT), '$.actor.address')"
            let actions = try Row.fetchAll(database, sql: Self.actionsOfPeriod, arguments: span)
            let bulk = try Row.fetchAll(database, sql: Self.bulkOfPeriod, arguments: span)
                .map { ActivityReport.Count(who: $0["who"] ?? "", count: $0["count"]) }
            let byAction = Dictionary(actions.map { ($0["action"] as String, $0["count"] as Int) }) { first, _ in first }
            let hasFaxes = byAction[LedgerAction.faxAccepted.rawValue] != nil
            let new = hasFaxes ? try Int.fetchOne(database, sql: Self.newDestinations, arguments: times) : 0
            return ActivityReport(
                from: period.lowerBound.description, to: period.upperBound.description, actions: byAction,
                refusedSignIns: try counts(address, "action = 'sign_in.failed'"),
                deniedScopes: try counts(Self.actor, "action = 'scope.denied'"), openings: try counts(Self.actor, Self.released),
                bulkReaders: bulk,
                openingsAtNight: try counts(
                    Self.actor, "\(Self.released) AND (at / 3600000 % 24 >= 22 OR at / 3600000 % 24 < 6)"),
                emergencies: byAction["break_glass.opened"] ?? 0, newDestinations: new ?? 0)
        }
    }
}
