import Glibc

/// Names and addresses of hosts as settings have them.
package enum HostName {
    /// Whether it is this machine's own loopback.
    package static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "::1" { return true }
        return bytes(IPv4: host)?.first == 127
    }

    /// The host of a URL without user; without brackets.
    package static func host(ofURL url: String) -> String {
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        if authority.first == "[" { return String(authority.dropFirst().prefix { $0 != "]" }) }
        return String(authority.prefix { $0 != ":" })
    }

    /// The port of a URL, by its scheme if it names none.
    package static func port(ofURL url: String) -> Int? {
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let tail = authority.first == "[" ? authority.drop { $0 != "]" }.dropFirst() : authority.drop { $0 != ":" }
        guard tail.first == ":" else { return url.hasPrefix("https://") ? 443 : 80 }
        return Int(tail.dropFirst())
    }

    /// Whether an IP address can be reached from everywhere (not RFC 1918, 3927, 4193, 4291 2.5.6, 6598, or loopback). False for names.
    package static func isPublicAddress(_ text: String) -> Bool {
        if let b = bytes(IPv4: text) {
            return
                !(b[0] == 10 || b[0] == 127 || b[0] == 0 || b[0] == 172 && (16...31).contains(b[1]) || b[0] == 192 && b[1] == 168
                || b[0] == 169 && b[1] == 254 || b[0] == 100 && (64...127).contains(b[1]))
        }
        guard let b = bytes(IPv6: text) else { return false }
        if b[..<15].allSatisfy({ $0 == 0 }) { return false }
        if b[..<10].allSatisfy({ $0 == 0 }), b[10] == 0xFF, b[11] == 0xFF {
            return isPublicAddress(b[12...].map { String($0) }.joined(separator: "."))
        }
        return !(b[0] & 0xFE == 0xFC || b[0] == 0xFE && b[1] & 0xC0 == 0x80)
    }

    private static func bytes(IPv4 text: String) -> [UInt8]? {
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
        return withUnsafeBytes(of: &address) { Array($0) }
    }

    private static func bytes(IPv6 text: String) -> [UInt8]? {
        var address = in6_addr()
        guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        return withUnsafeBytes(of: &address) { Array($0) }
    }
}
