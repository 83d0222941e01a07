import Glibc
import Telefax

/// An IPv4 or IPv6 address with a port, as the socket calls want it.
struct SocketAddress: MediaAddress {
    private var storage = sockaddr_storage()

    /// An empty address of a family, to be filled by the kernel.
    init(family: Int32) {
        storage.ss_family = sa_family_t(family)
    }

    /// Reads the dotted or colon form; a name is no address.
    init?(address: String, port: UInt16) {
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        if inet_pton(AF_INET, address, &v4.sin_addr) == 1 {
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            withUnsafeBytes(of: &v4) { bytes in
                withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: bytes) }
            }
        } else if inet_pton(AF_INET6, address, &v6.sin6_addr) == 1 {
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            withUnsafeBytes(of: &v6) { bytes in
                withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: bytes) }
            }
        } else {
            return nil
        }
    }

    var family: Int32 { Int32(storage.ss_family) }

    /// Both families have the port in the same place.
    var port: UInt16 {
        withUnsafeBytes(of: storage) { UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) }
    }

    private var length: Int {
        family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
    }

    mutating func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        let length = socklen_t(length)
        return withUnsafePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// Lets a socket call fill in the address; false if the call says -1.
    mutating func load(from body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) -> Bool {
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &length) == 0 }
        }
    }

    /// Family, port and host are compared; flow and scope, which a sender cannot be known by, are not.
    static func == (a: SocketAddress, b: SocketAddress) -> Bool {
        a.port == b.port && a.isSameHost(as: b)
    }

    func isSameHost(as other: SocketAddress) -> Bool {
        family == other.family && withHost { host in other.withHost { host.elementsEqual($0) } }
    }

    /// RFC 1918, RFC 3927 and RFC 6598; for IPv6 RFC 4193 and link-local addresses, and the first three as IPv6 has them (RFC 4291 2.5.5.2).
    var isPrivate: Bool {
        withHost { host in
            let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
            if host.count == 4 { return Self.isPrivate(host) }
            if host.starts(with: mapped) { return Self.isPrivate(host.suffix(4)) }
            guard let first = host.first, let second = host.dropFirst().first else { return false }
            return first & 0xFE == 0xFC || first == 0xFE && second & 0xC0 == 0x80
        }
    }

    private static func isPrivate(_ host: some Collection<UInt8>) -> Bool {
        guard let first = host.first, let second = host.dropFirst().first else { return false }
        return switch first {
        case 10: true
        case 100: second & 0xC0 == 64
        case 169: second == 254
        case 172: second & 0xF0 == 16
        case 192: second == 168
        default: false
        }
    }

    /// 4 or 16 octets.
    private func withHost<Result>(_ body: (Slice<UnsafeRawBufferPointer>) -> Result) -> Result {
        withUnsafeBytes(of: storage) { body($0[family == AF_INET ? 4..<8 : 8..<24]) }
    }
}
