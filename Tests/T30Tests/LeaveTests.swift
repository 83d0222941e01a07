import FaxModel
import T30
import Telefax
import Testing

/// Ends of calls in good order, with pages left: what a machine does whose gateway is gone.
@Suite struct LeaveTests {
    private let pages = [TestPages.text(1), TestPages.text(2), TestPages.text(3)]
    private static let media: [SimulatedCall.Medium] = [.t38(), .t38(version: 3), .t38(version: 0, isUnpaced: true), .audio(.mu)]

    @Test(arguments: Self.media, [true, false])
    func senderEndsAfterThePageUnderWay(medium: SimulatedCall.Medium, errorCorrection: Bool) throws {
        let call = try SimulatedCall(sending: pages, over: medium, errorCorrection: errorCorrection)
        try call.run(until: { $0.caller.pages.count == 1 })
        // The second page begins with the confirmation of the first.
        #expect(call.caller.end == nil)
        call.caller.terminal.leave()
        try call.run()
        #expect(call.caller.end.map { $0.code } == T30Result.left)
        #expect(call.caller.end.map { $0.pages } == 2)
        #expect(call.caller.sentFrames.last == "DCN")
        #expect(call.caller.sentFrames.filter { $0 == "DCN" }.count == 1)
        #expect(call.called.pages.map(\.isLast) == [false, false])
        #expect(call.received == Array(pages[..<2]))
        #expect(call.called.end.map { $0.code != 0 } == true)
        #expect(call.called.terminal.trace.last?.name == "DCN")
        #expect(call.caller.terminal.askedPage == nil)
    }

    @Test(arguments: Self.media)
    func senderThatLeavesInTheLastPageSucceeds(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium, firstPage: 1)
        try call.run(until: { $0.caller.pages.count == 1 })
        call.caller.terminal.leave()
        try call.run()
        for end in [call.caller.end, call.called.end] {
            #expect(end.map { $0.code } == 0)
            #expect(end.map { $0.pages } == 2)
        }
        #expect(call.caller.terminal.askedPage == 2)
    }

    @Test(arguments: Self.media) func senderThatLeavesBeforeItsPageSendsNone(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium)
        try call.run(until: { $0.caller.sentFrames.contains("DCS") })
        #expect(call.caller.terminal.hasTransmitted)
        call.caller.terminal.leave()
        try call.run()
        #expect(call.caller.end.map { $0.code } == T30Result.left)
        #expect(call.caller.sentFrames.last == "DCN")
        #expect(call.called.pages.isEmpty)
        #expect(call.called.end.map { $0.code != 0 } == true)
        #expect(call.called.terminal.trace.last?.name == "DCN")
    }

    @Test(arguments: Self.media) func senderThatSaidNothingLeavesWithoutAWord(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium)
        call.caller.terminal.leave()
        try call.carry()
        #expect(call.caller.end.map { $0.code } == T30Result.callDropped)
        #expect(!call.caller.terminal.hasTransmitted)
        #expect(call.caller.sentFrames.isEmpty)
    }

    /// The page under way is given up by T.30 itself.
    @Test func senderThatHearsNothingMoreEnds() throws {
        let call = try SimulatedCall(sending: pages)
        try call.run(until: { $0.caller.pages.count == 1 })
        call.caller.terminal.leave()
        call.tamper = { _, _ in nil }
        try call.run(minutes: 5)
        #expect(call.caller.end.map { $0.code != 0 && $0.pages == 1 } == true)
    }

    /// There is nothing that it could say without turning the line round.
    @Test func receiverThatLeavesFallsSilent() throws {
        let call = try SimulatedCall(sending: pages)
        try call.run(until: { $0.caller.pages.count == 1 })
        call.called.terminal.leave()
        try call.run(minutes: 5)
        #expect(call.called.end.map { $0.code } == T30Result.callDropped)
        #expect(call.called.pages.count == 1)
        #expect(call.caller.end.map { $0.code != 0 && $0.pages == 1 } == true)
    }

    @Test(arguments: Self.media) func aHangUpEndsTheLeaving(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium)
        try call.run(until: { $0.caller.sentFrames.contains("DCS") })
        call.caller.terminal.leave()
        call.caller.terminal.hangUp()
        try call.carry()
        #expect(call.caller.end.map { $0.code } == T30Result.left)
    }

    /// What is said of the state is said before the frame leaves: a record of it can be made first.
    @Test(arguments: Self.media) func theLastCommandIsKnownBeforeItIsSent(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium)
        var asked: [Int?] = []
        try call.run(until: {
            if !$0.caller.terminal.hasTransmitted { #expect($0.called.terminal.trace.allSatisfy { !$0.isIncoming }) }
            if $0.called.sentFrames.last == "MCF", $0.caller.terminal.askedPage != asked.last { asked.append($0.caller.terminal.askedPage) }
            return false
        })
        #expect(asked == [nil, 2] || asked == [2])
        #expect(call.caller.end.map { $0.code } == 0)
    }
}
