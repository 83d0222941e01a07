/// Base 64 (RFC 4648 section 4) of secrets: no copy is left behind in memory.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Four characters for each three bytes begun, with padding.
    package static func encode(_ bytes: UnsafeRawBufferPointer) -> SecretBytes {
        var text = SecretBytes(capacity: (bytes.count + 2) / 3 * 4)
        var start = 0
        while start < bytes.count {
            let given = min(3, bytes.count - start)
            var bits: UInt32 = 0
            for index in start..<start + 3 { bits = bits << 8 | (index < bytes.count ? UInt32(bytes[index]) : 0) }
            for place in 0..<4 {
                text.append(place <= given ? alphabet[Int(bits >> UInt32(18 - 6 * place)) & 63] : UInt8(ascii: "="))
            }
            start += 3
        }
        return text
    }

    /// The same for what is no secret.
    package static func text(_ bytes: some Collection<UInt8>) -> String {
        SecretBytes(bytes).withBytes { encode($0).withBytes { String(decoding: $0, as: UTF8.self) } }
    }

    /// Nil for characters outside the alphabet, wrong padding, or bits set that no byte holds.
    package static func decode(_ text: some BidirectionalCollection<UInt8>) -> SecretBytes? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.reversed().prefix(3).prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return nil }
        var out = SecretBytes(capacity: text.count / 4 * 3)
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
