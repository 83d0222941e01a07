/// An IPv4 or IPv6 address. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) is the IPv4 address it holds: a socket that accepts
/// both families shows IPv4 peers that way.
package struct NetworkAddress: Sendable, Hashable {
    /// The address in IPv6 form, most significant bit first; IPv4 as in RFC 4291, 2.5.5.2.
    let bits: UInt128

    init(bits: UInt128) {
        self.bits = bits
    }

    /// An address in network byte order.
    /// - Parameter bytes: 4 (IPv4) or 16 (IPv6); nil comes back for any other number.
    package init?(bytes: some Collection<UInt8>) {
        let value = bytes.prefix(17).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        switch bytes.count {
        case 4: bits = Self.mappedPrefix | value
        case 16: bits = value
        default: return nil
        }
    }

    package var isIPv4: Bool { bits >> 32 == 0xffff }

    /// Whether the address is the host itself: `127.0.0.0/8` or `::1`.
    package var isLoopback: Bool { isIPv4 ? bits >> 24 & 0xff == 127 : bits == 1 }

    /// What one subscriber is given: the IPv4 address itself, the /64 of an IPv6 address (RFC 6177). Limits are counted by it: who has
    /// one IPv6 network has 2^64 addresses.
    package var subscriber: AddressRange { AddressRange(self, prefixLength: isIPv4 ? 32 : 64) }

    static let mappedPrefix: UInt128 = 0xffff << 32
}
