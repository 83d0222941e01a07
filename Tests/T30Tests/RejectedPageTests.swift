import FaxModel
import T30
import Telefax
import Testing

/// A page that the far machine refuses (RTN, T.30 5.3.6.1.8) is not taken for confirmed, and nothing is sent in its place.
@Suite struct RejectedPageTests {
    /// A call without error correction, of whose first page a third is lost on the way.
    private func damaged(pages: Int, documents: [Int]) throws -> SimulatedCall {
        let call = try SimulatedCall(
            sending: (1...pages).map { TestPages.text($0) }, over: .t38(redundancy: 0), errorCorrection: false, documents: documents)
        var count = 0
        call.tamper = { [unowned call] isFromCaller, datagram in
            // Not commands, which are short, and not the training before the page.
            guard isFromCaller, datagram.count > 40, call.called.sentFrames.contains("CFR"), call.caller.pages.isEmpty else {
                return datagram
            }
            count += 1
            return count % 3 == 0 ? nil : datagram
        }
        return call
    }

    @Test(arguments: [(1, []), (2, []), (2, [1, 1]), (3, [1, 2])])
    func nothingIsSentInItsPlace(pages: Int, documents: [Int]) throws {
        let call = try damaged(pages: pages, documents: documents)
        try call.run(minutes: 10)
        #expect(call.called.sentFrames.filter { $0 == "RTN" }.count == 1)
        #expect(call.caller.pages.isEmpty)
        #expect(call.caller.end.map { $0.code } == T30Result.rejectedPage)
        #expect(call.caller.end.map { $0.pages } == 0)
        #expect(call.caller.sentFrames.last == "DCN")
        #expect(call.called.end.map { $0.code } != 0)
    }

    /// libspandsp 0.0.6 would wait for ever.
    @Test(arguments: [SimulatedCall.Medium.t38(), .audio(.mu)])
    func aMachineThatIsSilentAfterADocumentIsNotWaitedForWithoutEnd(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: [TestPages.text(1, rows: 300), TestPages.text(2)], over: medium, documents: [1, 1])
        call.tamper = { [unowned call] isFromCaller, datagram in
            isFromCaller || call.caller.pages.isEmpty ? datagram : nil
        }
        try call.run(minutes: 10) { $0.caller.end != nil }
        #expect(call.caller.pages.map(\.page) == [0])
        #expect(call.caller.end.map { $0.code } == T30Result.silentAfterDocument)
        #expect(call.milliseconds < 180_000)
    }
}
