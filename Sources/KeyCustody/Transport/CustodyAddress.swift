/// Where a custodian answers: `https://vault.example.com:8200` or with a path before its own.
package struct CustodyAddress: Sendable, Equatable {
    let isSecure: Bool
    /// Host and, unless it is the scheme's own, port: what the header `Host` says.
    let authority: String
    /// Empty, or `/...` without a slash at its end.
    let path: String

    /// - Throws: ``CustodyError/setting(_:)`` for anything but `https`, or `http` to this machine: over the network a token and a key would
    ///   be readable.
    package init(_ text: String, setting: String) throws(CustodyError) {
        let refusal = CustodyError.setting(
            "\(setting) must be an address as https://vault.example.com:8200, without user, query and fragment")
        let scheme = ["https://", "http://"].first { text.hasPrefix($0) }
        guard let scheme, text.utf8.count <= 1024 else { throw refusal }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        let pathCharacters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")
        guard let host = Self.host(of: authority), path.allSatisfy(pathCharacters.contains), !path.contains("..") else { throw refusal }
        isSecure = scheme == "https://"
        guard isSecure || Self.isLoopback(host) else {
            throw .setting("\(setting) must begin with https://: only to this machine (127.0.0.1, ::1, localhost) may it be http://")
        }
        // A default port is not sent, so it must not be signed either.
        let suffix = isSecure ? ":443" : ":80"
        self.authority = String(authority.hasSuffix(suffix) ? authority.dropLast(suffix.count) : authority).lowercased()
        self.path = path.hasSuffix("/") ? String(path.dropLast()) : String(path)
    }

    /// The address of a path below it. `path` begins with a slash.
    func url(_ path: String) -> String {
        (isSecure ? "https://" : "http://") + authority + self.path + path
    }

    private static func host(of authority: Substring) -> Substring? {
        let host: Substring
        let port: Substring
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            port = authority[authority.index(after: end)...]
            guard host.contains(":"), host.allSatisfy({ $0.isASCII && ($0.isHexDigit || $0 == ":" || $0 == ".") }) else { return nil }
        } else {
            host = authority.prefix { $0 != ":" }
            port = authority.dropFirst(host.count)
            guard !host.isEmpty, host.utf8.count <= 253, host.first != "-",
                host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") })
            else { return nil }
        }
        if port.isEmpty { return host }
        let digits = port.dropFirst()
        guard port.first == ":", digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt16(digits), number > 0 else {
            return nil
        }
        return host
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
