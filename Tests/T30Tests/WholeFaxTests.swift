import FaxModel
import T30
import Telefax
import Testing

@Suite struct WholeFaxTests {
    private let pages = [TestPages.text(1), TestPages.dense(), TestPages.text(3, resolution: .superfine)]

    @Test(arguments: [.t38(), .audio()] as [SimulatedCall.Medium])
    func threePagesArriveIdentical(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium)
        try call.run()
        #expect(call.caller.end?.code == 0)
        #expect(call.caller.end?.pages == 3)
        #expect(call.called.end?.code == 0)
        #expect(call.called.end?.pages == 3)
        #expect(call.received == pages)
        #expect(call.caller.pages.map(\.page) == [0, 1, 2])
        #expect(call.called.pages.map(\.page) == [0, 1, 2])
        #expect(call.called.pages.allSatisfy { $0.errorCorrection && $0.badRows == 0 })
        #expect(call.caller.negotiations.last?.remoteIdentifier == "+1 555 123 0102")
        #expect(call.called.negotiations.last?.remoteIdentifier == "+1 555 123 0101")
        #expect(call.caller.pages.map(\.isLast) == [false, false, true])
        #expect(call.called.pages.map(\.isLast) == [false, false, true])
        #expect(call.caller.negotiations.map(\.bitRate) == [14400])
        #expect(call.called.negotiations.map(\.bitRate) == [14400])
        #expect(call.caller.pages.allSatisfy { $0.retries == 0 })
    }

    @Test(arguments: Resolution.allCases, [.t38(), .audio()] as [SimulatedCall.Medium])
    func everyResolution(resolution: Resolution, medium: SimulatedCall.Medium) throws {
        let pages = [TestPages.text(5, rows: 400, resolution: resolution)]
        let call = try SimulatedCall(sending: pages, over: medium)
        try call.run()
        #expect(call.caller.end?.code == 0)
        #expect(call.received == pages)
        let command = call.called.terminal.trace.first { $0.name == "DCS" }
        #expect(command?.note == "V.17 14400 ECM T.6 \(resolution.rawValue)")
    }

    @Test func blackUpToTheEdgesArrivesIdentical() throws {
        let call = try SimulatedCall(sending: [TestPages.edges()])
        try call.run()
        #expect(call.caller.end?.code == 0)
        #expect(call.received == [TestPages.edges()])
    }

    @Test(arguments: [(14400, 14400), (9600, 9600), (4800, 4800)])
    func rateKeepsToTheGatewaysLimit(limit: Int, used: Int) throws {
        let call = try SimulatedCall(sending: [TestPages.text(1, rows: 200)], maximumBitRate: limit)
        try call.run()
        #expect(call.caller.end?.code == 0)
        #expect(call.caller.pages.map(\.bitRate) == [used])
    }

    @Test(arguments: [0, 1, 2, 3])
    func everyVersionOfT38(version: Int) throws {
        let call = try SimulatedCall(sending: [TestPages.text(1, rows: 200)], over: .t38(version: version))
        try call.run()
        #expect(call.caller.end?.code == 0)
        #expect(call.called.end?.code == 0)
        #expect(call.received == [TestPages.text(1, rows: 200)])
    }

    @Test(arguments: [.t38(), .audio()] as [SimulatedCall.Medium])
    func withoutErrorCorrection(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium, errorCorrection: false)
        try call.run()
        #expect(call.caller.end?.code == 0)
        #expect(call.caller.pages.allSatisfy { !$0.errorCorrection })
        #expect(call.received == pages)
    }

    @Test func firstPacketIsNoSignal() throws {
        let call = try SimulatedCall(sending: [TestPages.text(1, rows: 200)])
        try call.run(until: { $0.milliseconds >= 10 })
        #expect((call.caller as? T38End)?.firstPacket == [0])
        #expect((call.called as? T38End)?.firstPacket == [0])
    }

    @Test(arguments: [.t38(), .audio()] as [SimulatedCall.Medium])
    func resumedCallCountsInTheDocument(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium, firstPage: 1)
        try call.run()
        #expect(call.caller.end?.code == 0)
        #expect(call.caller.end?.pages == 2)
        #expect(call.caller.pages.map(\.page) == [1, 2])
        #expect(call.called.pages.map(\.page) == [0, 1])
        #expect(call.received == Array(pages[1...]))
    }

    @Test func unpacedCallIsOverInAMoment() throws {
        // One resolution: a change of it is an EOM, after which T.30 has the receiver wait for T2, 7 seconds.
        let pages = [TestPages.text(1, resolution: .fine), TestPages.dense(), TestPages.edges()]
        let call = try SimulatedCall(sending: pages, over: .t38(isUnpaced: true))
        try call.run()
        #expect(call.caller.end?.code == 0)
        #expect(call.called.end?.code == 0)
        #expect(call.received == pages)
        #expect(call.milliseconds < 1_000)
    }

    @Test func missingDocumentAndPageAreErrors() throws {
        let empty = try TemporaryDocument()
        #expect(throws: FaxTerminal.Failure.unreadableDocument) {
            try T38FaxTerminal(T30Settings(isCaller: true, document: .send(path: empty.path, firstPage: 0)))
        }
        #expect(throws: FaxTerminal.Failure.unreadableDocument) {
            try SimulatedCall(sending: pages, firstPage: 3)
        }
        #expect(throws: FaxTerminal.Failure.unreadableDocument) {
            try SimulatedCall(sending: pages, firstPage: -1)
        }
    }

    @Test func everyCodeHasWords() {
        for code in Array(0...61) + Array(100...107) + [999] { #expect(T30Result.meaning(of: code).hasSuffix(".")) }
    }
}
