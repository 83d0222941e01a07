import FoundationEssentials

/// When a recipient may be called: `Mon-Fri 08:00-17:00 America/New_York`.
///
/// Days are optional (every day without them): a list, ranges, or both (`Mon-Wed,Sat`). A window that ends at or before its beginning goes over
/// midnight and belongs to the day on which it begins. The clock is the one on the recipient's wall: in the night in which it is set forward
/// a window may be shorter or absent, and in the one in which it is set back longer.
package struct RecipientHours: Hashable, Sendable, LosslessStringConvertible {
    /// Bit 0 is Monday.
    private let days: UInt8
    /// Minutes from midnight, 0 to 1439.
    private let opening: Int
    /// Minutes from midnight, 1 to 1440.
    private let closing: Int
    private let zoneName: String
    private let zone: TimeZone

    private static let dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let dayLength: Int64 = 86_400_000

    /// - Returns: nil for a text of another form, an empty window, or a time zone that this machine does not know.
    package init?(_ description: String) {
        guard description.utf8.count <= 160 else { return nil }
        let parts = description.split(separator: " ")
        guard parts.count == 2 || parts.count == 3, let days = parts.count == 3 ? Self.days(parts[0]) : 0x7F,
            let window = Self.window(parts[parts.count - 2])
        else { return nil }
        let name = String(parts[parts.count - 1])
        guard let zone = Self.zone(name) else { return nil }
        self.days = days
        (opening, closing) = window
        zoneName = name
        self.zone = zone
    }

    package var description: String {
        let window = "\(Self.clock(opening))-\(Self.clock(closing)) \(zoneName)"
        return days == 0x7F ? window : "\(Self.names(of: days)) \(window)"
    }

    /// The first moment from `moment` on at which the recipient may be called: `moment` itself within the hours.
    package func next(at moment: Timestamp) -> Timestamp {
        if isOpen(at: moment) { return moment }
        let today = (moment.milliseconds + offset(at: moment.milliseconds)).flooringDivided(by: Self.dayLength).quotient
        var found: Int64?
        // From yesterday, for a clock that was set back over midnight. Two weeks, because a day's window may fall into the hour that is left out.
        for day in today - 1...today + 15 {
            let openings = openings(onDay: day).filter { $0 >= moment.milliseconds && isOpen(at: Timestamp(milliseconds: $0)) }
            // One day more is looked at after the first find: moments of a change of the clock are seen from both its sides.
            if let found { return Timestamp(milliseconds: min(found, openings.min() ?? found)) }
            found = openings.min()
        }
        return Timestamp(milliseconds: found ?? moment.milliseconds)
    }

    private func isOpen(at moment: Timestamp) -> Bool {
        let (day, time) = (moment.milliseconds + offset(at: moment.milliseconds)).flooringDivided(by: Self.dayLength)
        let (from, to) = (Int64(opening) * 60_000, Int64(closing) * 60_000)
        if opening < closing { return isOn(day) && (from..<to).contains(time) }
        return (isOn(day) && time >= from) || (isOn(day - 1) && time < to)
    }

    /// Moments (milliseconds UTC) at which the hours may begin on a day (counted from 1970) of the wall's calendar: where the clock shows the
    /// opening, which may be never or twice, and where it is set.
    private func openings(onDay day: Int64) -> [Int64] {
        let wall = day * Self.dayLength + Int64(opening) * 60_000
        let before = offset(at: wall - Self.dayLength)
        let after = offset(at: wall + Self.dayLength)
        guard before != after else { return [wall - before] }
        var (low, high) = (wall - Self.dayLength, wall + Self.dayLength)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == before { low = middle } else { high = middle }
        }
        return [wall - before, wall - after, high]
    }

    /// Milliseconds east of Greenwich.
    private func offset(at milliseconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(milliseconds) / 1000))) * 1000
    }

    /// 1970-01-01 was a Thursday.
    private func isOn(_ day: Int64) -> Bool { days >> UInt8((day + 3).flooringDivided(by: 7).remainder) & 1 == 1 }
}

extension RecipientHours {
    private static func days(_ text: Substring) -> UInt8? {
        var days: UInt8 = 0
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = item.split(separator: "-", omittingEmptySubsequences: false).map { name in
                dayNames.firstIndex { $0.lowercased() == name.lowercased() }
            }
            guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil else { return nil }
            var day = first
            days |= 1 << UInt8(day)
            while day != last {
                day = (day + 1) % 7
                days |= 1 << UInt8(day)
            }
        }
        return days
    }

    private static func names(of days: UInt8) -> String {
        var items: [String] = []
        var day = 0
        while day < 7 {
            var end = day
            while end < 7, days >> UInt8(end) & 1 == 1 { end += 1 }
            switch end - day {
            case 0: break
            case 1, 2: items += dayNames[day..<end]
            default: items.append("\(dayNames[day])-\(dayNames[end - 1])")
            }
            day = max(end, day + 1)
        }
        return items.joined(separator: ",")
    }

    private static func window(_ text: Substring) -> (Int, Int)? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(minutes)
        guard ends.count == 2, let opening = ends[0], let closing = ends[1], opening < 1440, opening != closing else { return nil }
        // A window up to 00:00 is one up to 24:00.
        return (opening, closing == 0 ? 1440 : closing)
    }

    private static func minutes(_ text: Substring) -> Int? {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
        let digits = [bytes[0], bytes[1], bytes[3], bytes[4]].map { Int($0) - 0x30 }
        guard digits.allSatisfy((0...9).contains) else { return nil }
        let (hour, minute) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
        return minute < 60 && hour * 60 + minute <= 1440 ? hour * 60 + minute : nil
    }

    private static func clock(_ minutes: Int) -> String {
        [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }

    private static func zone(_ name: String) -> TimeZone? {
        let isPlain = name.utf8.allSatisfy { byte in
            // Letters of both cases, digits and what stands between them.
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & 0xDF) || "0123456789/_+-".utf8.contains(byte)
        }
        return isPlain && name.utf8.count <= 64 ? TimeZone(identifier: name) : nil
    }
}
