import Glibc
import NIOCore

/// Names as the system knows them: /etc/hosts, search domains, its nameservers.
enum SystemNames {
    /// The addresses of a name; it blocks.
    static func addresses(of host: String, port: Int, family: NIOBSDSocket.ProtocolFamily) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = family == .inet6 ? AF_INET6 : AF_INET
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0, let list else { return [] }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        for entry in sequence(first: list, next: { $0.pointee.ai_next }) {
            guard let raw = UnsafeRawPointer(entry.pointee.ai_addr) else { continue }
            var address: SocketAddress
            switch (entry.pointee.ai_family, Int(entry.pointee.ai_addrlen)) {
            case (AF_INET, MemoryLayout<sockaddr_in>.size):
                address = SocketAddress(raw.loadUnaligned(as: sockaddr_in.self))
            case (AF_INET6, MemoryLayout<sockaddr_in6>.size):
                address = SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self))
            default:
                continue
            }
            address.port = port
            if !found.contains(address) { found.append(address) }
        }
        return found
    }
}
