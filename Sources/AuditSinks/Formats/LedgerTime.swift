import FaxModel

/// Reads the ledger's times, `2026-11-22T08:30:00.123Z`, of which there is one in each record. The general reader of ISO 8601 takes 160 us.
enum LedgerTime {
    private static let form = Array("0000-00-00T00:00:00.000Z".utf8)

    /// - Returns: nil for what the general reader does not take either.
    static func read(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count == form.count,
            zip(bytes, form).allSatisfy({ $1 == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) : $0 == $1 })
        else { return Timestamp(iso8601: text) }
        func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } }
        let (year, month, day) = (number(0..<4), number(5..<7), number(8..<10))
        let (hour, minute, second) = (number(11..<13), number(14..<16), number(17..<19))
        guard year > 0, (1...12).contains(month), (1...(month == 2 ? 28 : 30)).contains(day), hour < 24, minute < 60, second < 60 else {
            // Rare: the general reader knows which months have a 29th or 31st; the rest is no time.
            return Timestamp(iso8601: text)
        }
        let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
        return Timestamp(milliseconds: Int64(seconds * 1000 + number(20..<23)))
    }

    /// Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that the day that leap years add is their last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let (marchYear, marchMonth) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
        let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
        return marchYear * 365 + leapDays + (marchMonth * 153 + 2) / 5 + day - 1 - 719_468
    }
}
