import FaxModel
import Imaging
import T30
import Telefax

/// Two fax machines in one process on a virtual clock, with datagrams and a seeded loss of them between both.
final class SimulatedCall {
    enum Medium: Sendable, Equatable {
        case t38(redundancy: Int = 3, version: Int = 0, isUnpaced: Bool = false)
        case audio(G711Law = .mu)
    }

    private(set) var caller: FaxEnd
    private(set) var called: FaxEnd
    /// Pages as they were when their event came.
    private(set) var received: [FaxPage] = []
    /// Fax time, milliseconds.
    private(set) var milliseconds = 0
    /// Loses, of a thousand datagrams, this many, in bursts.
    var lossPerThousand = 0
    var burst = 1
    /// Called with each datagram on its way; nil loses it.
    var tamper: ((_ isFromCaller: Bool, _ datagram: [UInt8]) -> [UInt8]?)?

    /// Milliseconds of a step of both clocks.
    private var tick: Int
    private var random: SeededRandom
    /// Datagrams of each direction that are still to be lost, the caller's first.
    private var losing = [0, 0]
    private let document: TemporaryDocument
    private var target: TemporaryDocument
    private let sending: T30Settings
    private var receiving: T30Settings

    init(
        sending pages: [FaxPage], over medium: Medium = .t38(), firstPage: Int = 0, seed: UInt64 = 1,
        errorCorrection: Bool = true, maximumBitRate: Int = 14400, calledIdentifier: String = "+1 555 123 0102",
        calledTakesFine: Bool = true, expectedStation: String? = nil, documents: [Int] = []
    ) throws {
        var writer = TIFFWriter(pages: pages.count)
        var tiff: [UInt8] = []
        for page in pages { tiff += try writer.append(page) }
        tiff += writer.finish()
        document = try TemporaryDocument(tiff)
        target = try TemporaryDocument()
        random = SeededRandom(seed: seed)

        var sending = T30Settings(
            isCaller: true, document: .send(path: document.path, firstPage: firstPage), identifier: "+1 555 123 0101")
        sending.errorCorrection = errorCorrection
        sending.maximumBitRate = maximumBitRate
        sending.expectedStation = expectedStation
        sending.documents = documents
        var receiving = T30Settings(
            isCaller: false, document: .receive(path: target.path), identifier: calledIdentifier)
        receiving.errorCorrection = errorCorrection
        receiving.maximumBitRate = maximumBitRate
        receiving.takesFine = calledTakesFine
        self.sending = sending
        self.receiving = receiving
        caller = try Self.end(sending, medium)
        called = try Self.end(receiving, medium)
        tick = Self.tick(of: medium)
    }

    private static func tick(of medium: Medium) -> Int {
        switch medium {
        case .t38(_, _, let isUnpaced): isUnpaced ? 1 : 10
        case .audio: 20
        }
    }

    private static func end(_ settings: T30Settings, _ medium: Medium) throws -> FaxEnd {
        switch medium {
        case .t38(let redundancy, let version, let isUnpaced):
            T38End(try T38FaxTerminal(settings, version: version, isUnpaced: isUnpaced), redundancy: redundancy)
        case .audio(let law):
            AudioEnd(try AudioFaxTerminal(settings), law: law, seed: settings.isCaller ? 11 : 12)
        }
    }

    /// Both ends begin anew over another medium, with the same document.
    func change(to medium: Medium) throws {
        target = try TemporaryDocument()
        receiving.document = .receive(path: target.path)
        received = []
        caller = try Self.end(sending, medium)
        called = try Self.end(receiving, medium)
        tick = Self.tick(of: medium)
    }

    /// Runs until both ended, `condition` holds, or so many minutes of fax time have passed.
    func run(minutes: Int = 30, until condition: (SimulatedCall) -> Bool = { _ in false }) throws {
        while milliseconds < minutes * 60_000, caller.end == nil || called.end == nil, !condition(self) {
            milliseconds += tick
            for end in [caller, called] {
                end.terminal.milliseconds = milliseconds
                end.advance(milliseconds: tick)
                try carry()
            }
        }
    }

    /// Carries what both have to send, and gathers events.
    func carry() throws {
        transfer(from: caller, to: called, isFromCaller: true)
        transfer(from: called, to: caller, isFromCaller: false)
        _ = caller.gather(at: milliseconds)
        for case .page(let result) in called.gather(at: milliseconds) {
            received.append(try ReceivedDocument(path: target.path).page(at: result.page))
        }
    }

    private func transfer(from: FaxEnd, to: FaxEnd, isFromCaller: Bool) {
        for datagram in from.takeDatagrams() where !isLost(direction: isFromCaller ? 0 : 1) {
            guard let arriving = tamper.map({ $0(isFromCaller, datagram) }) ?? datagram else { continue }
            to.receive(arriving)
        }
    }

    private func isLost(direction: Int) -> Bool {
        if losing[direction] == 0, Int.random(in: 0..<(1000 * burst), using: &random) < lossPerThousand {
            losing[direction] = burst
        }
        guard losing[direction] > 0 else { return false }
        losing[direction] -= 1
        return true
    }
}
