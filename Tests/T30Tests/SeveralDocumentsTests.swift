import FaxModel
import T30
import Telefax
import Testing

/// Several documents in one call: EOM after each but the last (T.30 5.3.6.1.6).
@Suite struct SeveralDocumentsTests {
    private let pages = (1...5).map { TestPages.text($0) }
    private static let media: [SimulatedCall.Medium] = [.t38(), .t38(version: 0, isUnpaced: true), .audio(.mu)]

    private static func mark(_ event: T30Event) -> String? {
        switch event {
        case .page: "page"
        case .documentBegan: "document"
        default: nil
        }
    }

    @Test(arguments: Self.media, [true, false])
    func eachDocumentArrivesWithItsEnd(medium: SimulatedCall.Medium, errorCorrection: Bool) throws {
        let call = try SimulatedCall(sending: pages, over: medium, errorCorrection: errorCorrection, documents: [2, 1, 2])
        try call.run(minutes: 10)
        #expect(call.received == pages)
        for end in [call.caller, call.called] {
            #expect(end.pages.map(\.page) == [0, 1, 2, 3, 4])
            #expect(end.end.map { $0.code } == 0)
            #expect(end.end.map { $0.pages } == 5)
        }
        #expect(call.caller.pages.map(\.isLast) == [false, true, true, false, true])
        #expect(call.called.pages.map(\.isLast) == [false, false, false, false, true])
        // Known before the first page of the next one comes.
        #expect(call.called.events.compactMap(Self.mark) == ["page", "page", "document", "page", "document", "page", "page"])
        #expect(call.caller.events.compactMap(Self.mark) == ["page", "page", "page", "page", "page"])
        #expect(call.caller.sentFrames.filter { $0 == "DCS" }.count == 3)
    }

    /// A sender says EOM there too (T.30 5.3.6.1.6), and it is one document all the same.
    @Test(arguments: Self.media)
    func anotherResolutionIsNoOtherDocument(medium: SimulatedCall.Medium) throws {
        let pages = [TestPages.text(1), TestPages.text(2, resolution: .fine), TestPages.text(3, resolution: .fine)]
        let call = try SimulatedCall(sending: pages, over: medium)
        try call.run(minutes: 10)
        #expect(call.received == pages)
        #expect(call.caller.sentFrames.filter { $0 == "DCS" }.count == 2)
        #expect(call.called.events.compactMap(Self.mark) == ["page", "page", "page"])
        #expect(call.called.pages.map(\.isLast) == [false, false, true])
    }
}
