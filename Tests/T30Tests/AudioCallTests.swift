import FaxModel
import T30
import Testing

/// What is particular to audio.
@Suite struct AudioCallTests {
    private let page = TestPages.text(1, rows: 300)

    @Test func bothHearEachOtherOnce() throws {
        let call = try SimulatedCall(sending: [page], over: .audio())
        try call.run()
        #expect(call.called.heard.first == .cng)
        #expect(call.caller.heard == [.ced, .v21])
        #expect(Set(call.called.heard).count == call.called.heard.count)
    }

    @Test func callerSendsCNGFromTheFirstMoment() throws {
        let call = try SimulatedCall(sending: [page], over: .audio())
        try call.run(until: { $0.called.heard.contains(.cng) })
        #expect(call.milliseconds < 1_500)
    }

    @Test func silenceEndsByTheTimersOfT30() throws {
        let call = try SimulatedCall(sending: [page], over: .audio())
        call.tamper = { _, _ in nil }
        try call.run(minutes: 3)
        #expect(call.caller.end?.code == 2)
        #expect(call.called.end.map { $0.code != 0 } == true)
        #expect(call.milliseconds < 100_000)
        #expect(call.caller.heard.isEmpty)
    }

    /// The agreement on T.38 comes when audio has got as far as the training: nothing of it counts.
    @Test func changeToT38BeginsAnew() throws {
        let call = try SimulatedCall(sending: [page], over: .audio())
        try call.run(until: { !$0.called.negotiations.isEmpty })
        #expect(!call.caller.terminal.hasPages)
        #expect(!call.called.terminal.hasPages)
        try call.change(to: .t38())
        try call.run()
        #expect(call.caller.end?.code == 0)
        #expect(call.called.end?.code == 0)
        #expect(call.received == [page])
    }

    @Test func noiseIsNoFax() throws {
        let terminal = try AudioFaxTerminal(T30Settings(isCaller: false, document: .receive(path: TemporaryDocument().path)))
        var random = SeededRandom(seed: 3)
        for _ in 0..<2_000 {
            _ = terminal.exchange((0..<160).map { _ in Int16.random(in: -8_000...8_000, using: &random) })
        }
        #expect(!terminal.hasPages)
        #expect(!terminal.takeEvents().contains(.heard(.cng)))
    }

    @Test func aTickAlwaysHasItsSamples() throws {
        let terminal = try AudioFaxTerminal(T30Settings(isCaller: true, document: .receive(path: TemporaryDocument().path)))
        let silence = [Int16](repeating: 0, count: AudioFaxTerminal.samplesPerTick)
        for _ in 0..<50 { #expect(terminal.exchange(silence).count == AudioFaxTerminal.samplesPerTick) }
        terminal.hangUp()
        #expect(terminal.exchange(silence) == silence)
        #expect(terminal.exchange([]).count == AudioFaxTerminal.samplesPerTick)
    }
}
