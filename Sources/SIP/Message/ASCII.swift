/// Byte classes of the grammar (RFC 3261 25.1).
extension UInt8 {
    /// `ALPHA / DIGIT`.
    var isAlphanumeric: Bool {
        isDigit || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
    }

    var isDigit: Bool { (0x30...0x39).contains(self) }

    /// The value of a hexadecimal digit; nil for every other byte.
    var hexDigit: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x37
        case 0x61...0x66: self - 0x57
        default: nil
        }
    }

    /// A byte of `token`: methods, header names, parameter names, option tags.
    var isToken: Bool {
        isAlphanumeric || "-.!%*_+`'~".utf8.contains(self)
    }

    /// A byte of a host: names, IPv4, and IPv6 inside brackets.
    var isHost: Bool { isAlphanumeric || "-._:[]".utf8.contains(self) }

    var isWhitespace: Bool { self == 0x20 || self == 0x09 }

    var lowercasedASCII: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}

extension StringProtocol {
    /// Compares as SIP compares names: the case of ASCII letters does not count.
    func equalsIgnoringCase(_ other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.lowercasedASCII == $1.lowercasedASCII }
    }

    /// The text without bytes that could end a line or a start line early: what callers pass in is data, never syntax.
    var withoutControls: String {
        guard utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return String(self) }
        return String(decoding: utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
    }

    /// The text without spaces and tabs at its ends.
    var trimmed: String {
        let bytes = Array(utf8)
        guard let first = bytes.firstIndex(where: { !$0.isWhitespace }),
            let last = bytes.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }
}
