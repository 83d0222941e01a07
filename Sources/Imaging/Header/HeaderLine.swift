import FaxModel

/// What the top of each page must say (47 CFR 68.318(d)): date and time, who sends, and the number of the sending
/// machine.
package struct HeaderLine: Sendable, Hashable {
    /// Date and time of sending, in words as they shall appear.
    package var date: String
    /// The name of the business, other entity or person that sends.
    package var sender: String
    /// The telephone number of the sending machine.
    package var number: String

    /// Characters outside of ASCII 32 to 126 will be shown as "?".
    package init(date: String, sender: String, number: String) {
        self.date = date
        self.sender = sender
        self.number = number
    }

    /// Columns of a page that a character takes.
    static let pitch = 18
    /// Characters that stay free at each side, where printers and scanners cut.
    static let margin = 2

    /// The text for one page: date and time on the left, sender and number in the middle, the page on the right.
    ///
    /// It fits the line exactly. If there is too much, the sender's name is cut and ends with "...", and only then the
    /// number, and the date.
    /// - Parameters:
    ///   - page: from 1.
    ///   - pages: the number of pages, nil if not known.
    ///   - width: picture elements of a scan line.
    package func line(page: Int, of pages: Int?, width: Int = Resolution.width) -> String {
        let columns = HeaderLine.characters(width: width)
        let right = pages.map { "P. \(page)/\($0)" } ?? "P. \(page)"
        let left = HeaderLine.cut(HeaderLine.printable(date), to: max(0, columns - right.count - 2))
        // Two spaces keep the fields apart.
        let room = max(0, columns - left.count - right.count - 4)
        let number = HeaderLine.cut(HeaderLine.printable(number), to: room)
        let sender = HeaderLine.cut(HeaderLine.printable(sender), to: max(0, room - number.count - 2))
        let middle = sender.isEmpty ? number : number.isEmpty ? sender : sender + "  " + number
        // In the middle of the page if the fields leave it free there, else in the middle of what is free.
        let lowest = left.count + 2
        let highest = columns - right.count - 2 - middle.count
        var start = (columns - middle.count) / 2
        if start < lowest || start > highest { start = max(lowest, (lowest + highest) / 2) }
        var line = left
        if !middle.isEmpty { line += HeaderLine.spaces(start - line.count) + middle }
        line += HeaderLine.spaces(columns - line.count - right.count) + right
        return String(line.prefix(columns))
    }

    /// Characters that fit in a line of `width` picture elements.
    static func characters(width: Int) -> Int {
        max(0, width / pitch - 2 * margin)
    }

    private static func spaces(_ count: Int) -> String {
        String(repeating: " ", count: max(0, count))
    }

    private static func printable(_ text: String) -> String {
        String(text.map { (32...126).contains($0.asciiValue ?? 0) ? $0 : "?" })
    }

    /// The text, or as much of it as fits with "..." behind it; nothing where not even one character would be left.
    private static func cut(_ text: String, to count: Int) -> String {
        guard text.count > count else { return text }
        return count > 3 ? text.prefix(count - 3) + "..." : ""
    }
}
