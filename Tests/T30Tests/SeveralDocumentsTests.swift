import FaxModel
import T30
import Telefax
import Testing

/// Several documents in one call: EOM after each but the last (T.30 5.3.6.1.6).
@Suite struct SeveralDocumentsTests {
    private let pages = (1...5).map { TestPages.text($0) }
    private static let media: [SimulatedCall.Medium] = [.t38(), .t38(version: 0, isUnpaced: true), .audio(.mu)]

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
        #expect(call.caller.sentFrames.filter { $0 == "DCS" }.count == 3)
    }
}
