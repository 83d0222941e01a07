import FaxModel
import Imaging
import T30
import Telefax

/// Two fax machines in one process on a virtual clock, with UDPTL and a seeded loss of datagrams between them.
final class SimulatedCall {
    /// One end.
    struct Party {
        let terminal: T38FaxTerminal
        var sender: UDPTLSender
        var receiver = UDPTLReceiver()
        var events: [T38FaxEvent] = []
        var firstPacket: [UInt8]?

        var pages: [T38FaxPageResult] {
            events.compactMap { if case .page(let result) = $0 { result } else { nil } }
        }

        var negotiations: [T38FaxNegotiation] {
            events.compactMap { if case .negotiated(let result) = $0 { result } else { nil } }
        }

        var end: (code: Int, pages: Int)? {
            if case .ended(let code, let pages)? = events.last { (code, pages) } else { nil }
        }
    }

    var caller: Party
    var called: Party
    /// Pages as they were when their event came.
    private(set) var received: [FaxPage] = []
    /// Fax time, milliseconds.
    private(set) var milliseconds = 0
    /// Loses, of a hundred datagrams, this many.
    var lossPercent = 0
    /// Called with each datagram on its way; nil loses it.
    var tamper: ((_ isFromCaller: Bool, _ datagram: [UInt8]) -> [UInt8]?)?

    /// Milliseconds of a step of both clocks.
    private let tick: Int
    private var random: SeededRandom
    private let document: TemporaryDocument
    private let target: TemporaryDocument

    init(
        sending pages: [FaxPage], firstPage: Int = 0, redundancy: Int = 3, seed: UInt64 = 1,
        errorCorrection: Bool = true,
        maximumBitRate: Int = 14400, version: Int = 0, isUnpaced: Bool = false
    ) throws {
        var writer = TIFFWriter(pages: pages.count)
        var tiff: [UInt8] = []
        for page in pages { tiff += try writer.append(page) }
        tiff += writer.finish()
        document = try TemporaryDocument(tiff)
        target = try TemporaryDocument()
        random = SeededRandom(seed: seed)
        tick = isUnpaced ? 1 : 10

        var sending = T38FaxSettings(
            isCaller: true, document: .send(path: document.path, firstPage: firstPage), identifier: "+1 555 123 0101")
        var receiving = T38FaxSettings(
            isCaller: false, document: .receive(path: target.path), identifier: "+1 555 123 0102")
        func complete(_ settings: inout T38FaxSettings) {
            settings.errorCorrection = errorCorrection
            settings.maximumBitRate = maximumBitRate
            settings.version = version
            settings.isUnpaced = isUnpaced
        }
        complete(&sending)
        complete(&receiving)
        caller = Party(
            terminal: try T38FaxTerminal(sending), sender: UDPTLSender(redundancy: redundancy, maximumDatagram: 1400))
        called = Party(
            terminal: try T38FaxTerminal(receiving), sender: UDPTLSender(redundancy: redundancy, maximumDatagram: 1400))
    }

    /// Runs until both ended, `condition` holds, or so many minutes of fax time have passed.
    func run(minutes: Int = 30, until condition: (SimulatedCall) -> Bool = { _ in false }) throws {
        while milliseconds < minutes * 60_000, caller.end == nil || called.end == nil, !condition(self) {
            milliseconds += tick
            caller.terminal.advance(samples: tick * 8)
            try carry()
            called.terminal.advance(samples: tick * 8)
            try carry()
        }
    }

    /// Carries what both have to send, and gathers events.
    func carry() throws {
        transfer(from: &caller, to: &called, isFromCaller: true)
        transfer(from: &called, to: &caller, isFromCaller: false)
        caller.events += caller.terminal.takeEvents()
        for event in called.terminal.takeEvents() {
            called.events.append(event)
            if case .page(let result) = event {
                received.append(try ReceivedDocument(path: target.path).page(at: result.page))
            }
        }
    }

    private func transfer(from: inout Party, to: inout Party, isFromCaller: Bool) {
        for datagram in datagrams(of: &from) where Int.random(in: 0..<100, using: &random) >= lossPercent {
            guard let arriving = tamper.map({ $0(isFromCaller, datagram) }) ?? datagram else { continue }
            for packet in to.receiver.receive(arriving) {
                to.terminal.receive(packet.bytes, sequence: packet.sequence)
            }
        }
    }

    private func datagrams(of party: inout Party) -> [[UInt8]] {
        party.terminal.takePackets().flatMap { packet in
            if party.firstPacket == nil { party.firstPacket = packet.bytes }
            return [[UInt8]](repeating: party.sender.datagram(for: packet.bytes), count: packet.repeats)
        }
    }
}
