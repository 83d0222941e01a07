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

    private struct Protection {
        let keys: AudioSession.Keys
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
    var hasUnsent: Bool { false }

    /// A later SDP: the fax goes on at its address, with its keys. A call that was protected stays so.
    func update(_ session: AudioSession, address: SocketAddress) {
        peer.signal(address)
        guard let keys = session.keys, keys != protection?.keys, let protection = Protection(keys) else { return }
        self.protection = protection
    }

    func receive(_ datagram: [UInt8], from address: SocketAddress) {
        let plain = protection == nil ? datagram : protection?.receiver.unprotect(datagram)
        guard let plain, let packet = RTPPacket(plain),
            peer.accepts(from: address, isSound: G711Law(payloadType: packet.payloadType) != nil), playout.insert(packet)
        else { return }
        stream = packet.source
    }

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
