package import Access

/// Where messages are posted: an `https` URL (RFC 3986) of which every part was looked at, so that nobody after us reads it otherwise.
package struct WebhookURL: Sendable, Hashable {
    /// Who is called.
    package enum Host: Sendable, Hashable {
        /// A name of DNS, in lower case.
        case name(String)
        /// An address, which stands in the URL itself.
        case address(NetworkAddress)
    }

    private static let maximumLength = 2048

    /// Whether it is `https`.
    package let isSecure: Bool
    package let host: Host
    package let port: Int
    /// Path and query, or empty.
    private let target: String

    /// - Throws: ``WebhookURLError`` for another scheme, a user, a fragment, a port below 1024 other than 443, a host that other programs
    ///   might take for an address (`127.1`, `0x7f000001`), and characters that no URL has.
    package init(_ text: String) throws(WebhookURLError) {
        guard text.utf8.count <= Self.maximumLength else { throw .tooLong(Self.maximumLength) }
        let scheme = text.prefix { $0 != ":" }.lowercased()
        guard scheme == "https" || scheme == "http" else { throw .scheme }
        isSecure = scheme == "https"
        var rest = text.dropFirst(scheme.count)
        guard rest.hasPrefix("://") else { throw .malformed }
        rest = rest.dropFirst(3)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" && $0 != "\\" }
        let target = rest.dropFirst(authority.count)
        guard !authority.contains("@") else { throw .user }
        guard !target.contains("#") else { throw .malformed }
        guard target.utf8.allSatisfy(Self.isTargetCharacter) else { throw .malformed }
        let (host, port) = try Self.parts(of: authority)
        self.host = host
        self.port = port ?? (isSecure ? 443 : 80)
        guard self.port == 443 || self.port >= 1024 else { throw .port }
        self.target = String(target)
    }

    /// The whole URL, scheme and host in lower case, without a port that is the scheme's own.
    package var text: String {
        origin + (target.isEmpty || target.hasPrefix("?") ? "/" : "") + target
    }

    /// Scheme, host and port.
    package var origin: String {
        (isSecure ? "https://" : "http://") + hostText + (port == (isSecure ? 443 : 80) ? "" : ":\(port)")
    }

    /// The host as it stands in a URL; an IPv6 address in brackets.
    package var hostText: String {
        switch host {
        case .name(let name): name
        case .address(let address): address.isIPv4 ? address.description : "[\(address)]"
        }
    }

    private static func parts(of authority: Substring) throws(WebhookURLError) -> (Host, Int?) {
        if authority.first == "[" {
            let parts = authority.dropFirst().split(separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].contains(":"), let address = NetworkAddress(parts[0]) else { throw .host }
            return (.address(address), try port(parts[1]))
        }
        let host = authority.prefix { $0 != ":" }
        let port = try port(authority.dropFirst(host.count))
        if let address = NetworkAddress(host) { return (.address(address), port) }
        let name = host.lowercased()
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...253).contains(name.utf8.count), labels.allSatisfy({ isLabel(Array($0)) }), let last = labels.last,
            !isNumber(String(decoding: Array(last), as: UTF8.self))
        else { throw .host }
        return (.name(name), port)
    }

    /// Up to 63 of letters, digits and hyphens (RFC 1123, 2.1).
    private static func isLabel(_ label: [UInt8]) -> Bool {
        (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
            && label.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-") }
    }

    /// Resolvers read a last label like this as part of an IPv4 address: decimal, octal or hexadecimal (RFC 6943, 3.1.1).
    private static func isNumber(_ label: String) -> Bool {
        label.utf8.allSatisfy { (0x30...0x39).contains($0) } || label.hasPrefix("0x")
    }

    /// Nothing, or a colon and 1 to 65535 without leading zeros.
    private static func port(_ text: Substring) throws(WebhookURLError) -> Int? {
        if text.isEmpty { return nil }
        let digits = text.dropFirst()
        guard text.first == ":", (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.first != "0", let port = Int(digits), port <= 65_535
        else { throw .port }
        return port
    }

    /// Of path and query (RFC 3986, 3.3 and 3.4), percent signs as they are.
    private static func isTargetCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~%!$&'()*+,;=:@/?".utf8.contains(byte)
        }
    }
}

/// Why a URL is not one that messages go to.
package enum WebhookURLError: Error, Hashable, CustomStringConvertible {
    case tooLong(Int)
    case scheme
    case user
    case host
    case port
    case malformed
    /// Its address is this machine's, a private network's, or another that the world cannot reach.
    case address

    /// One sentence for the client, which follows the name of the field.
    package var description: String {
        switch self {
        case .tooLong(let maximum): "must not be longer than \(maximum) characters."
        case .scheme: "must begin with https://."
        case .user: "must have no user or password in it."
        case .host: "must name a host by its DNS name or its IP address."
        case .port: "must have port 443, or one from 1024 to 65535."
        case .malformed: "must be a URL such as https://example.com/hooks, without a fragment, other characters percent-encoded."
        case .address:
            "must not lead to this machine or to a private network, unless FAXLOCK_WEBHOOK_ALLOWED_NETWORKS or "
                + "FAXLOCK_WEBHOOK_ALLOW_LOOPBACK opens it."
        }
    }
}
