package import WorkerProtocol

/// What a document is, by its first bytes; what the client declares is not asked.
package enum DocumentFormat {
    /// How many of the first bytes are looked at.
    package static let sampleSize = 4096

    /// The format of the document that begins with `bytes`; nil if it is none that can be faxed (HTTP 415).
    ///
    /// - Parameter bytes: the first ``sampleSize`` bytes, or all of a shorter document. More are ignored.
    package static func sniff(_ bytes: some Sequence<UInt8>) -> PageJob.Format? {
        let sample = Array(bytes.prefix(sampleSize))
        if sample.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
        if sample.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
        // TIFF 6.0, section 2: byte order, then 42.
        if sample.starts(with: [0x49, 0x49, 0x2A, 0x00]) || sample.starts(with: [0x4D, 0x4D, 0x00, 0x2A]) {
            return .tiff
        }
        let isText = isPlainText(sample)
        if hasPDFHeader(sample, isText: isText) { return .pdf }
        return isText && !isMarkup(sample) ? .text : nil
    }

    /// Readers of PDF look for the header in the first 1,024 bytes (ISO 32000-1 annex H.3, note 13). In plain text it counts only
    /// at the beginning of a line: a letter may speak of %PDF- files.
    private static func hasPDFHeader(_ sample: [UInt8], isText: Bool) -> Bool {
        let mark = Array("%PDF-".utf8)
        for start in 0..<1024 {
            guard start + mark.count < sample.count else { return false }
            guard sample[start] == mark[0], sample[start..<(start + mark.count)].elementsEqual(mark),
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(sample[start + mark.count])
            else { continue }
            let isLineStart = start == 0 || sample[start - 1] == 0x0A || sample[start - 1] == 0x0D
            if isLineStart || !isText || sample[..<start].elementsEqual(byteOrderMark) { return true }
        }
        return false
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// UTF-8 without control characters but tab, line feed, form feed and carriage return. The sample may cut its last character.
    private static func isPlainText(_ sample: [UInt8]) -> Bool {
        var index = sample.starts(with: byteOrderMark) ? byteOrderMark.count : 0
        guard index < sample.count else { return false }
        while index < sample.count {
            let byte = sample[index]
            switch byte {
            case 0x09, 0x0A, 0x0C, 0x0D, 0x20...0x7E: index += 1
            case 0x00...0x1F, 0x7F: return false
            default:
                guard let length = sequenceLength(sample, at: index) else { return false }
                index += length
            }
        }
        return true
    }

    /// Bytes of the multi-byte character at `index` (Unicode 15.0, table 3-7), or nil if there is none.
    private static func sequenceLength(_ sample: [UInt8], at index: Int) -> Int? {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch sample[index] {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return nil
        }
        let rest = sample[(index + 1)..<min(index + length, sample.count)]
        guard rest.first.map({ second.contains($0) }) ?? true,
            rest.dropFirst().allSatisfy({ (0x80...0xBF).contains($0) })
        else {
            return nil
        }
        return length
    }

    /// Documents that are written in characters and are not meant to be read as such: a patient's letter must not arrive as source.
    private static func isMarkup(_ sample: [UInt8]) -> Bool {
        let text = sample.starts(with: byteOrderMark) ? sample.dropFirst(byteOrderMark.count) : sample[...]
        let start = HeaderParameters.lowercased(text.drop { [0x09, 0x0A, 0x0C, 0x0D, 0x20].contains($0) }.prefix(16))
        return ["%!ps", "{\\rtf", "<!doctype html", "<html", "<?xml"].contains { start.hasPrefix($0) }
    }
}
