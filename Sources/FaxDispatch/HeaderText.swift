import FaxModel
import Foundation
import Imaging

/// What the header line of every page says (47 CFR 68.318(d)): when, who, from which number.
package struct HeaderText: Sendable {
    private let sender: String
    private let number: String
    private let zone: TimeZone

    /// An IANA time-zone name that this machine does not know.
    package struct UnknownTimeZone: Error, CustomStringConvertible {
        let name: String
        package var description: String {
            "The time zone \(name) is not known. Set FAXLOCK_TIME_ZONE to an IANA name such as America/New_York."
        }
    }

    /// - Parameters:
    ///   - sender: the organisation's name (`FAX_HEADER`).
    ///   - number: its fax number (`FAX_LOCAL_STATION_ID`).
    ///   - timeZone: IANA name.
    package init(sender: String, number: String, timeZone: String) throws(UnknownTimeZone) {
        guard let zone = TimeZone(identifier: timeZone) else { throw UnknownTimeZone(name: timeZone) }
        self.sender = sender
        self.number = number
        self.zone = zone
    }

    /// The line for a call that begins now: `2026-11-22 08:30 UTC-05:00`.
    func line(at now: Timestamp) -> HeaderLine {
        let moment = Date(timeIntervalSince1970: Double(now.milliseconds) / 1000)
        let offset = zone.secondsFromGMT(for: moment)
        let local = now.advanced(by: .seconds(offset)).description
        let date = local.prefix(10) + " " + local.dropFirst(11).prefix(5) + " " + Self.name(ofOffset: offset)
        return HeaderLine(date: String(date), sender: sender, number: number)
    }

    private static func name(ofOffset seconds: Int) -> String {
        guard seconds != 0 else { return "UTC" }
        let minutes = abs(seconds) / 60
        let digits = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "UTC" + (seconds < 0 ? "-" : "+") + digits.joined(separator: ":")
    }
}
