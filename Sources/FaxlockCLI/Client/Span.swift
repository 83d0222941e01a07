import FaxModel

/// How long something is, as people write and read it: `90s`, `15m`, `36h`, `7d`.
enum Span {
    private static let units: [(name: Character, seconds: Int64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]

    /// - Returns: nil unless `text` is a whole number above 0 and one of the units; at most 10 years.
    static func parse(_ text: String) -> Duration? {
        guard let unit = units.first(where: { $0.name == text.last }), let number = Int64(text.dropLast()), number > 0,
            number <= 3660 * 86_400 / unit.seconds
        else { return nil }
        return .seconds(number * unit.seconds)
    }

    /// The largest unit of which there are two, or the seconds: `3d`, `47h`, `5m`.
    static func format(milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds) / 1000
        let unit = units.first { seconds >= 2 * $0.seconds } ?? (name: "s", seconds: 1)
        return "\(seconds / unit.seconds)\(unit.name)"
    }

    /// From when on: a span before `now`, or an ISO 8601 time.
    static func moment(_ text: String, before now: Timestamp) -> Timestamp? {
        parse(text).map { now.advanced(by: .zero - $0) } ?? Timestamp(iso8601: text)
    }
}
