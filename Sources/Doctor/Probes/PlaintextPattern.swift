/// Looks for documents and phone numbers in bytes that should be sealed.
///
/// The patterns are long enough for random bytes: a gibibyte of them has a false alarm about once in ten thousand times.
struct PlaintextPattern: Sendable {
    enum Kind: String, Sendable, Hashable {
        case pdf = "PDF"
        case tiff = "TIFF"
        case number = "phone number"
    }

    /// A match that begins this many bytes before the end may go on in the next piece.
    static let overlap = 24

    private static let pdf = [Array("%PDF-1.".utf8), Array("%PDF-2.".utf8)]
    /// TIFF 6.0 section 2: the byte order, 42, and the first directory at byte 8, where most writers and ours put it.
    private static let tiff: [[UInt8]] = [[0x49, 0x49, 42, 0, 8, 0, 0, 0], [0x4D, 0x4D, 0, 42, 0, 0, 0, 8]]
    private static let tiffStart: [[UInt8]] = [[0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42]]
    /// ITU-T E.164: at most 15 digits. Fewer than 10 are met by chance.
    private static let digits = 10...15

    /// What is in `bytes`.
    /// - Parameter isStart: whether the file begins with them.
    static func find(in bytes: ArraySlice<UInt8>, isStart: Bool) -> Set<Kind> {
        var found: Set<Kind> = []
        if isStart, tiffStart.contains(where: { bytes.starts(with: $0) }) { found.insert(.tiff) }
        bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            while index < bytes.count {
                switch bytes[index] {
                case UInt8(ascii: "%"): if pdf.contains(where: { has($0, at: index, in: bytes) }) { found.insert(.pdf) }
                case 0x49, 0x4D: if tiff.contains(where: { has($0, at: index, in: bytes) }) { found.insert(.tiff) }
                case UInt8(ascii: "+"): if isNumber(at: index, in: bytes) { found.insert(.number) }
                default: break
                }
                index += 1
            }
        }
        return found
    }

    private static func has(_ pattern: [UInt8], at index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard index + pattern.count <= bytes.count else { return false }
        return pattern.indices.allSatisfy { bytes[index + $0] == pattern[$0] }
    }

    /// `+` and 10 to 15 digits that stand by themselves: base 64 has plus signs too, between letters.
    private static func isNumber(at index: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if index > 0, isWord(bytes[index - 1]) { return false }
        var end = index + 1
        while end < bytes.count, end - index <= 16, isDigit(bytes[end]) { end += 1 }
        let count = end - index - 1
        guard digits.contains(count), bytes[index + 1] != UInt8(ascii: "0") else { return false }
        return end == bytes.count || !isWord(bytes[end]) && bytes[end] != UInt8(ascii: "=")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "/")
            || byte == UInt8(ascii: "+")
    }
}
