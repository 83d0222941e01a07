/// Who a request comes from when proxies are in between.
package enum ClientAddress {
    /// The address nearest to the server that is not a trusted proxy's.
    ///
    /// Each proxy appends the address it was called from, so the header is believed from its right end as long as the one who wrote
    /// the element is trusted. A malformed element ends that: the proxy that passed it on is the answer, not what a stranger wrote
    /// further left.
    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - forwardedFor: the values of the `X-Forwarded-For` field lines in the order received. An element may have a port, and an
    ///     IPv6 address brackets.
    ///   - trusted: the proxies. When `peer` is none of them, the header is ignored.
    package static func client(
        peer: NetworkAddress, forwardedFor: [String], trusted: [AddressRange]
    ) -> NetworkAddress {
        var nearest = peer
        let isTrusted = { (address: NetworkAddress) in trusted.contains { $0.contains(address) } }
        guard isTrusted(peer) else { return peer }
        for line in forwardedFor.reversed() {
            for element in line.split(separator: ",", omittingEmptySubsequences: false).reversed() {
                guard let address = address(ofElement: element) else { return nearest }
                nearest = address
                guard isTrusted(address) else { return address }
            }
        }
        return nearest
    }

    /// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`, with blanks around.
    private static func address(ofElement element: Substring) -> NetworkAddress? {
        let isBlank = { (character: Character) in character == " " || character == "\t" }
        var text = element.drop(while: isBlank)
        while text.last.map(isBlank) ?? false { text.removeLast() }
        if text.hasPrefix("[") {
            let parts = text.dropFirst().split(separator: "]", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].utf8.contains(UInt8(ascii: ":")), parts[1].isEmpty || isPort(parts[1]) else { return nil }
            return NetworkAddress(parts[0])
        }
        if let colon = text.firstIndex(of: ":"), text[..<colon].utf8.contains(UInt8(ascii: ".")) {
            return isPort(text[colon...]) ? NetworkAddress(text[..<colon]) : nil
        }
        return NetworkAddress(text)
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.hasPrefix(":") && NetworkAddress.decimal(Array(text.utf8.dropFirst().prefix(6))[...], atMost: 65_535) != nil
    }
}
