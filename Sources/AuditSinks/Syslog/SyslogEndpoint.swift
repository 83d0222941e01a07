/// Where syslog over TLS is spoken: `host`, `host:port`, `[2001:db8::1]:port`. The port of RFC 5425 is 6514.
package struct SyslogEndpoint: Sendable, Hashable, CustomStringConvertible {
    package static let standardPort = 6514
    package let host: String
    package let port: Int

    package init(host: String, port: Int = standardPort) {
        self.host = host
        self.port = port
    }

    /// - Throws: ``AuditSinkError`` that says what is wrong.
    package init(_ text: String) throws {
        guard !text.hasPrefix("/") else {
            throw AuditSinkError("'\(text)' is a local socket: audit events leave by TLS only; give host:port of a syslog server")
        }
        var host = Substring(text)
        var port: Substring?
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            if !rest.isEmpty { port = rest.hasPrefix(":") ? rest.dropFirst() : "" }
        } else if AddressFamily(of: text) != .ipv6, let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        let isBracketed = text.hasPrefix("[")
        let number = port.map { Int($0) ?? 0 } ?? Self.standardPort
        let isName = (1...253).contains(host.utf8.count) && host.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "/") }
        let isIPv6 = AddressFamily(of: String(host)) == .ipv6
        guard isName, (host.contains(":") || isBracketed) == isIPv6, (1...65_535).contains(number) else {
            throw AuditSinkError("'\(text)' is no address of a syslog server: write host, host:port or [IPv6]:port")
        }
        self.init(host: String(host), port: number)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
