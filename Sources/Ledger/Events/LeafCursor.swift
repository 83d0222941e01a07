/// A place in the bytes of a leaf, and the parts of JSON that can stand there.
struct LeafCursor {
    private(set) var position: Int

    init(position: Int = 0) {
        self.position = position
    }

    func peek(in bytes: Span<UInt8>) -> UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    /// Goes past `text`, or fails.
    @inline(__always)
    mutating func expect(_ text: StaticString, in bytes: Span<UInt8>) throws(LeafDefect) {
        guard bytes.count - position >= text.utf8CodeUnitCount else { throw .malformed(at: position) }
        for offset in 0..<text.utf8CodeUnitCount where bytes[position + offset] != text.utf8Start[offset] {
            throw .malformed(at: position + offset)
        }
        position += text.utf8CodeUnitCount
    }

    /// A whole number without leading zeros.
    mutating func integer(in bytes: Span<UInt8>) throws(LeafDefect) -> Int64 {
        let start = position
        let isNegative = peek(in: bytes) == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let firstDigit = position
        var number: Int64 = 0
        while let byte = peek(in: bytes), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (product, isTooBig) = number.multipliedReportingOverflow(by: 10)
            let (sum, isBeyond) = product.subtractingReportingOverflow(digit)
            // Counted below zero, where there is one number more.
            guard !isTooBig, !isBeyond else { throw .malformed(at: start) }
            number = sum
            position += 1
        }
        let isLong = position - firstDigit > 1
        guard position > firstDigit, !(isLong && bytes[firstDigit] == UInt8(ascii: "0")), isNegative || number != .min else {
            throw .malformed(at: start)
        }
        return isNegative ? number : -number
    }

    /// A string; the range of what is between its quotes.
    mutating func string(in bytes: Span<UInt8>) throws(LeafDefect) -> Range<Int> {
        guard peek(in: bytes) == UInt8(ascii: "\"") else { throw .malformed(at: position) }
        position += 1
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return start..<position - 1
            case UInt8(ascii: "\\"): try escape(in: bytes)
            case 0x00..<0x20, 0x7F: throw .malformed(at: position)
            case 0x80...: try character(in: bytes)
            default: position += 1
            }
        }
        throw .malformed(at: position)
    }

    /// A string of printing ASCII without escapes, which is not empty: names and words of lists.
    mutating func word(in bytes: Span<UInt8>) throws(LeafDefect) -> Range<Int> {
        let range = try string(in: bytes)
        guard !range.isEmpty else { throw .malformed(at: position) }
        for index in range where bytes[index] >= 0x80 || bytes[index] == UInt8(ascii: "\\") { throw .malformed(at: index) }
        return range
    }

    mutating func skipOptionalString(in bytes: Span<UInt8>) throws(LeafDefect) {
        if peek(in: bytes) == UInt8(ascii: "n") { try expect("null", in: bytes) } else { _ = try string(in: bytes) }
    }

    /// A value of the details.
    mutating func value(in bytes: Span<UInt8>) throws(LeafDefect) -> LedgerValue {
        switch peek(in: bytes) {
        case UInt8(ascii: "\""): return .text(Self.unescaped(try string(in: bytes), in: bytes))
        case UInt8(ascii: "t"):
            try expect("true", in: bytes)
            return .boolean(true)
        case UInt8(ascii: "f"):
            try expect("false", in: bytes)
            return .boolean(false)
        default: return .integer(try integer(in: bytes))
        }
    }

    /// Goes past a value of the details.
    mutating func skipValue(in bytes: Span<UInt8>) throws(LeafDefect) {
        if peek(in: bytes) == UInt8(ascii: "\"") { _ = try string(in: bytes) } else { _ = try value(in: bytes) }
    }

    /// `\"`, `\\`, `\n`, and `\u00` with two lower-case digits for the other control characters: what ``JSONBytes`` writes.
    private mutating func escape(in bytes: Span<UInt8>) throws(LeafDefect) {
        let start = position
        guard bytes.count - start >= 2 else { throw .malformed(at: start) }
        switch bytes[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "n"): position += 2
        case UInt8(ascii: "u"):
            guard bytes.count - start >= 6, bytes[start + 2] == UInt8(ascii: "0"), bytes[start + 3] == UInt8(ascii: "0"),
                let high = Self.digit(bytes[start + 4]), let low = Self.digit(bytes[start + 5])
            else { throw .malformed(at: start) }
            let character = high << 4 | low
            guard character < 0x20 || character == 0x7F, character != 0x0A else { throw .malformed(at: start) }
            position += 6
        default: throw .malformed(at: start)
        }
    }

    /// A character of several bytes (RFC 3629: the shortest form, no surrogates, up to U+10FFFF).
    private mutating func character(in bytes: Span<UInt8>) throws(LeafDefect) {
        let start = position
        let first = bytes[start]
        let (count, second): (Int, ClosedRange<UInt8>) =
            switch first {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xE1...0xEF: (3, 0x80...0xBF)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: throw .malformed(at: start)
            }
        guard bytes.count - start >= count, second.contains(bytes[start + 1]) else { throw .malformed(at: start) }
        for index in start + 2..<max(start + 2, start + count) where bytes[index] & 0xC0 != 0x80 { throw .malformed(at: start) }
        position = start + count
    }

    /// The text of a range that ``string(in:)`` gave.
    static func unescaped(_ range: Range<Int>, in bytes: Span<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < range.upperBound else {
                text.append(byte)
                continue
            }
            switch bytes[index] {
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "u"):
                guard range.upperBound - index >= 5, let high = digit(bytes[index + 3]), let low = digit(bytes[index + 4]) else { break }
                text.append(high << 4 | low)
                index += 4
            default: text.append(bytes[index])
            }
            index += 1
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
