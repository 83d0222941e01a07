/// A `sip:`, `sips:` or `tel:` URI (RFC 3261 19.1, RFC 3966). Its description holds numbers: never log it.
package struct SIPURI: Sendable, Hashable {
    /// The part before the colon.
    package enum Scheme: Sendable, Hashable {
        /// `sip:`
        case sip
        /// `sips:`
        case sips
        /// `tel:`; the number is in ``SIPURI/user`` and the host is empty.
        case tel
        /// Any other; its text is in ``SIPURI/user``.
        case other(String)
    }

    /// The scheme.
    package var scheme: Scheme
    /// The user part as on the wire, percent escapes included; nil when there is none.
    package private(set) var user: String?
    /// The host: a name, an IPv4 address or an IPv6 address in brackets.
    package private(set) var host: String
    /// The port, 1...65535, or nil for the default.
    package var port: Int?
    /// URI parameters such as `transport`, `lr`, `user`.
    package var parameters = SIPParameters()
    /// What follows a question mark, as it came.
    package private(set) var headers: String?

    /// Builds a URI from data. The user part is escaped as needed; bytes that no host has are left out of `host`.
    package init(scheme: Scheme = .sip, user: String?, host: String, port: Int? = nil) {
        self.scheme = scheme
        self.user = user.map(Self.escaped)
        let bytes = host.utf8.filter(\.isHost)
        let isBareIPv6 = bytes.count(where: { $0 == UInt8(ascii: ":") }) > 1 && bytes.first != UInt8(ascii: "[")
        let text = String(decoding: bytes, as: UTF8.self)
        self.host = isBareIPv6 ? "[\(text)]" : text
        self.port = port
    }

    /// The user part with its escapes undone once; invalid UTF-8 is repaired.
    package var decodedUser: String? { user.map(Self.unescaped) }

    /// The value of a URI parameter with its escapes undone, nil when it is absent, empty for a flag. An escaped name is the
    /// same name (RFC 3261 19.1.4).
    package func parameter(_ name: String) -> String? {
        parameters.entries.first { Self.unescaped($0.name).equalsIgnoringCase(name) }.map { Self.unescaped($0.value ?? "") }
    }

    /// Whether it is one that a SIP request may be sent to.
    package var isSIP: Bool { scheme == .sip || scheme == .sips }

    /// Whether a route through it is loose (RFC 3261 16.12).
    package var isLooseRouter: Bool { parameter("lr") != nil }

    private static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes: [UInt8] = []
        var scanner = ByteScanner(text)
        while let byte = scanner.next() {
            var ahead = scanner
            if byte == UInt8(ascii: "%"), let high = ahead.next()?.hexDigit, let low = ahead.next()?.hexDigit {
                bytes.append(high << 4 | low)
                scanner = ahead
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `user-unreserved` and `unreserved` (RFC 3261 25.1).
    private static func escaped(_ user: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in user.utf8 {
            if byte.isAlphanumeric || "-_.!~*'()&=+$,;?/".utf8.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text on the wire. Not for logs.
    package var text: String {
        let tail = parameters.text + (headers.map { "?" + $0 } ?? "")
        switch scheme {
        case .tel: return "tel:" + (user ?? "") + tail
        case .other(let name): return name + ":" + (user ?? "")
        case .sip, .sips:
            let userPart = user.map { $0 + "@" } ?? ""
            return (scheme == .sips ? "sips:" : "sip:") + userPart + host + (port.map { ":\($0)" } ?? "") + tail
        }
    }
}

extension SIPURI {
    /// Reads a whole URI.
    /// - Throws: `malformed("URI")`.
    package init(parsing text: some StringProtocol) throws(SIPParseFailure) {
        var scanner = ByteScanner(text)
        let name = scanner.take { $0.isAlphanumeric || "+-.".utf8.contains($0) }
        guard !name.isEmpty, scanner.consume(":"), !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw .malformed("URI")
        }
        switch name.utf8.map(\.lowercasedASCII) {
        case Array("sip".utf8): scheme = .sip
        case Array("sips".utf8): scheme = .sips
        case Array("tel".utf8): scheme = .tel
        default:
            scheme = .other(name)
            user = scanner.rest
            host = ""
            return
        }
        host = ""
        if scheme == .tel {
            let number = scanner.take { $0.isAlphanumeric || "+-.()*#".utf8.contains($0) }
            guard !number.isEmpty else { throw .malformed("URI") }
            user = number
        } else {
            var ahead = scanner
            if let userInfo = ahead.take(upTo: "@"), ahead.consume("@") {
                guard !userInfo.isEmpty, !userInfo.utf8.contains(where: { "<>\"".utf8.contains($0) }) else {
                    throw .malformed("URI")
                }
                user = userInfo
                scanner = ahead
            }
            (host, port) = try Self.hostAndPort(&scanner)
        }
        parameters = try SIPParameters(&scanner) { byte in
            byte.isToken || byte.isHost || "/&$+()".utf8.contains(byte)
        }
        if scanner.consume("?") {
            headers = scanner.rest
        } else if !scanner.isAtEnd {
            throw .malformed("URI")
        }
    }

    /// `hostport`: a name, an IPv4 address or a bracketed IPv6 address, and a port if a colon follows.
    static func hostAndPort(_ scanner: inout ByteScanner) throws(SIPParseFailure) -> (String, Int?) {
        var host: String
        if scanner.consume("[") {
            host = "[" + scanner.take { $0.isHost && $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") } + "]"
            guard scanner.consume("]"), host.utf8.count > 2 else { throw .malformed("host") }
        } else {
            host = scanner.take { $0.isAlphanumeric || "-._".utf8.contains($0) }
            guard !host.isEmpty else { throw .malformed("host") }
        }
        guard scanner.consume(":") else { return (host, nil) }
        guard let port = scanner.number(), (1...65535).contains(port) else { throw .malformed("port") }
        return (host, port)
    }
}
