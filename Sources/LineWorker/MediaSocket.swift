import Glibc

/// The UDP socket of a call, IPv4 or IPv6.
struct MediaSocket: ~Copyable {
    /// Larger datagrams are nothing that T.38 sends.
    static let maximumDatagram = 2048

    let descriptor: Int32
    /// The port that the kernel chose.
    let port: UInt16
    private let family: Int32
    private var peer: SocketAddress?

    /// - Throws: ``Conversation/Failure/unintelligible`` if the address is none, or not this machine's.
    init(bindAddress: String) throws(Conversation.Failure) {
        guard var address = SocketAddress(address: bindAddress, port: 0) else { throw .unintelligible }
        let family = address.family
        let descriptor = Glibc.socket(
            family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw .unintelligible }
        guard address.withPointer({ bind(descriptor, $0, $1) }) == 0,
            address.load(from: { getsockname(descriptor, $0, $1) })
        else {
            close(descriptor)
            throw .unintelligible
        }
        // A page sent unpaced comes in bursts; the kernel caps this at its net.core.rmem_max.
        var size: Int32 = 1 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        self.family = family
        self.descriptor = descriptor
        port = address.port
    }

    deinit { close(descriptor) }

    /// From now on datagrams go to this address and others' are dropped, those too that wait already.
    mutating func connect(address: String, port: UInt16) -> Bool {
        guard var peer = SocketAddress(address: address, port: port), peer.family == family, port != 0 else {
            return false
        }
        self.peer = peer
        return peer.withPointer { Glibc.connect(descriptor, $0, $1) } == 0
    }

    /// Whether the kernel took the datagram. Everything else is a loss, which UDPTL is made for.
    enum Sending { case sent, wouldBlock, lost }

    func send(_ datagram: [UInt8]) -> Sending {
        let count = datagram.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count >= 0 { return .sent }
        return errno == EAGAIN || errno == ENOBUFS ? .wouldBlock : .lost
    }

    /// What came from the peer.
    enum Reception {
        case datagram([UInt8])
        /// Not the peer's, too long, or an ICMP report in place of a datagram.
        case foreign
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
        guard isReceived else { return errno == EAGAIN || errno == EWOULDBLOCK ? .nothing : .foreign }
        guard count <= buffer.count, sender == peer else { return .foreign }
        return .datagram(Array(buffer[..<count]))
    }
}
