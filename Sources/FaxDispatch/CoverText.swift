import FaxModel

/// A cover page as plain text, for the page worker: the same for every attempt.
struct CoverText {
    let cover: Cover
    let number: PhoneNumber
    /// What the header line of every page says of the sender.
    let sender: String
    let senderNumber: String
    let date: String
    /// Pages in all, the cover's own among them.
    let pages: Int

    /// Columns of a line on Letter paper.
    private static let width = 84
    private static let notice = """
        CONFIDENTIAL. This fax may hold health information that the law protects. It is
        meant only for whoever is named above. If it has come to you by mistake, please
        do not read, copy or pass on its pages: call the sender at once, and destroy
        every page.
        """

    var text: String {
        let rule = String(repeating: "\u{2500}", count: Self.width)
        var lines = ["FAX", rule, ""]
        let from = [cover.from, sender.isEmpty ? nil : sender].compactMap(\.self)
        let fields: [(String, String?)] = [
            ("To", cover.to), ("Fax", number.dialString), ("From", from.isEmpty ? nil : from.joined(separator: ", ")),
            ("Sender's fax", senderNumber.isEmpty ? nil : senderNumber), ("Date", date), ("Subject", cover.subject),
            ("Pages", "\(pages), this one included"),
        ]
        for (name, value) in fields {
            guard let value else { continue }
            lines += [(name + ":").padded(to: 16) + Self.oneLine(value), ""]
        }
        if let comments = cover.comments {
            lines += [rule, "", "Comments:", ""] + Self.lines(comments) + [""]
        }
        return (lines + [rule, "", Self.notice]).joined(separator: "\n") + "\n"
    }

    /// Without line breaks and other control characters: a form feed would begin a page.
    private static func oneLine(_ text: String) -> String { lines(text).joined(separator: " ") }

    private static func lines(_ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false) { $0.isNewline }.map { line in
            String(String.UnicodeScalarView(line.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
        }
    }
}

extension String {
    fileprivate func padded(to count: Int) -> String { self + String(repeating: " ", count: max(1, count - self.count)) }
}
