import T30
import Telefax
import WorkerProtocol

/// T.30 over UDPTL (ITU-T T.38 (11/2015) 9.1).
final class T38Line: MediaLine {
    private let t38: T38FaxTerminal
    private let isUnpaced: Bool
    private var peer: MediaPeer<SocketAddress>
    private var sender: UDPTLSender
    private var receiver = UDPTLReceiver()
    private var queue = DatagramQueue()
    /// The last time the queue got an allowance.
    private var replenished = MonotonicTime.now
    /// The RTP stream of the same call, of which a late packet may still come.
    private let formerStream: UInt32?

    /// - Parameters:
    ///   - address: `session`'s.
    ///   - formerStream: SSRC of the call's audio.
    init(
        _ session: T38Session, address: SocketAddress, settings: T30Settings, isUnpaced: Bool, formerStream: UInt32?
    ) throws(FaxTerminal.Failure) {
        t38 = try T38FaxTerminal(settings, version: session.version, isUnpaced: isUnpaced)
        self.isUnpaced = isUnpaced
        self.formerStream = formerStream
        peer = MediaPeer(signalled: address, isSymmetric: session.isSymmetric)
        // Between two sockets of one machine nothing is lost but by overflow, which smaller datagrams put off.
        sender = UDPTLSender(
            redundancy: isUnpaced ? min(1, session.redundancy) : session.redundancy,
            maximumDatagram: session.maximumDatagram, parity: session.isParity ? UDPTLSender.Parity() : nil)
        // T.30's first act is the no-signal indicator, which also opens the way through firewalls: let it go out now.
        t38.advance(samples: 1)
    }

    var terminal: FaxTerminal { t38 }
    var medium: FaxMedium { .t38 }
    /// T.38 packets are 30 ms apart; an unpaced call takes one step of its protocol at each tick.
    var step: Int64 { isUnpaced ? 1 : 20 }
    var hasUnsent: Bool { !queue.isEmpty }

    /// A later SDP named this address: the fax goes on there.
    func redirect(to address: SocketAddress) { peer.signal(address) }

    func receive(_ datagram: [UInt8], from address: SocketAddress) {
        if let formerStream, RTPPacket(datagram)?.source == formerStream { return }
        guard peer.accepts(from: address, isSound: UDPTLReceiver.isSound(datagram)) else { return }
        for packet in receiver.receive(datagram) { t38.receive(packet.bytes, sequence: packet.sequence) }
    }

    func tick() { t38.advance(samples: Int(step) * FaxTerminal.samplesPerSecond / 1000) }

    func transmit(on socket: borrowing MediaSocket) {
        for packet in t38.takePackets() {
            let datagram = sender.datagram(for: packet.bytes)
            for _ in 0..<packet.repeats { queue.append(datagram) }
        }
        let now = MonotonicTime.now
        queue.replenish(
            milliseconds: isUnpaced
                ? Double(now.nanoseconds - replenished.nanoseconds) / 1_000_000 : DatagramQueue.burst)
        replenished = now
        // A loop and no closure: the socket is only borrowed.
        while let datagram = queue.next, socket.send(datagram, to: peer.current) != .wouldBlock { queue.removeNext() }
    }
}
