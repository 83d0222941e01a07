import FaxModel

/// The field `Retry-After` (RFC 9110, 10.2.3).
enum RetryAfter {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    /// Whatever is asked for beyond it is the same to us.
    private static let longest = 366 * 86_400

    /// How long it asks to wait: seconds, or a date in the form that senders must use (IMF-fixdate).
    /// - Returns: nil for what is malformed; zero for a time that is over.
    static func duration(_ text: String, now: Timestamp) -> Duration? {
        guard text.utf8.count <= 40 else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return .seconds(min(Int(text) ?? longest, longest))
        }
        guard let date = date(text) else { return nil }
        let milliseconds = date.milliseconds - now.milliseconds
        return .milliseconds(max(0, min(milliseconds, Int64(longest) * 1000)))
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].utf8.count == 4, words[5] == "GMT", words[1].utf8.count == 2, words[3].utf8.count == 4,
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        let number = month + 1
        return Timestamp(iso8601: "\(words[3])-\(number < 10 ? "0" : "")\(number)-\(words[1])T\(words[4])Z")
    }
}
