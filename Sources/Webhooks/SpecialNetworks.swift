import Access

/// Addresses at which nobody in the world is reached, or not the one that is meant: the IANA registries of special-purpose addresses
/// (RFC 6890), multicast, and what is reserved.
enum SpecialNetworks {
    private static let ipv4: [(address: [UInt8], length: Int)] = [
        // This host and network.
        ([0, 0, 0, 0], 8),
        // Private (RFC 1918).
        ([10, 0, 0, 0], 8), ([172, 16, 0, 0], 12), ([192, 168, 0, 0], 16),
        // Behind carriers' NAT (RFC 6598).
        ([100, 64, 0, 0], 10),
        // Loopback.
        ([127, 0, 0, 0], 8),
        // Link-local; clouds give credentials at 169.254.169.254.
        ([169, 254, 0, 0], 16),
        // Protocol assignments; AS112; relays of 6to4; AMT.
        ([192, 0, 0, 0], 24), ([192, 31, 196, 0], 24), ([192, 52, 193, 0], 24), ([192, 88, 99, 0], 24), ([192, 175, 48, 0], 24),
        // Documentation (RFC 5737).
        ([192, 0, 2, 0], 24), ([198, 51, 100, 0], 24), ([203, 0, 113, 0], 24),
        // Benchmarks (RFC 2544).
        ([198, 18, 0, 0], 15),
        // Multicast, reserved, broadcast.
        ([224, 0, 0, 0], 3),
    ]

    private static let ipv6 = [
        // Protocol assignments, with Teredo, benchmarks and ORCHID; documentation (RFC 3849, RFC 9637); AS112.
        "2001::/23", "2001:db8::/32", "3fff::/20", "2620:4f:8000::/48",
    ]

    /// Where IPv6 addresses hold IPv4 addresses: NAT64 (RFC 6052) and 6to4 (RFC 3056). Mapped ones are IPv4 to ``NetworkAddress``.
    private static let translation = AddressRange("64:ff9b::/96")
    /// Global unicast (RFC 4291, 2.4). Outside are loopback, unspecified, unique local, link-local, site-local, multicast, and nobody.
    private static let global = AddressRange("2000::/3")

    private static let all: [AddressRange] =
        ipv4.flatMap { address, length in
            let hexadecimal = { (index: Int) in String(UInt16(address[index]) << 8 | UInt16(address[index + 1]), radix: 16) }
            let groups = "\(hexadecimal(0)):\(hexadecimal(2))"
            return [
                AddressRange("\(address.map { "\($0)" }.joined(separator: "."))/\(length)"),
                AddressRange("64:ff9b::\(groups)/\(96 + length)"), AddressRange("2002:\(groups)::/\(16 + length)"),
            ].compactMap { $0 }
        } + ipv6.compactMap { AddressRange($0) }

    static func contain(_ address: NetworkAddress) -> Bool {
        if all.contains(where: { $0.contains(address) }) { return true }
        return !address.isIPv4 && [global, translation].allSatisfy { $0?.contains(address) != true }
    }
}
