import FaxModel
import T30
import Testing

/// The record of T.30's frames.
@Suite struct FrameTraceTests {
    @Test func aWholeFaxReadsAsT30() throws {
        let call = try SimulatedCall(
            sending: [TestPages.text(1, rows: 300, resolution: .fine), TestPages.text(2, rows: 300, resolution: .fine)])
        try call.run()
        let incoming = call.called.terminal.trace.filter(\.isIncoming)
        #expect(incoming.map(\.name) == ["TSI", "DCS", "PPS-MPS", "PPS-EOP", "DCN"])
        let outgoing = call.called.terminal.trace.filter { !$0.isIncoming }
        #expect(outgoing.map(\.name).suffix(3) == ["CFR", "MCF", "MCF"])
        let abilities = try #require(outgoing.first { $0.name == "DIS" })
        #expect(abilities.note == "V.17 ECM T.6 superfine")
        #expect(incoming.first { $0.name == "DCS" }?.note == "V.17 14400 ECM T.6 fine")
        #expect(incoming.first { $0.name == "PPS-EOP" }?.note.hasPrefix("page 1, block 0, frames ") == true)
        // Each frame is in both ends' records.
        #expect(call.caller.terminal.trace.filter { !$0.isIncoming }.map(\.name) == incoming.map(\.name))
        #expect(call.called.terminal.trace.map(\.milliseconds) == call.called.terminal.trace.map(\.milliseconds).sorted())
    }

    @Test func framesWithNumbersShowTheirLengthOnly() throws {
        let call = try SimulatedCall(sending: [TestPages.text(1, rows: 200)])
        try call.run()
        for end in [call.caller, call.called] {
            for frame in end.terminal.trace where ["TSI", "CSI"].contains(frame.name) {
                #expect(frame.note.isEmpty)
                #expect(frame.length == 23)
            }
            #expect(!end.terminal.trace.contains { $0.note.contains("555") })
        }
    }

    @Test func frameSentAgainIsNamed() throws {
        let call = try SimulatedCall(sending: [TestPages.dense(rows: 300)], over: .t38(redundancy: 0), seed: 5)
        call.lossPerThousand = 10
        try call.run(minutes: 5)
        let requests = call.called.terminal.trace.filter { $0.name == "PPR" }
        #expect(!requests.isEmpty)
        #expect(requests.allSatisfy { $0.note.hasPrefix("frames again ") && $0.length == 35 })
    }

    @Test func whatIsNoFrameOfT30IsAnOctet() {
        #expect(T30FrameRecord([0xFF, 0x13, 0x00], isIncoming: true, milliseconds: 7)?.name == "0x00")
        #expect(T30FrameRecord([0xFF, 0x13, 0xBE], isIncoming: true, milliseconds: 7)?.name == "PPS")
        #expect(T30FrameRecord([0xFF, 0x13, 0xBE, 0x2F, 0], isIncoming: true, milliseconds: 7)?.name == "PPS-EOP")
        #expect(T30FrameRecord([0xFF, 0x13, 0x80], isIncoming: true, milliseconds: 7)?.note == "V.27ter standard")
        #expect(T30FrameRecord([0xFF, 0x13, 0x83, 0xFF, 0xFF, 0xFF], isIncoming: true, milliseconds: 7)?.note.contains("reserved") == true)
        #expect(T30FrameRecord([0xFF, 0x13], isIncoming: true, milliseconds: 7) == nil)
        #expect(T30FrameRecord([0xFF, 0x03, 0x06, 1, 2, 3], isIncoming: true, milliseconds: 7) == nil)
    }

    @Test func anythingCanBeRecorded() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<20_000 {
            let frame = (0..<Int.random(in: 0...12, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            let record = T30FrameRecord(frame, isIncoming: true, milliseconds: 0)
            #expect((record?.name.isEmpty ?? false) == false)
        }
    }
}
