/// A moment: whole milliseconds since 1970-01-01T00:00:00Z. What the database stores and the API prints.
package struct Timestamp: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    package func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(milliseconds: milliseconds + seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    /// ISO 8601 with milliseconds in UTC: `2026-11-22T08:30:00.000Z`.
    package var description: String {
        let (days, millisecondsOfDay) = milliseconds.flooringDivided(by: 86_400_000)
        let date = CivilDate(daysSince1970: Int(days))
        let second = Int(millisecondsOfDay / 1000)
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
            + "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
            + ".\(padded(Int(millisecondsOfDay % 1000), 3))Z"
    }

    /// Reads ISO 8601 in UTC or with an offset: `2026-11-22T08:30:00Z`, `2026-11-22T08:30:00.5+01:00`; a bare date is its midnight in UTC.
    /// - Returns: nil for anything else.
    package init?(iso8601 text: String) {
        let pattern =
            /(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?/.asciiOnlyDigits()
        guard let match = text.wholeMatch(of: pattern), let year = Int(match.1), let month = Int(match.2), let day = Int(match.3),
            (1...12).contains(month), day >= 1, day <= CivilDate.daysInMonth(month, of: year)
        else { return nil }
        let hour = match.4.flatMap { Int($0) } ?? 0
        let minute = match.5.flatMap { Int($0) } ?? 0
        let second = match.6.flatMap { Int($0) } ?? 0
        guard hour < 24, minute < 60, second < 60 else { return nil }
        let fraction = match.7.flatMap { Int(($0 + "000").prefix(3)) } ?? 0
        var offsetMinutes = 0
        if let zone = match.8, zone != "Z" {
            let digits = zone.dropFirst().filter { $0 != ":" }
            guard let value = Int(digits), value < 2400, value % 100 < 60 else { return nil }
            offsetMinutes = (value / 100 * 60 + value % 100) * (zone.hasPrefix("-") ? -1 : 1)
        }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offsetMinutes * 60)
        milliseconds = seconds * 1000 + Int64(fraction)
    }

    /// `2026-11`: the month in UTC.
    package var month: String { String(description.prefix(7)) }

    private func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    func flooringDivided(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let remainder = ((self % divisor) + divisor) % divisor
        return ((self - remainder) / divisor, remainder)
    }
}
