import Glibc

/// The UDP socket of a call, IPv4 or IPv6: for RTP and UDPTL alike.
struct MediaSocket: ~Copyable {
    /// Larger datagrams are nothing that T.38 or G.711 sends.
    static let maximumDatagram = 2048

    let descriptor: Int32
    /// The port that it is bound to: an even one, as RTP prefers (RFC 3550 11), unless all of these are taken.
    let port: UInt16
    private let family: Int32

    /// - Parameter ports: one of these is taken; nil: the kernel chooses.
    /// - Throws: ``Conversation/Failure/unintelligible`` if the address is none, or not this machine's, or no port is
    ///   free.
    init(bindAddress: String, ports: ClosedRange<UInt16>?) throws(Conversation.Failure) {
        guard let address = SocketAddress(address: bindAddress, port: 0) else { throw .unintelligible }
        for port in Self.candidates(ports) {
            guard var candidate = SocketAddress(address: bindAddress, port: port) else { break }
            let descriptor = Glibc.socket(
                address.family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            guard descriptor >= 0 else { break }
            guard candidate.withPointer({ bind(descriptor, $0, $1) }) == 0,
                candidate.load(from: { getsockname(descriptor, $0, $1) })
            else {
                close(descriptor)
                continue
            }
            // A page sent unpaced comes in bursts; the kernel caps this at its net.core.rmem_max.
            var size: Int32 = 1 << 20
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
            setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
            self.family = address.family
            self.descriptor = descriptor
            self.port = candidate.port
            return
        }
        throw .unintelligible
    }

    /// Ports to try in turn, 0 for the kernel's choice: even ones first, from somewhere in the middle, since other calls
    /// begin at the same time.
    private static func candidates(_ ports: ClosedRange<UInt16>?) -> [UInt16] {
        guard let ports else {
            let even = (0..<16).map { _ in UInt16.random(in: 16_384...30_000) & ~1 }
            return even + [0]
        }
        let even = ports.filter { $0.isMultiple(of: 2) }
        let start = even.isEmpty ? 0 : Int.random(in: even.indices)
        return even[start...] + even[..<start] + ports.filter { !$0.isMultiple(of: 2) }
    }

    deinit { close(descriptor) }

    /// Whether the kernel took the datagram. Everything else is a loss, which UDPTL and the playout buffer are made for.
    enum Sending { case sent, wouldBlock, lost }

    func send(_ datagram: [UInt8], to address: SocketAddress) -> Sending {
        var address = address
        let count = datagram.withUnsafeBytes { bytes in
            address.withPointer {
                sendto(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL), $0, $1)
            }
        }
        if count >= 0 { return .sent }
        return errno == EAGAIN || errno == ENOBUFS ? .wouldBlock : .lost
    }

    /// An address that this socket can send to; nil for what is none.
    func address(_ address: String, port: UInt16) -> SocketAddress? {
        guard port != 0, let address = SocketAddress(address: address, port: port), address.family == family else {
            return nil
        }
        return address
    }

    /// What came.
    enum Reception {
        case datagram([UInt8], from: SocketAddress)
        /// Too long, or an ICMP report in place of a datagram.
        case unusable
        case nothing
    }

    func receive(into buffer: inout [UInt8]) -> Reception {
        var sender = SocketAddress(family: family)
        var count = 0
        let isReceived = sender.load { address, length in
            count = buffer.withUnsafeMutableBytes {
                recvfrom(descriptor, $0.baseAddress, $0.count, Int32(MSG_TRUNC), address, length)
            }
            return count < 0 ? -1 : 0
        }
        guard isReceived else { return errno == EAGAIN || errno == EWOULDBLOCK ? .nothing : .unusable }
        guard count <= buffer.count else { return .unusable }
        return .datagram(Array(buffer[..<count]), from: sender)
    }
}
