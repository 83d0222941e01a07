import FaxModel
import T30
import Testing

/// A received page is confirmed when it is stored, and not before.
@Suite struct HeldConfirmationTests {
    private static let media: [SimulatedCall.Medium] = [.t38(), .t38(isUnpaced: true), .audio()]
    private let pages = [TestPages.text(1, rows: 300), TestPages.text(2, rows: 300)]

    @Test(arguments: media)
    func nothingIsConfirmedThatIsNotStored(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium)
        call.called.storing = nil
        try call.run(until: { !$0.called.pages.isEmpty })
        let came = call.milliseconds
        try call.run(until: { $0.milliseconds > came + 2_000 })
        #expect(call.caller.pages.isEmpty)
        #expect(call.called.terminal.confirmedPages == 0)
        // The sender repeats its command, gives up, and knows that nothing was stored.
        try call.run(minutes: 3, until: { $0.caller.end != nil })
        #expect(call.caller.end.map { $0.code != 0 && $0.pages == 0 } == true)
        call.called.terminal.hangUp()
        try call.carry()
        #expect(call.called.end?.code == T30Result.unstoredPage)
        #expect(call.called.end?.pages == 0)
    }

    @Test(arguments: media, [true, false])
    func refusedLastPageFailsOnBothSides(medium: SimulatedCall.Medium, errorCorrection: Bool) throws {
        let call = try SimulatedCall(sending: pages, over: medium, errorCorrection: errorCorrection)
        try call.run(until: { $0.called.pages.count == 1 })
        call.called.storing = nil
        try call.run(until: { $0.called.pages.count == 2 })
        call.called.terminal.hangUp()
        try call.run(minutes: 3)
        #expect(call.called.end?.code == T30Result.unstoredPage)
        #expect(call.called.end?.pages == 1)
        #expect(call.caller.end.map { $0.code != 0 && $0.pages == 1 } == true)
    }

    /// 200 ms is a busy disk; after 3,450 the far end begins to say its command again, and after 5,000 it is through with
    /// that; after 7,500 it is at the second repetition.
    @Test(arguments: [.t38(), .audio()] as [SimulatedCall.Medium], [200, 2_400, 3_450, 4_500, 5_000, 6_000, 9_000])
    func latePageIsConfirmedAllTheSame(medium: SimulatedCall.Medium, storing: Int) throws {
        let call = try SimulatedCall(sending: pages, over: medium)
        call.called.storing = storing
        try call.run(minutes: 4)
        #expect(call.caller.end?.code == 0)
        #expect(call.called.end?.code == 0)
        #expect(call.caller.end?.pages == 2)
        #expect(call.received == pages)
    }

    @Test(arguments: media, [200, 5_000])
    func latePageWithoutErrorCorrection(medium: SimulatedCall.Medium, storing: Int) throws {
        let call = try SimulatedCall(sending: pages, over: medium, errorCorrection: false)
        call.called.storing = storing
        try call.run(minutes: 4)
        #expect(call.caller.end?.code == 0)
        #expect(call.called.end?.code == 0)
        #expect(call.received == pages)
    }

    /// A page of several ECM blocks has one confirmation that matters, its last.
    @Test func partsOfAPageDoNotWait() throws {
        let page = TestPages.dense(rows: 1500)
        let call = try SimulatedCall(sending: [page])
        call.called.storing = nil
        try call.run(until: { !$0.called.pages.isEmpty })
        #expect(call.called.sentFrames.filter { $0 == "MCF" }.count >= 1)
        #expect(call.called.terminal.trace.contains { $0.name == "PPS-NULL" })
        #expect(call.received == [page])
        call.called.terminal.confirmPage()
        call.called.storing = 0
        try call.run()
        #expect(call.caller.end?.code == 0)
    }

    @Test func confirmingTwiceOrNothingDoesNothing() throws {
        let call = try SimulatedCall(sending: [pages[0]])
        call.called.terminal.confirmPage()
        try call.run(until: { !$0.called.pages.isEmpty })
        call.called.terminal.confirmPage()
        call.called.terminal.confirmPage()
        try call.run()
        #expect(call.caller.end?.code == 0)
        #expect(call.called.end?.pages == 1)
    }
}
