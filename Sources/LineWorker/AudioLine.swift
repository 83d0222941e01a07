import SRTP
import T30
import Telefax
import WorkerProtocol

/// T.30 in G.711 over RTP (RFC 3550, RFC 3551) or SRTP (RFC 3711), one packet each 20 ms of our own clock whatever comes,
/// so that the way stays open.
final class AudioLine: MediaLine {
    private let audio: AudioFaxTerminal
    private var peer: MediaPeer<SocketAddress>
    private var sender: RTPSender
    private var playout = PlayoutBuffer()
    private var packets: [[UInt8]] = []
    /// Nil for RTP in the clear; with it nothing goes out, or is taken, that is not protected.
    private var protection: Protection?
    /// SSRC of what was taken last.
    private(set) var stream: UInt32?

    /// The two directions of SRTP.
    struct Protection {
        private(set) var keys: AudioSession.Keys
        var sender: SRTPSender
        var receiver: SRTPReceiver

        init?(_ keys: AudioSession.Keys) {
            guard let sender = SRTPSender(key: keys.local), let receiver = SRTPReceiver(key: keys.remote) else {
                return nil
            }
            self.keys = keys
            self.sender = sender
            self.receiver = receiver
        }

        /// Takes new keys. A direction whose key stays goes on where it is: begun anew, a sender would use its key stream twice, and a
        /// receiver would believe old packets again (RFC 3711 9.1, 3.3.2).
        mutating func update(_ keys: AudioSession.Keys) {
            guard let new = Protection(keys) else { return }
            if keys.local != self.keys.local { sender = new.sender }
            if keys.remote != self.keys.remote { receiver = new.receiver }
            self.keys = keys
        }
    }

    /// - Parameter address: `session`'s.
    /// - Throws: ``FaxTerminal/Failure/rejectedSetting`` for keys of the wrong length too.
    init(_ session: AudioSession, address: SocketAddress, settings: T30Settings) throws(FaxTerminal.Failure) {
        audio = try AudioFaxTerminal(settings)
        peer = MediaPeer(signalled: address, isSymmetric: session.isSymmetric)
        var random = SystemRandomNumberGenerator()
        sender = RTPSender(law: session.codec == .pcmu ? .mu : .a, using: &random)
        protection = session.keys.flatMap(Protection.init)
        guard (session.keys == nil) == (protection == nil) else { throw .rejectedSetting }
    }

    var terminal: FaxTerminal { audio }
    var medium: FaxMedium { .audio }
    var step: Int64 { 20 }
    var ticksTogether: Int64 { 1 }
    var hasUnsent: Bool { false }

    /// A later SDP: the fax goes on at its address, with its keys. A call that was protected stays so.
    func update(_ session: AudioSession, address: SocketAddress) {
        peer.signal(address)
        guard let keys = session.keys else { return }
        if protection == nil { protection = Protection(keys) } else { protection?.update(keys) }
    }

    func receive(_ datagram: [UInt8], from address: SocketAddress) {
        let plain = protection == nil ? datagram : protection?.receiver.unprotect(datagram)
        guard let plain, let packet = RTPPacket(plain),
            peer.accepts(from: address, isSound: G711Law(payloadType: packet.payloadType) != nil), playout.insert(packet)
        else { return }
        stream = packet.source
    }

    /// Where the far end's packets came from, if any came.
    var settledPeer: SocketAddress? { peer.settled }

    /// Whether `address` is of the far end's host.
    func isPeer(_ address: SocketAddress) -> Bool { peer.isOfHost(address) }

    /// It is played at ticks, in the order of its timestamps: to be awakened by each packet would double the work.
    var mayArrivalsWait: Bool { true }
    /// All that came and a frame more, in which T.30 sees the end of it.
    var ticksToDrain: Int { playout.hasStarted ? playout.framesAhead + 1 : 0 }

    func tick() {
        let packet = sender.packet(for: audio.exchange(playout.pull()))
        if protection == nil {
            packets.append(packet)
        } else if let protected = protection?.sender.protect(packet) {
            packets.append(protected)
        }
    }

    func transmit(on socket: borrowing MediaSocket) {
        // A packet that the socket does not take now would come too late anyway.
        for packet in packets { _ = socket.send(packet, to: peer.current) }
        packets.removeAll(keepingCapacity: true)
    }
}
