/// A cursor over bytes that came from the network. No operation reads past the end.
struct ByteScanner {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { position >= bytes.count }

    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Everything not yet read, as text; invalid UTF-8 is repaired.
    var rest: String { String(decoding: bytes[position...], as: UTF8.self) }

    mutating func next() -> UInt8? {
        guard let byte = peek else { return nil }
        position += 1
        return byte
    }

    /// Steps over one expected character.
    mutating func consume(_ character: Character) -> Bool {
        guard let expected = character.asciiValue, peek == expected else { return false }
        position += 1
        return true
    }

    mutating func skipWhitespace() {
        while let byte = peek, byte.isWhitespace { position += 1 }
    }

    mutating func take(while predicate: (UInt8) -> Bool) -> String {
        let start = position
        while let byte = peek, predicate(byte) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Everything up to a byte, which is not consumed; nil when it does not come.
    mutating func take(upTo character: Character) -> String? {
        guard let end = bytes[position...].firstIndex(where: { $0 == character.asciiValue }) else { return nil }
        defer { position = end }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }

    /// A `quoted-string` with its quotes and escapes as they stand; nil when none begins here or none ends.
    mutating func quotedString() -> String? {
        guard peek == UInt8(ascii: "\"") else { return nil }
        var index = position + 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\"): index += 2
            case UInt8(ascii: "\""):
                defer { position = index + 1 }
                return String(decoding: bytes[position...index], as: UTF8.self)
            default: index += 1
            }
        }
        return nil
    }

    /// A decimal number of at most ten digits, or nil.
    mutating func number() -> Int? {
        let digits = take(while: \.isDigit)
        return digits.utf8.count <= 10 ? Int(digits) : nil
    }
}
