import FaxModel

/// Reads the times of leaves one after the other; nearly all are of the day of the one before.
struct LeafClock {
    private var day: [UInt8] = []
    private var midnight: Int64 = 0

    /// Milliseconds since 1970. Nil unless `range` is as `2026-11-22T08:30:00.000Z`.
    mutating func milliseconds(_ range: Range<Int>, in bytes: Span<UInt8>) -> Int64? {
        let start = range.lowerBound
        guard range.count == 24, bytes[start + 10] == UInt8(ascii: "T"), bytes[start + 13] == UInt8(ascii: ":"),
            bytes[start + 16] == UInt8(ascii: ":"), bytes[start + 19] == UInt8(ascii: "."), bytes[start + 23] == UInt8(ascii: "Z"),
            let hour = Self.number(start + 11, 2, in: bytes), hour < 24, let minute = Self.number(start + 14, 2, in: bytes), minute < 60,
            let second = Self.number(start + 17, 2, in: bytes), second < 60, let milliseconds = Self.number(start + 20, 3, in: bytes),
            readDay(from: start, in: bytes)
        else { return nil }
        return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds
    }

    private mutating func readDay(from start: Int, in bytes: Span<UInt8>) -> Bool {
        var isSame = day.count == 10
        if isSame { for offset in 0..<10 where day[offset] != bytes[start + offset] { isSame = false } }
        if isSame { return true }
        let text = LeafCursor.unescaped(start..<start + 10, in: bytes)
        guard text.utf8.count == 10, let read = Timestamp(iso8601: text) else { return false }
        day = Array(text.utf8)
        midnight = read.milliseconds
        return true
    }

    private static func number(_ start: Int, _ count: Int, in bytes: Span<UInt8>) -> Int64? {
        var number: Int64 = 0
        for index in start..<start + count {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
            number = number * 10 + Int64(bytes[index] - UInt8(ascii: "0"))
        }
        return number
    }
}
