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
    /// Nil in versions that it does not read.
    private var frames: FrameGuard?
    private var queue = DatagramQueue()
    /// Ticks since something came.
    private var quietTicks = 0
    /// The last time the queue got an allowance.
    private var replenished = MonotonicTime.now
    /// The RTP stream of the same call, of which a late packet may still come.
    private let formerStream: UInt32?
    private let poorLine: PoorLine
    /// Ticks whose packets go at once within a frame or a page: the far end's buffer holds them.
    private let packetsTogether: Int64
    /// Ticks that T.30 has lived through already.
    private var ahead: Int64 = 0

    /// - Parameters:
    ///   - address: `session`'s.
    ///   - formerStream: SSRC of the call's audio.
    ///   - formerPeer: where that came from.
    ///   - failedTrainings: as in ``CallSetup``.
    init(
        _ session: T38Session, address: SocketAddress, settings: T30Settings, isUnpaced: Bool, formerStream: UInt32?,
        formerPeer: SocketAddress?, failedTrainings: Int
    ) throws(FaxTerminal.Failure) {
        t38 = try T38FaxTerminal(settings, version: session.version, isUnpaced: isUnpaced)
        self.isUnpaced = isUnpaced
        self.formerStream = formerStream
        poorLine = PoorLine(failedTrainings: failedTrainings)
        packetsTogether = min(Self.mostTogether, max(1, Int64((session.maximumBuffer ?? .max) / Self.packetLength)))
        frames = session.version == 0 ? FrameGuard() : nil
        peer = MediaPeer(signalled: address, isSymmetric: session.isSymmetric, earlier: formerPeer)
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
    var step: Int64 { isUnpaced ? 1 : 30 }
    /// Each wake-up costs more than all the work of a tick. While nothing is to be sent only T.30's timers of seconds
    /// can run out; what comes meanwhile wakes this process by itself.
    var ticksTogether: Int64 {
        if isUnpaced { return 1 }
        if ahead > 0 { return ahead + 1 }
        if t38.isReceiving { return Self.mostTogether }
        return quietTicks < Self.ticksToAnswer || t38.maySend(within: FaxTerminal.samplesPerSecond * 12 / 100) ? 1 : 4
    }
    /// 90 ms.
    private static let mostTogether: Int64 = 3
    /// What 30 ms of the fastest modem carry, bytes.
    private static let packetLength = 54
    /// Within a page nobody is answered.
    var mayArrivalsWait: Bool { !isUnpaced && t38.isReceivingImage }
    /// 300 ms: T.30 answers sooner.
    private static let ticksToAnswer = 10
    var ticksToDrain: Int { 0 }
    var hasUnsent: Bool { !queue.isEmpty }

    /// A later SDP named this address: the fax goes on there.
    func redirect(to address: SocketAddress) { peer.signal(address) }

    func receive(_ datagram: [UInt8], from address: SocketAddress) {
        if let formerStream, RTPPacket(datagram)?.source == formerStream { return }
        guard peer.accepts(from: address, isSound: UDPTLReceiver.isSound(datagram)) else { return }
        quietTicks = 0
        for packet in receiver.receive(datagram) {
            let bytes = poorLine.carried(frames?.checked(packet.bytes) ?? packet.bytes, to: t38)
            t38.receive(bytes, sequence: packet.sequence)
        }
    }

    func tick() {
        guard !isUnpaced else { return t38.advance(samples: FaxTerminal.samplesPerSecond / 1000) }
        quietTicks += 1
        guard ahead == 0 else { return ahead -= 1 }
        advance()
        // What comes next in a frame or a page is known: it goes early, never late, and this process sleeps meanwhile.
        while t38.isSendingData, ahead < packetsTogether - 1 {
            ahead += 1
            advance()
        }
    }

    private func advance() {
        // The ends of frames make packets of less than 30 ms: one a tick would be too few.
        for _ in 0..<3 { t38.advance(samples: FaxTerminal.samplesPerSecond / 100) }
    }

    func transmit(on socket: borrowing MediaSocket) {
        let packets = t38.takePackets()
        guard !packets.isEmpty || hasUnsent else { return }
        for packet in packets {
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
