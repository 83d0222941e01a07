import FaxModel
// The whole of Foundation: FoundationEssentials alone knows no time zone but GMT.
import Foundation
import Testing

@Suite struct RecipientHoursTests {
    @Test(arguments: [
        ("Mon-Fri 08:00-17:00 America/New_York", "Mon-Fri 08:00-17:00 America/New_York"),
        ("08:00-17:00 Europe/Berlin", "08:00-17:00 Europe/Berlin"), ("mon,TUE,wed 00:00-24:00 UTC", "Mon-Wed 00:00-24:00 UTC"),
        ("Mon-Sun 09:30-12:00 Asia/Kolkata", "09:30-12:00 Asia/Kolkata"), ("Sat-Mon 09:00-10:00 UTC", "Mon,Sat,Sun 09:00-10:00 UTC"),
        ("Fri,Mon-Wed 22:00-06:00 America/St_Johns", "Mon-Wed,Fri 22:00-06:00 America/St_Johns"),
        ("Wed 18:00-00:00 Etc/GMT+5", "Wed 18:00-24:00 Etc/GMT+5"),
    ])
    func `its text is read and printed in one form`(text: String, printed: String) throws {
        let hours = try #require(RecipientHours(text))
        #expect(hours.description == printed)
        #expect(RecipientHours(printed) == hours)
    }

    @Test(arguments: [
        "", " ", "Mon-Fri", "08:00-17:00", "Mon-Fri 08:00-17:00", "Mon-Fri 8:00-17:00 UTC", "08:00-08:00 UTC", "24:00-08:00 UTC",
        "08:00-24:01 UTC", "08:60-09:00 UTC", "08:00 UTC", "08:00-09:00-10:00 UTC", "Mon-Wed-Fri 08:00-09:00 UTC", "Mo 08:00-09:00 UTC",
        "Mon, 08:00-09:00 UTC", "Mon-Fri 08:00-17:00 America/Nowhere", "Mon-Fri 08:00-17:00 New York", "08:00-17:00 ../../etc/localtime",
        "08:00-17:00 \u{0}", "0٨:00-17:00 UTC", "-8:00-17:00 UTC", "+8:00-17:00 UTC", "Mon-Fri 08:00-17:00 UTC extra",
        "08:00-17:00 " + String(repeating: "A", count: 65), String(repeating: "Mon,", count: 50_000) + "Mon 08:00-17:00 UTC",
    ])
    func `anything else is refused`(text: String) {
        #expect(RecipientHours(text) == nil)
    }

    /// New York: UTC-5 in winter, UTC-4 from 2026-03-08 02:00 to 2026-11-01 02:00.
    @Test(arguments: [
        // A Wednesday, before, within, at the end and after.
        ("Mon-Fri 08:00-17:00", "2026-11-18T12:59:59.999Z", "2026-11-18T13:00:00Z"),
        ("Mon-Fri 08:00-17:00", "2026-11-18T13:00:00Z", "2026-11-18T13:00:00Z"),
        ("Mon-Fri 08:00-17:00", "2026-11-18T21:59:59.999Z", "2026-11-18T21:59:59.999Z"),
        ("Mon-Fri 08:00-17:00", "2026-11-18T22:00:00Z", "2026-11-19T13:00:00Z"),
        // Over the weekend, and over the night in which the clock changes.
        ("Mon-Fri 08:00-17:00", "2026-11-20T22:00:00Z", "2026-11-23T13:00:00Z"),
        ("Mon-Fri 08:00-17:00", "2026-03-06T22:00:00Z", "2026-03-09T12:00:00Z"),
        ("Mon-Fri 08:00-17:00", "2026-10-30T21:00:00Z", "2026-11-02T13:00:00Z"),
        // Over midnight: Friday's night goes on into Saturday.
        ("Fri 22:00-06:00", "2026-11-21T10:59:00Z", "2026-11-21T10:59:00Z"),
        ("Fri 22:00-06:00", "2026-11-21T11:00:00Z", "2026-11-28T03:00:00Z"),
        ("Fri 22:00-06:00", "2026-11-20T10:00:00Z", "2026-11-21T03:00:00Z"),
        // 02:30 does not exist on 8 March: the clock goes from 01:59 to 03:00, within the hours.
        ("02:30-04:00", "2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z"),
        // The whole window is left out.
        ("02:10-02:50", "2026-03-08T06:00:00Z", "2026-03-09T06:10:00Z"),
        // 01:30 comes twice on 1 November.
        ("01:30-01:45", "2026-11-01T05:00:00Z", "2026-11-01T05:30:00Z"), ("01:30-01:45", "2026-11-01T05:45:00Z", "2026-11-01T06:30:00Z"),
        // Past the end, and then the clock is set back into the hours.
        ("00:30-01:15", "2026-11-01T05:20:00Z", "2026-11-01T06:00:00Z"),
    ])
    func `the next moment in New York`(hours: String, moment: String, next: String) throws {
        let hours = try #require(RecipientHours(hours + " America/New_York"))
        #expect(hours.next(at: try #require(Timestamp(iso8601: moment))) == Timestamp(iso8601: next))
    }

    /// Another implementation: Foundation's calendar, minute by minute.
    @Test(arguments: [
        "Mon-Fri 08:00-17:00 America/New_York", "02:10-02:50 America/New_York", "00:30-01:15 America/New_York", "22:00-02:30 Europe/Berlin",
        "Sat-Sun 01:45-02:15 Australia/Lord_Howe", "Sun 23:30-00:30 America/Santiago", "00:00-00:10 Asia/Beirut", "Wed 00:00-24:00 UTC",
    ])
    func `it finds what a search minute by minute finds`(text: String) throws {
        let hours = try #require(RecipientHours(text))
        let parts = text.split(separator: " ")
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: String(parts[parts.count - 1])))
        let window = parts[parts.count - 2].split(separator: "-").map { end in
            end.split(separator: ":").compactMap { Int($0) }.reduce(0) { $0 * 60 + $1 }
        }
        // Calendar counts from Sunday = 1.
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let isOn: (Int) -> Bool = { weekday in
            switch parts.count == 3 ? parts[0] : "" {
            case "": true
            case "Mon-Fri": (2...6).contains(weekday)
            case "Sat-Sun": weekday == 1 || weekday == 7
            case let day: names[weekday - 1] == day
            }
        }
        let isOpen: (Int64) -> Bool = { minute in
            let parts = calendar.dateComponents([.weekday, .hour, .minute], from: Date(timeIntervalSince1970: Double(minute) * 60))
            guard let weekday = parts.weekday, let hour = parts.hour, let part = parts.minute else { return false }
            let time = hour * 60 + part
            if window[0] < window[1] { return isOn(weekday) && time >= window[0] && time < window[1] }
            return isOn(weekday) && time >= window[0] || isOn(weekday == 1 ? 7 : weekday - 1) && time < window[1]
        }
        // Three days around each change of a clock in 2026 that concerns these zones, and a plain week.
        for start in ["2026-03-07", "2026-03-28", "2026-04-04", "2026-09-05", "2026-10-03", "2026-10-24", "2026-10-31", "2026-11-18"] {
            let first = try #require(Timestamp(iso8601: start)).milliseconds / 60_000
            let open = (first..<first + 11 * 1440).map(isOpen)
            for offset in stride(from: 0, to: 3 * 1440, by: 7) {
                guard let expected = open[offset...].firstIndex(of: true) else { continue }
                let found = hours.next(at: Timestamp(milliseconds: (first + Int64(offset)) * 60_000))
                #expect(found == Timestamp(milliseconds: (first + Int64(expected)) * 60_000), "\(start) \(offset)")
            }
        }
    }

    @Test func `the next moment is open, is not earlier, and stays where it is`() throws {
        var random = SeededRandom(seed: 11)
        let zones = ["America/New_York", "Europe/London", "Asia/Tokyo", "Pacific/Apia", "America/Sao_Paulo", "UTC"]
        for _ in 0..<400 {
            let from = Int.random(in: 0..<1440, using: &random)
            let to = (from + Int.random(in: 1..<1440, using: &random)) % 1440
            let clock = { (minutes: Int) in String(format: "%02d:%02d", minutes / 60, minutes % 60) }
            let day = ["", "Mon ", "Tue-Sat ", "Sun,Wed "].randomElement(using: &random) ?? ""
            let zone = zones.randomElement(using: &random) ?? "UTC"
            let hours = try #require(RecipientHours("\(day)\(clock(from))-\(clock(to)) \(zone)"))
            let moment = Timestamp(milliseconds: .random(in: 0...2_500_000_000_000, using: &random))
            let next = hours.next(at: moment)
            #expect(next >= moment && hours.next(at: next) == next, "\(hours) \(moment)")
            #expect(next.milliseconds - moment.milliseconds <= 8 * 86_400_000, "\(hours) \(moment)")
            if next > moment { #expect(hours.next(at: Timestamp(milliseconds: next.milliseconds - 1)) == next, "\(hours) \(moment)") }
        }
    }
}
