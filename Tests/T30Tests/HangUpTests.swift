import FaxModel
import T30
import Telefax
import Testing

/// Ends of calls that are not T.30's own.
@Suite struct HangUpTests {
    private let pages = [TestPages.text(1), TestPages.text(2), TestPages.text(3)]

    @Test func receiverHangsUpInMidPage() throws {
        let call = try SimulatedCall(sending: pages)
        try call.run(until: { $0.called.pages.count == 1 })
        let confirmed = call.milliseconds
        try call.run(until: { $0.milliseconds > confirmed + 8_000 })
        call.called.terminal.hangUp()
        call.caller.terminal.hangUp()
        try call.carry()
        #expect(call.called.end?.code == T30Result.callDropped)
        #expect(call.called.end?.pages == 1)
        #expect(call.caller.end?.code == T30Result.callDropped)
        #expect(call.caller.end?.pages == 1)
        #expect(call.received == [pages[0]])
    }

    @Test func farEndFallsSilentInMidPage() throws {
        let call = try SimulatedCall(sending: pages)
        try call.run(until: { $0.caller.pages.count == 1 })
        call.tamper = { _, _ in nil }
        try call.run()
        #expect(call.caller.end.map { $0.code != 0 && $0.pages == 1 } == true)
        #expect(call.called.end.map { $0.code != 0 && $0.pages == 1 } == true)
    }

    @Test func hangUpBeforeAnythingWasHeard() throws {
        let call = try SimulatedCall(sending: pages)
        call.caller.terminal.hangUp()
        try call.carry()
        #expect(call.caller.end?.code == T30Result.callDropped)
        #expect(call.caller.end?.pages == 0)
    }

    /// The sender got the last MCF; the far end hangs up before or while our DCN goes out.
    @Test(arguments: [.t38(), .audio(.a)] as [SimulatedCall.Medium])
    func senderWithEveryPageConfirmedSucceeds(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium)
        try call.run(until: { $0.caller.pages.count == 3 })
        call.caller.terminal.hangUp()
        try call.carry()
        #expect(call.caller.end?.code == 0)
        #expect(call.caller.end?.pages == 3)
    }

    /// The receiver's last MCF is on the line and the far end hangs up without DCN, as Asterisk does.
    @Test(
        arguments: [
            .t38(version: 0), .t38(version: 1), .t38(version: 3), .t38(version: 0, isUnpaced: true),
            .t38(version: 3, isUnpaced: true), .audio(.mu),
        ] as [SimulatedCall.Medium])
    func receiverThatConfirmedTheLastPageSucceeds(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium)
        try call.run(until: { $0.caller.pages.count == 3 })
        call.called.terminal.hangUp()
        try call.carry()
        #expect(call.called.end?.code == 0)
        #expect(call.called.end?.pages == 3)
    }

    /// The last page is here, but its confirmation has not left.
    @Test(arguments: [.t38(), .audio(.a)] as [SimulatedCall.Medium])
    func receiverThatDidNotConfirmTheLastPageFails(medium: SimulatedCall.Medium) throws {
        let call = try SimulatedCall(sending: pages, over: medium)
        try call.run(until: { $0.called.pages.count == 3 })
        call.called.terminal.hangUp()
        try call.carry()
        #expect(call.called.end?.code == T30Result.callDropped)
        #expect(call.caller.pages.count == 2)
    }

    /// The confirmation of one page of several is no end of the document.
    @Test func receiverThatConfirmedAMiddlePageFails() throws {
        let call = try SimulatedCall(sending: pages)
        try call.run(until: { $0.caller.pages.count == 2 })
        call.called.terminal.hangUp()
        try call.carry()
        #expect(call.called.end?.code == T30Result.callDropped)
        #expect(call.called.end?.pages == 2)
    }

    @Test func nothingComesAfterTheEnd() throws {
        let call = try SimulatedCall(sending: [TestPages.text(1, rows: 200)])
        try call.run()
        call.caller.advance(milliseconds: 20)
        call.caller.receive([0, 200, 3, 0xC0, 1, 0x40, 0, 0])
        call.caller.terminal.hangUp()
        #expect(call.caller.terminal.takeEvents().isEmpty)
    }

    /// DCS bits 17 and 18 both set name a page width that does not exist; libspandsp 0.0.6 crashes on its first page.
    @Test func reservedPageWidthIsRefused() throws {
        let call = try SimulatedCall(sending: [TestPages.text(1, rows: 200)], over: .t38(redundancy: 0))
        // Octets of the HDLC frame that passed, and whether it is a DCS. Paced V.21 packets bring one octet each, in
        // line order: FF C8 41 (or C1) is a DCS, and the first two bits of its sixth octet are the width.
        var position = 0
        var isDCS = false
        var forgeries = 0
        call.tamper = { isFromCaller, datagram in
            guard isFromCaller, var forged = UDPTLDatagram(datagram), forged.primary.first == 0xC0 else {
                return datagram
            }
            guard forged.primary.count == 6 else {
                position = 0
                return datagram
            }
            if position == 2 { isDCS = forged.primary[5] & 0x7F == 0x41 }
            if position == 5, isDCS {
                forged.primary[5] |= 0xC0
                forgeries += 1
            }
            position += 1
            return forged.encoded
        }
        try call.run(minutes: 5)
        #expect(forgeries > 0)
        #expect(call.called.end?.code == 8)
        #expect(call.called.end?.pages == 0)
        #expect(call.caller.end?.code != 0)
    }
}
