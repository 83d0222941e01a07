import FaxModel
import T30
import Telefax
import Testing

/// A sender that was told who must answer.
@Suite struct ExpectedStationTests {
    private let pages = [TestPages.text(1, rows: 200), TestPages.text(2, rows: 200)]

    @Test(arguments: [.t38(), .t38(isUnpaced: true), .audio()] as [SimulatedCall.Medium])
    func anotherMachineGetsNothing(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium, expectedStation: "+15551230142")
        try call.run()
        #expect(call.caller.end?.code == T30Result.unexpectedStation)
        #expect(call.caller.end?.pages == 0)
        #expect(call.received.isEmpty)
        // No number of ours either: TSI comes with DCS.
        #expect(call.caller.sentFrames == ["DCN"])
        #expect(call.called.end?.code != 0)
        #expect(call.caller.negotiations.isEmpty)
    }

    @Test(arguments: [.t38(), .audio()] as [SimulatedCall.Medium])
    func theExpectedMachineGetsEverything(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium, expectedStation: "555-123-0102")
        try call.run()
        #expect(call.caller.end?.code == 0)
        #expect(call.received == pages)
    }

    @Test func aMachineWithoutANameIsNotTheOne() throws {
        let call = try SimulatedCall(sending: pages, calledIdentifier: "", expectedStation: "+15551230102")
        try call.run()
        #expect(call.caller.end?.code == T30Result.unexpectedStation)
        #expect(call.caller.sentFrames == ["DCN"])
    }

    @Test func aResumedCallIsChecked() throws {
        let call = try SimulatedCall(sending: pages, firstPage: 1, expectedStation: "+15551230142")
        try call.run()
        #expect(call.caller.end?.code == T30Result.unexpectedStation)
        #expect(call.caller.sentFrames == ["DCN"])
    }
}

/// Far ends that cannot do everything.
@Suite struct LimitedReceiverTests {
    @Test func fineIsRefusedAndStandardTaken() throws {
        let fine = try SimulatedCall(sending: [TestPages.text(1, rows: 200, resolution: .fine)], calledTakesFine: false)
        try fine.run()
        #expect(fine.caller.end?.code == 11)
        #expect(fine.received.isEmpty)
        let standard = try SimulatedCall(sending: [TestPages.text(1, rows: 200, resolution: .standard)], calledTakesFine: false)
        try standard.run()
        #expect(standard.caller.end?.code == 0)
        #expect(standard.received.count == 1)
    }
}
