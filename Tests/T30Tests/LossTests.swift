import FaxModel
import Glibc
import T30
import Testing

/// Datagrams get lost, and the pages arrive as they were.
@Suite struct LossTests {
    @Test func tenOfAHundredOverT38() throws {
        let pages = [TestPages.text(1), TestPages.dense(), TestPages.text(3, resolution: .superfine)]
        let call = try SimulatedCall(sending: pages, seed: 42)
        call.lossPerThousand = 100
        try call.run()
        #expect(call.caller.end?.code == 0)
        #expect(call.called.end?.code == 0)
        #expect(call.received == pages)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func burstsOfFiveOverT38(seed: UInt64) throws {
        let pages = [TestPages.text(1), TestPages.dense()]
        let call = try SimulatedCall(sending: pages, over: .t38(redundancy: 5), seed: seed)
        call.lossPerThousand = 50
        call.burst = 5
        try call.run()
        #expect(call.caller.end?.code == 0)
        #expect(call.called.end?.code == 0)
        #expect(call.received == pages)
    }

    /// Half a percent is what a bad Internet line loses. The playout buffer repeats what came before.
    ///
    /// `FAXLOCK_FUZZ_ROUNDS` calls with a page of text in fine resolution, or twenty with a third of one.
    @Test func fiveOfAThousandOverAudio() throws {
        let rounds = getenv("FAXLOCK_FUZZ_ROUNDS").flatMap { Int(String(cString: $0)) }
        let page = rounds == nil ? TestPages.text(1, rows: 600) : TestPages.text(1, rows: 2200, resolution: .fine)
        let calls = rounds ?? 20
        var identical = 0
        for seed in 0..<calls {
            let call = try SimulatedCall(sending: [page], over: .audio(), seed: UInt64(seed) + 100)
            call.lossPerThousand = 5
            try call.run()
            if call.caller.end?.code == 0, call.received == [page] { identical += 1 }
        }
        #expect(identical * 20 >= calls * 17, "\(identical) of \(calls) identical")
    }

    /// Loss and a slow disk together.
    @Test(arguments: [500, 3_000, 5_000])
    func latePageWithLoss(storing: Int) throws {
        let pages = [TestPages.text(1, rows: 300), TestPages.text(2, rows: 300)]
        let call = try SimulatedCall(sending: pages, seed: UInt64(storing))
        call.lossPerThousand = 50
        call.called.storing = storing
        try call.run(minutes: 5)
        #expect(call.caller.end?.code == 0)
        #expect(call.called.end?.code == 0)
        #expect(call.received == pages)
    }
}
