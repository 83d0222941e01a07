import SIP
import Testing

@Suite struct DialogTests {
    private func invite() throws -> SIPRequest {
        guard case .request(let request) = try SIPParser().parse(SampleMessages.invite) else { throw Unexpected() }
        return request
    }

    private func success(routes: [String]) throws -> SIPResponse {
        var response = try invite().response(200, toTag: "t1")
        for route in routes { response.headers.add("Record-Route", route) }
        response.headers.add("Contact", "<sip:far@192.0.2.20:5062>")
        return response
    }

    @Test func theCallerReversesTheRecordedRoute() throws {
        let response = try success(routes: ["<sip:p2;lr>, <sip:p1;lr>"])
        var dialog = try #require(Dialog(caller: invite(), response: response))
        let bye = dialog.makeRequest(.bye)
        #expect(bye.uri.text == "sip:far@192.0.2.20:5062")
        #expect(bye.headers.list("Route") == ["<sip:p1;lr>", "<sip:p2;lr>"])
        #expect(bye.headers.cseq == CSeq(number: 2, method: .bye))
        #expect(bye.headers.from?.tag == "f1")
        #expect(bye.headers.to?.tag == "t1")
        #expect(dialog.nextHop.host == "p1")
        #expect(dialog.makeACK(sequence: 1).headers.cseq == CSeq(number: 1, method: .ack))
        #expect(dialog.makeRequest(.bye).headers.cseq?.number == 3)
    }

    @Test func aStrictRouterTakesTheRequestURI() throws {
        let response = try success(routes: ["<sip:p2;lr>", "<sip:p1>"])
        var dialog = try #require(Dialog(caller: invite(), response: response))
        let bye = dialog.makeRequest(.bye)
        #expect(bye.uri.text == "sip:p1")
        #expect(bye.headers.list("Route") == ["<sip:p2;lr>", "<sip:far@192.0.2.20:5062>"])
    }

    @Test func theCalleeKeepsTheOrderAndSwapsTheAddresses() throws {
        var request = try invite()
        request.headers.add("Record-Route", "<sip:p1;lr>, <sip:p2;lr>")
        var dialog = try #require(Dialog(callee: request, localTag: "mine"))
        let bye = dialog.makeRequest(.bye)
        #expect(bye.headers.list("Route") == ["<sip:p1;lr>", "<sip:p2;lr>"])
        #expect(bye.headers.from?.tag == "mine")
        #expect(bye.headers.to?.tag == "f1")
        #expect(bye.uri.text == "sip:gw@192.0.2.10:5060")
        #expect(dialog.id == DialogID(callID: "one@192.0.2.10", localTag: "mine", remoteTag: "f1"))
    }

    @Test func sequenceNumbersMustGrow() throws {
        var dialog = try #require(Dialog(callee: invite(), localTag: "mine"))
        let taken = [1, 5, 4, 5, 6].map { dialog.accept(sequence: $0) }
        #expect(taken == [false, true, false, false, true])
    }

    @Test func aRefreshMovesTheTarget() throws {
        var dialog = try #require(Dialog(callee: invite(), localTag: "mine"))
        dialog.refreshTarget(from: SIPHeaders([SIPHeaders.Field("Contact", "<sip:new@192.0.2.30>")]))
        #expect(dialog.makeRequest(.bye).uri.host == "192.0.2.30")
        dialog.refreshTarget(from: SIPHeaders([SIPHeaders.Field("Contact", "<tel:+15551230103>")]))
        #expect(dialog.remoteTarget.host == "192.0.2.30")
    }

    @Test func anInviteWithoutContactMakesNoDialog() throws {
        var request = try invite()
        request.headers.remove("Contact")
        #expect(Dialog(callee: request, localTag: "mine") == nil)
    }
}
