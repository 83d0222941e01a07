/// The addresses of a network, for allow-lists and trusted proxies: `10.0.0.0/8`, `2001:db8::/32`, or one address.
package struct AddressRange: Sendable, Hashable, CustomStringConvertible {
    private let first: NetworkAddress
    /// Leading bits in common, counted in 128.
    private let length: Int

    /// The network of `address`, whose other bits are cleared.
    /// - Parameter prefixLength: 0 to 32 for IPv4, 0 to 128 for IPv6; what is outside is brought inside.
    package init(_ address: NetworkAddress, prefixLength: Int) {
        length = address.isIPv4 ? 96 + min(max(prefixLength, 0), 32) : min(max(prefixLength, 0), 128)
        first = NetworkAddress(bits: address.bits & Self.mask(length))
    }

    /// Reads CIDR notation (RFC 4632, 3.1; RFC 4291, 2.3). Host bits that are set are cleared: `10.1.2.3/8` is `10.0.0.0/8`.
    ///
    /// A network written in IPv4-mapped form (`::ffff:10.0.0.0/104`) is the IPv4 network; that needs a length of at least 96.
    /// - Returns: nil for anything malformed.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = NetworkAddress(parts[0]) else { return nil }
        let isDotted = !parts[0].utf8.contains(UInt8(ascii: ":"))
        guard parts.count == 2 else {
            self.init(address, prefixLength: address.isIPv4 ? 32 : 128)
            return
        }
        guard let length = NetworkAddress.decimal(Array(parts[1].utf8.prefix(4))[...], atMost: isDotted ? 32 : 128) else { return nil }
        if isDotted || !address.isIPv4 {
            self.init(address, prefixLength: length)
        } else {
            guard length >= 96 else { return nil }
            self.init(address, prefixLength: length - 96)
        }
    }

    /// Whether the address is in the network. An IPv4 address is in IPv4 networks only: `::/0` is all of IPv6 and nothing else.
    package func contains(_ address: NetworkAddress) -> Bool {
        address.isIPv4 == isIPv4 && address.bits & Self.mask(length) == first.bits
    }

    /// Whether the text is an address and in the network.
    package func contains(_ text: some StringProtocol) -> Bool {
        NetworkAddress(text).map(contains) ?? false
    }

    /// Whether the address is in the network.
    /// - Parameter bytes: 4 or 16, in network order; any other number is in no network.
    package func contains(bytes: some Collection<UInt8>) -> Bool {
        NetworkAddress(bytes: bytes).map(contains) ?? false
    }

    /// CIDR notation with the length, except for a single address.
    package var description: String {
        length == 128 ? first.description : "\(first)/\(isIPv4 ? length - 96 : length)"
    }

    /// Networks shorter than the mapped prefix are IPv6 even where, as `::/0` does, they would cover it.
    private var isIPv4: Bool { length >= 96 && first.isIPv4 }

    private static func mask(_ length: Int) -> UInt128 {
        length == 0 ? 0 : UInt128.max << (128 - length)
    }
}
