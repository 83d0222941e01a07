import CPango
import WorkerProtocol

/// A run of text that ends with a line end, a form feed or the document.
struct Paragraph {
    /// Valid UTF-8 without control characters other than the tab.
    var text: [UInt8]
    /// Whether a form feed ended it: what follows is on a new page.
    var endsPage: Bool
}

/// Reads a text document paragraph by paragraph, in memory that does not grow with the document.
struct ParagraphReader {
    /// Longer paragraphs are cut, at a space where there is one.
    static let longest = 4096

    private let document: DocumentBytes
    private var buffer: [UInt8] = []
    private var position = 0
    /// Where ``buffer`` begins in the document.
    private var offset = 0

    init(_ document: DocumentBytes) {
        self.document = document
        if document.read(at: 0, length: 3) == [0xEF, 0xBB, 0xBF] { offset = 3 }
    }

    /// The next paragraph, or nil at the end.
    ///
    /// - Parameter page: the page that is being set, for messages.
    mutating func next(page: Int) throws(PageFailure) -> Paragraph? {
        // One more than the longest paragraph with its line end, so that CR LF is seen whole.
        if buffer.count - position < Self.longest + 2 {
            offset += position
            position = 0
            buffer = document.read(at: offset, length: 1 << 16)
        }
        guard position < buffer.count else { return nil }
        let rest = buffer[position...]
        var end = rest.firstIndex { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F } ?? rest.endIndex
        var next = end
        var endsPage = false
        if end - position > Self.longest {
            end = cut(position..<(position + Self.longest))
            next = end
        } else if end < rest.endIndex {
            switch buffer[end] {
            case 0x0D: next = end + (end + 1 < buffer.count && buffer[end + 1] == 0x0A ? 2 : 1)
            case 0x0A, 0x0B: next = end + 1
            case 0x0C:
                next = end + 1
                endsPage = true
            default:
                throw Self.missing(UInt32(buffer[end]), page: page)
            }
        }
        let text = Array(buffer[position..<end])
        try validate(text, at: offset + position)
        position = next
        return Paragraph(text: text, endsPage: endsPage)
    }

    /// A character that no font can draw.
    static func missing(_ scalar: UInt32, page: Int) -> PageFailure {
        let digits = String(scalar, radix: 16, uppercase: true)
        let code = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return PageFailure(
            code: .missingGlyph,
            message: "Page \(page) holds the character U+\(code), which no installed font can draw.", page: page)
    }

    /// Where to cut an overlong paragraph: after its last space, else between two characters.
    private func cut(_ range: Range<Int>) -> Int {
        if let space = buffer[range].lastIndex(of: 0x20), space > range.lowerBound { return space + 1 }
        var end = range.upperBound
        while end > range.upperBound - 4 && buffer[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }

    private func validate(_ text: [UInt8], at start: Int) throws(PageFailure) {
        let valid = text.withUnsafeBytes { bytes in
            guard let base = bytes.bindMemory(to: CChar.self).baseAddress else { return 0 }
            var end: UnsafePointer<CChar>?
            return g_utf8_validate_len(base, gsize(bytes.count), &end) != 0 ? bytes.count : end.map { $0 - base } ?? 0
        }
        guard valid == text.count else {
            throw PageFailure(code: .broken, message: "The text is not UTF-8: byte \(start + valid) is wrong.")
        }
    }
}
