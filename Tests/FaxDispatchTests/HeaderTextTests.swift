import FaxModel
import Imaging
import Testing

@testable import FaxDispatch

@Suite struct HeaderTextTests {
    private func line(_ zone: String, _ time: String) throws -> HeaderLine {
        let header = try HeaderText(sender: "Quincy Clinic", number: "+1 555 123 0111", timeZone: zone)
        return header.line(at: try #require(Timestamp(iso8601: time)))
    }

    @Test(arguments: [
        ("UTC", "2026-11-22T08:30:59Z", "2026-11-22 08:30 UTC"),
        // Standard time and summer time of one place.
        ("America/New_York", "2026-11-22T13:30:00Z", "2026-11-22 08:30 UTC-05:00"),
        ("America/New_York", "2026-07-01T13:30:00Z", "2026-07-01 09:30 UTC-04:00"),
        ("America/New_York", "2026-01-01T03:00:00Z", "2025-12-31 22:00 UTC-05:00"),
        ("Asia/Kolkata", "2026-11-22T20:00:00Z", "2026-11-23 01:30 UTC+05:30"),
        ("America/St_Johns", "2026-11-22T12:00:00Z", "2026-11-22 08:30 UTC-03:30"),
        ("Europe/London", "2026-11-22T12:00:00Z", "2026-11-22 12:00 UTC"),
    ])
    func `the date is the local one and says its offset`(zone: String, time: String, expected: String) throws {
        let line = try line(zone, time)
        #expect(line.date == expected)
        #expect(line.sender == "Quincy Clinic")
        #expect(line.number == "+1 555 123 0111")
    }

    @Test(arguments: ["", "Mars/Olympus", "America/New York", "../UTC"])
    func `an unknown time zone is refused by name`(zone: String) {
        #expect {
            _ = try HeaderText(sender: "", number: "", timeZone: zone)
        } throws: { error in
            "\(error)".contains("FAXLOCK_TIME_ZONE") && "\(error)".contains(zone)
        }
    }
}
