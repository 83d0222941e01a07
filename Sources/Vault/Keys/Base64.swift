/// Base 64 (RFC 4648 section 4), reading only: key files may be written by other tools.
enum Base64 {
    /// Nil for characters outside the alphabet, wrong padding, or bits set that no byte holds.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return nil }
        var out: [UInt8] = []
        var bits: UInt32 = 0
        var width = 0
        for character in text.dropLast(padding) {
            guard let value = value(of: character) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            width += 6
            if width >= 8 {
                width -= 8
                out.append(UInt8(truncatingIfNeeded: bits >> UInt32(width)))
            }
        }
        guard bits & ((1 << UInt32(width)) - 1) == 0 else { return nil }
        return out
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a") + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0") + 52)
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
