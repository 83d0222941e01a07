import FaxModel
import FoundationEssentials
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (1, "1970-01-01T00:00:00.001Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
    ])
    func `known moments print and read`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test func `what is printed reads as the same moment`() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<5000 {
            let moment = Timestamp(milliseconds: .random(in: -62_135_596_800_000...253_402_300_799_999, using: &random))
            #expect(Timestamp(iso8601: moment.description) == moment)
        }
    }

    /// Another implementation of the calendar.
    @Test func `it prints what Foundation prints`() {
        var random = SeededRandom(seed: 2)
        for _ in 0..<2000 {
            let seconds = Int64.random(in: -2_208_988_800...13_569_465_599, using: &random)
            let foundation = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
            #expect(Timestamp(milliseconds: seconds * 1000).description == foundation.dropLast() + ".000Z")
        }
    }

    @Test func `texts sort as moments do`() {
        var random = SeededRandom(seed: 3)
        let moments = (0..<200).map { _ in Timestamp(milliseconds: .random(in: 0...253_402_300_799_999, using: &random)) }
        #expect(moments.sorted().map(\.description) == moments.map(\.description).sorted())
    }

    @Test(arguments: [
        ("2026-11-22T08:30:00+01:00", "2026-11-22T07:30:00.000Z"), ("2026-11-22T08:30:00-05:00", "2026-11-22T13:30:00.000Z"),
        ("2026-11-22T08:30:00+0530", "2026-11-22T03:00:00.000Z"), ("2026-01-01T00:15:00+00:30", "2025-12-31T23:45:00.000Z"),
        ("2026-11-22T08:30:00-00:00", "2026-11-22T08:30:00.000Z"), ("2026-11-22T08:30:00.5Z", "2026-11-22T08:30:00.500Z"),
        ("2026-11-22T08:30:00.1234567Z", "2026-11-22T08:30:00.123Z"), ("2026-11-22T08:30Z", "2026-11-22T08:30:00.000Z"),
        ("2026-11-22 08:30:01", "2026-11-22T08:30:01.000Z"), ("2026-11-22", "2026-11-22T00:00:00.000Z"),
        ("2024-02-29", "2024-02-29T00:00:00.000Z"), ("2000-02-29", "2000-02-29T00:00:00.000Z"),
        ("2026-11-22T08:30:00+23:59", "2026-11-21T08:31:00.000Z"),
    ])
    func `ISO 8601 with and without its parts is read`(text: String, expected: String) {
        #expect(Timestamp(iso8601: text)?.description == expected)
    }

    @Test(arguments: [
        "", "now", "2026", "2026-11", "2026-13-01", "2026-00-01", "2026-11-00", "2026-11-31", "2025-02-29", "1900-02-29", "2100-02-29",
        "2026-11-22T", "2026-11-22T24:00:00Z", "2026-11-22T08:60:00Z", "2026-11-22T08:30:60Z", "2026-11-22T08:30:00z ",
        "2026-11-22T08:30:00.Z", "2026-11-22T08:30:00+1", "2026-11-22T08:30:00+01:60", "2026-11-22T08:30:00+24:00",
        "2026-11-22T08:30:00.1234567890Z", " 2026-11-22", "2026-11-22Z", "+2026-11-22", "20261122", "-001-01-01",
        "2026-11-22T08:30:00Z2026-11-22", "2026-11-22T08:30:00\u{0}Z",
        // Digits, but not ASCII's: they would be read as hour 0.
        "2026-11-22T\u{660}\u{668}:30:00Z", "2026-11-22T08:30:\u{FF10}\u{FF10}Z", "2026-11-22T08:30:00.\u{661}Z",
        "\u{662}\u{660}\u{662}\u{666}-11-22",
    ])
    func `anything else is refused`(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test func `durations move it both ways`() {
        let moment = Timestamp(milliseconds: 1000)
        #expect(moment.advanced(by: .milliseconds(1)).milliseconds == 1001)
        #expect(moment.advanced(by: .seconds(-1.5)).milliseconds == -500)
        #expect(moment.advanced(by: .microseconds(999)).milliseconds == 1000)
        #expect(moment.advanced(by: .seconds(86_400 * 366)).description == "1971-01-02T00:00:01.000Z")
    }

    @Test func `the month is that of UTC`() {
        #expect(Timestamp(iso8601: "2026-11-30T23:30:00-01:00")?.month == "2026-12")
        #expect(Timestamp(iso8601: "2026-12-01T00:30:00+01:00")?.month == "2026-11")
    }
}
