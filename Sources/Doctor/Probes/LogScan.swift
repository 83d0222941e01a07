import Glibc

/// Looks for phone numbers and e-mail addresses in log lines (45 CFR 164.502(b)).
package struct LogScan: Sendable {
    package struct Report: Sendable, Hashable {
        package var lines = 0
        /// Lines that have what looks like one.
        package var count = 0
        /// Where the first of them are: `FILE:LINE`. The lines themselves are not repeated.
        package var places: [String] = []

        package init() {}
    }

    private static let maximumPlaces = 20
    /// Words before `=` or `:` whose values are amounts, times and places, however many digits they have.
    private static let amounts: Set<String> = [
        "bytes", "size", "blobs", "events", "event", "seq", "sequence", "from", "position", "port", "inode", "pid", "microseconds",
        "milliseconds", "seconds", "duration", "limit",
    ]

    /// Reads logs to their ends. Blocks.
    package static func run(_ paths: [String]) -> Seen<Report> {
        var report = Report()
        for path in paths {
            guard let file = fopen(path, "re") else { return .unknown("\(path): \(String(cString: strerror(errno)))") }
            defer { fclose(file) }
            var line: UnsafeMutablePointer<CChar>?
            var capacity = 0
            defer { free(line) }
            var number = 0
            while true {
                let count = getline(&line, &capacity, file)
                guard count >= 0, let start = line else { break }
                number += 1
                report.lines += 1
                let bytes = UnsafeRawBufferPointer(start: start, count: count)
                guard isSuspicious(Array(bytes)) else { continue }
                report.count += 1
                if report.places.count < maximumPlaces { report.places.append("\(path):\(number)") }
            }
        }
        return .value(report)
    }

    /// Whether a line has what looks like a phone number or an e-mail address.
    static func isSuspicious(_ line: [UInt8]) -> Bool {
        let words = line.split { $0 <= 0x20 || "\"',;()[]{}<>".utf8.contains($0) }
        // Numbers are also written in groups: (555) 123-0100 is three words.
        var run = 0
        for word in words {
            if isEmail(word) { return true }
            let (name, value) = assignment(word)
            if let name, amounts.contains(name) {
                run = 0
                continue
            }
            guard let digits = phoneDigits(value) else {
                run = 0
                continue
            }
            if (7...15).contains(digits) { return true }
            // Groups of two to four digits; a longer run of them than a clock or a version has.
            run = name == nil && (3...4).contains(digits) ? run + digits : 0
            if run >= 10 { return true }
        }
        return false
    }

    private static func assignment(_ word: ArraySlice<UInt8>) -> (name: String?, value: ArraySlice<UInt8>) {
        guard let equals = word.firstIndex(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ":") }),
            word[..<equals].allSatisfy({ ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") || $0 == UInt8(ascii: "_") }),
            equals > word.startIndex
        else { return (nil, word) }
        return (String(decoding: word[..<equals], as: UTF8.self), word[(equals + 1)...])
    }

    /// The number of digits, if the word is made of them and of what stands between them in a phone number; nil for dates, times,
    /// addresses, versions, ids.
    private static func phoneDigits(_ word: ArraySlice<UInt8>) -> Int? {
        var word = word
        while let last = word.last, last == UInt8(ascii: ".") || last == UInt8(ascii: ":") { word.removeLast() }
        guard let first = word.first else { return nil }
        if first == UInt8(ascii: "+") { word.removeFirst() }
        var digits = 0
        var groups: [Int] = []
        var separators: Set<UInt8> = []
        var group = 0
        for byte in word {
            switch byte {
            case 0x30...0x39:
                digits += 1
                group += 1
            case UInt8(ascii: "-"), UInt8(ascii: "."):
                separators.insert(byte)
                groups.append(group)
                group = 0
            default: return nil
            }
        }
        groups.append(group)
        guard !groups.contains(0) else { return nil }
        // 2026-11-22 and 127.0.0.1 are no phone numbers; 555-123-0100 and 555.123.0100 are.
        if separators.contains(UInt8(ascii: "-")), groups == [4, 2, 2] { return nil }
        if separators == [UInt8(ascii: ".")], groups.count == 4 || groups.count == 2 || groups.allSatisfy({ $0 < 3 }) { return nil }
        return digits
    }

    private static func isEmail(_ word: ArraySlice<UInt8>) -> Bool {
        guard let at = word.firstIndex(of: UInt8(ascii: "@")), at > word.startIndex else { return false }
        let domain = word[(at + 1)...]
        return domain.contains(UInt8(ascii: ".")) && (domain.first.map { ($0 | 0x20) >= UInt8(ascii: "a") } ?? false)
    }
}
