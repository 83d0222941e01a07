package import FaxModel
import Foundation
import GRDB

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
    /// The report of a period, from the ledger alone.
    package func activity(_ period: Range<Timestamp>) async throws -> ActivityReport {
        try await read { database in
            let span: StatementArguments = [period.lowerBound.milliseconds, period.upperBound.milliseconds]
            func counts(_ who: String, _ condition: String, having: String = "1") throws -> [ActivityReport.Count] {
                try Row.fetchAll(
                    database,
                    sql: """
                        SELECT who, sum(amount) AS count FROM (
                            SELECT \(who) AS who, coalesce(json_extract(CAST(leaf AS TEXT), '$.details.count'), 1) AS amount, at
                            FROM ledger WHERE at >= ? AND at < ? AND \(condition))
                        GROUP BY who HAVING \(having) ORDER BY count DESC, who LIMIT 100
                        """, arguments: span
                ).map { ActivityReport.Count(who: $0["who"] ?? "", count: $0["count"]) }
            }
            let actor = "json_extract(CAST(leaf AS TEXT), '$.actor.id')"
            let address = "json_extract(CAST(leaf AS TEXT), '$.actor.address')"
            let released = "action = 'content.released'"
            let actions = try Row.fetchAll(
                database, sql: "SELECT action, count(*) AS count FROM ledger WHERE at >= ? AND at < ? GROUP BY action", arguments: span)
            // The largest number of openings in any hour that begins with one of them.
            let bulk = try Row.fetchAll(
                database,
                sql: """
                    SELECT who, max(amount) AS count FROM (
                        SELECT \(actor) AS who, count(*) OVER (
                            PARTITION BY \(actor) ORDER BY at RANGE BETWEEN CURRENT ROW AND 3599999 FOLLOWING) AS amount
                        FROM ledger WHERE at >= ? AND at < ? AND \(released))
                    GROUP BY who HAVING max(amount) > \(ActivityReport.bulk) ORDER BY count DESC, who
                    """, arguments: span
            ).map { ActivityReport.Count(who: $0["who"] ?? "", count: $0["count"]) }
            let number = "json_extract(CAST(leaf AS TEXT), '$.details.number')"
            let new = try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM (
                        SELECT \(number) AS number, min(at) AS first FROM ledger WHERE action = 'fax.accepted' GROUP BY number)
                    WHERE first >= ? AND first < ?
                    """, arguments: span)
            let byAction = Dictionary(actions.map { ($0["action"] as String, $0["count"] as Int) }) { first, _ in first }
            return ActivityReport(
                from: period.lowerBound.description, to: period.upperBound.description, actions: byAction,
                refusedSignIns: try counts(address, "action = 'sign_in.failed'"),
                deniedScopes: try counts(actor, "action = 'scope.denied'"), openings: try counts(actor, released), bulkReaders: bulk,
                openingsAtNight: try counts(actor, "\(released) AND (at / 3600000 % 24 >= 22 OR at / 3600000 % 24 < 6)"),
                emergencies: byAction["break_glass.opened"] ?? 0, newDestinations: new ?? 0)
        }
    }
}
