package import FaxModel
import FoundationEssentials
import GRDB

/// Counts for people. Ids begin with the moment of acceptance, and rows are in their order: a period is one stretch of each table, and what
/// is before and after it is not read.
extension FaxStore {
    static let faxesOfPeriod = """
        SELECT count(*) AS accepted, total(state = 'delivered') AS delivered, total(state = 'failed') AS failed,
            total(state = 'cancelled') AS cancelled, total(state = 'unknown') AS unknown, total(state = 'held') AS held,
            total(state = 'disabled') AS disabled, total(pages_confirmed) AS pages
        FROM faxes WHERE id >= ? AND id < ?
        """
    static let deliveriesOfPeriod =
        "SELECT max(0, updated_at - created_at) FROM faxes WHERE id >= ? AND id < ? AND +state = 'delivered'"
    static let callsOfPeriod = """
        SELECT route, outcome, cause, count(*) AS calls, total((ended_at - started_at) * (file_offset = 0)) / 1000 AS seconds,
            total(number = 1 AND outcome <> 'not_dialled') AS first, total(number = 1 AND outcome = 'delivered') AS first_delivered
        FROM attempts WHERE fax >= ? AND fax < ? AND outcome IS NOT NULL GROUP BY route, outcome, cause
        """
    static let receivedOfPeriod = "SELECT count(*) AS received, total(pages) AS pages FROM inbound WHERE id >= ? AND id < ?"

    /// What became of the faxes that were accepted in a period, and what was received in it.
    package func statistics(_ period: Range<Timestamp>) async throws -> FaxStatistics {
        try await read { database in
            let span: StatementArguments = [FaxID.bound(period.lowerBound), FaxID.bound(period.upperBound)]
            var result = FaxStatistics(period)
            if let row = try Row.fetchOne(database, sql: Self.faxesOfPeriod, arguments: span) {
                func number(_ name: String) -> Int { Int(row[name] as Double) }
                result.accepted = row["accepted"]
                result.delivered = number("delivered")
                result.failed = number("failed")
                result.cancelled = number("cancelled")
                result.unknown = number("unknown")
                result.held = number("held")
                result.disabled = number("disabled")
                result.pages = number("pages")
                let ended = result.delivered + result.failed + result.cancelled + result.disabled
                result.underWay = result.accepted - ended - result.unknown - result.held
                result.success = Self.share(result.delivered, of: result.delivered + result.failed + result.unknown)
            }
            if let row = try Row.fetchOne(database, sql: Self.receivedOfPeriod, arguments: span) {
                result.received = row["received"]
                result.pagesReceived = Int(row["pages"] as Double)
            }
            let seconds = try Int64.fetchAll(database, sql: Self.deliveriesOfPeriod, arguments: span).sorted()
            result.medianSeconds = Self.quantile(0.5, of: seconds)
            result.percentile95Seconds = Self.quantile(0.95, of: seconds)
            var (first, firstDelivered) = (0.0, 0.0)
            for row in try Row.fetchAll(database, sql: Self.callsOfPeriod, arguments: span) {
                let seconds = Int(row["seconds"] as Double)
                result.calls.append(
                    FaxStatistics.Calls(
                        route: row["route"], outcome: row["outcome"], cause: row["cause"], calls: row["calls"], seconds: seconds))
                result.callSeconds += seconds
                first += row["first"] as Double
                firstDelivered += row["first_delivered"] as Double
            }
            result.firstCallSuccess = Self.share(Int(firstDelivered), of: Int(first))
            return result
        }
    }

    private static func share(_ part: Int, of whole: Int) -> Double? {
        whole > 0 ? Double(part) / Double(whole) : nil
    }

    /// The least value that is not exceeded by this share of all, in seconds.
    /// - Parameter sorted: milliseconds.
    static func quantile(_ share: Double, of sorted: [Int64]) -> Double? {
        guard !sorted.isEmpty else { return nil }
        let index = Int((share * Double(sorted.count)).rounded(.up)) - 1
        return Double(sorted[min(max(index, 0), sorted.count - 1)]) / 1000
    }
}
