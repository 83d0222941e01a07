import T30
import Telefax

/// One end of a simulated call: a terminal with what carries it, as datagrams.
class FaxEnd {
    let terminal: FaxTerminal
    private(set) var events: [T30Event] = []
    /// Milliseconds that the gateway takes to store a page; nil: it never does.
    var storing: Int? = 0
    private var stored: Int?

    init(_ terminal: FaxTerminal) { self.terminal = terminal }

    /// Lets so many milliseconds pass.
    func advance(milliseconds: Int) {}
    /// What is to go out since the last time.
    func takeDatagrams() -> [[UInt8]] { [] }
    func receive(_ datagram: [UInt8]) {}

    /// Gathers events, and confirms pages when their time has come.
    func gather(at now: Int) -> [T30Event] {
        let new = terminal.takeEvents()
        events += new
        for case .page in new { stored = storing.map { now + $0 } }
        if let stored, now >= stored {
            self.stored = nil
            terminal.confirmPage()
        }
        return new
    }

    var pages: [T30PageResult] { events.compactMap { if case .page(let result) = $0 { result } else { nil } } }

    var negotiations: [T30Negotiation] {
        events.compactMap { if case .negotiated(let result) = $0 { result } else { nil } }
    }

    var heard: [T30Signal] { events.compactMap { if case .heard(let signal) = $0 { signal } else { nil } } }

    var end: (code: Int, pages: Int)? {
        if case .ended(let code, let pages)? = events.last { (code, pages) } else { nil }
    }

    /// Names of the frames that this end sent.
    var sentFrames: [String] { terminal.trace.filter { !$0.isIncoming }.map(\.name) }
}

/// A T.38 end with UDPTL.
final class T38End: FaxEnd {
    private let t38: T38FaxTerminal
    private var sender: UDPTLSender
    private var receiver = UDPTLReceiver()
    private(set) var firstPacket: [UInt8]?

    init(_ terminal: T38FaxTerminal, redundancy: Int) {
        t38 = terminal
        sender = UDPTLSender(redundancy: redundancy, maximumDatagram: 1400)
        super.init(terminal)
    }

    override func advance(milliseconds: Int) { t38.advance(samples: milliseconds * 8) }

    override func takeDatagrams() -> [[UInt8]] {
        t38.takePackets().flatMap { packet in
            if firstPacket == nil { firstPacket = packet.bytes }
            return [[UInt8]](repeating: sender.datagram(for: packet.bytes), count: packet.repeats)
        }
    }

    override func receive(_ datagram: [UInt8]) {
        for packet in receiver.receive(datagram) { t38.receive(packet.bytes, sequence: packet.sequence) }
    }
}

/// A G.711 end with RTP and the playout buffer. Its ticks are 20 ms.
final class AudioEnd: FaxEnd {
    private let audio: AudioFaxTerminal
    private var sender: RTPSender
    private var playout = PlayoutBuffer()
    private var packets: [[UInt8]] = []

    init(_ terminal: AudioFaxTerminal, law: G711Law, seed: UInt64) {
        audio = terminal
        var random = SeededRandom(seed: seed)
        sender = RTPSender(law: law, using: &random)
        super.init(terminal)
    }

    override func advance(milliseconds: Int) { packets.append(sender.packet(for: audio.exchange(playout.pull()))) }

    override func takeDatagrams() -> [[UInt8]] {
        defer { packets = [] }
        return packets
    }

    override func receive(_ datagram: [UInt8]) {
        if let packet = RTPPacket(datagram) { _ = playout.insert(packet) }
    }
}
