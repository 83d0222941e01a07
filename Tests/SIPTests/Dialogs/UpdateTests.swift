import SIP
import Testing

/// UPDATE (RFC 3311) and who gives way to whom (RFC 3261 14).
@Suite(.timeLimit(.minutes(10))) struct UpdateTests {
    private let changed = BenchPeer.offer.replacing("4711 1", with: "4711 2").replacing("audio 14000", with: "audio 15000")

    @Test func anOfferOfThePeerIsReportedAndAnswered() async throws {
        let peer = try await BenchPeer()
        let (call, _) = try await peer.callIn()
        peer.send(peer.request(.update, body: changed))
        #expect(try await call.next() == "reinvite " + changed)
        let responder = try #require(call.responder)
        await responder.answer(body: Array("v=0 mine".utf8))
        let response = try await peer.wire.nextResponse()
        #expect(response.status == 200)
        #expect(response.headers.cseq?.method == .update)
        #expect(response.body == Array("v=0 mine".utf8))
        #expect(response.headers.contact?.uri.host == "192.0.2.20")
        // A second answer is none, and no ACK is waited for.
        await responder.reject(status: 488)
        await peer.clock.advance(by: .seconds(40))
        #expect(try await peer.exchange(.bye).status == 200)
        #expect(try await call.next() == "ended remoteHangUp")
        await peer.close()
    }

    @Test func anOfferOfThePeerIsRefused() async throws {
        let peer = try await BenchPeer()
        let (call, _) = try await peer.callIn()
        peer.send(peer.request(.update, body: changed))
        #expect(try await call.next() == "reinvite " + changed)
        await call.responder?.reject(status: 488)
        #expect(try await peer.wire.nextResponse().status == 488)
        // What was in force is in force: the same again is a change, the old one is a refresh.
        let refresh = try await peer.exchange(.update, body: BenchPeer.offer)
        #expect(refresh.body == Array(BenchPeer.answer.utf8))
        await peer.close()
    }

    @Test func whatIsOutOfPlaceIsRefused() async throws {
        let peer = try await BenchPeer()
        #expect(try await peer.exchange(.update).status == 481)
        let (call, _) = try await peer.callIn()
        #expect(try await peer.exchange(.update, [("Require", "100rel")]).status == 420)
        #expect(try await peer.exchange(.update, [("Session-Expires", "20"), ("Supported", "timer")]).status == 422)
        peer.send(peer.request(.update, sequence: 1))
        #expect(try await peer.wire.nextResponse().status == 500)
        // An offer waits for its answer; every other one has to come later (RFC 3311 5.2, RFC 3261 14.2).
        peer.send(peer.request(.update, body: changed))
        #expect(try await call.next() == "reinvite " + changed)
        for method in [SIPMethod.update, .invite] {
            let response = try await peer.exchange(method, body: changed)
            #expect(response.status == 500)
            #expect((0...10).contains(response.headers.retryAfter ?? -1))
        }
        await #expect(throws: ReinviteFailure(status: 491)) { try await call.call.update(body: [1]) }
        await #expect(throws: ReinviteFailure(status: 491)) { try await call.call.reinvite(body: [1]) }
        // BYE settles it.
        peer.send(peer.request(.bye))
        #expect(try await peer.wire.nextResponse().status == 200)
        #expect(try await peer.wire.nextResponse().status == 487)
        #expect(try await call.next() == "ended remoteHangUp")
        await peer.close()
    }

    @Test func ourOfferIsSentAndItsAnswerReturned() async throws {
        let peer = try await BenchPeer()
        let (call, _) = try await peer.callIn()
        let change = call.update("v=0 new")
        let update = try await peer.nextRequest(.update)
        #expect(update.headers.cseq?.number == 1)
        #expect(update.headers["Content-Type"] == "application/sdp")
        // While ours is on its way the peer's is glare, in either form; a refresh is not.
        #expect(try await peer.exchange(.update, body: changed).status == 491)
        #expect(try await peer.exchange(.invite, body: changed).status == 491)
        #expect(try await peer.exchange(.update).status == 200)
        await #expect(throws: ReinviteFailure(status: 491)) { try await call.call.update(body: []) }
        peer.respond(200, to: update, body: "v=0 yes")
        #expect(await change.value == .success("v=0 yes"))
        // Now both are in force: the peer's again is a refresh.
        #expect(try await peer.exchange(.update, body: "v=0 yes").body == Array("v=0 new".utf8))
        await peer.close()
    }

    @Test func ourReinviteMakesThePeersOfferGlare() async throws {
        let peer = try await BenchPeer()
        let (call, _) = try await peer.callIn()
        let change = call.reinvite("v=0 new")
        let invite = try await peer.nextRequest(.invite)
        #expect(try await peer.exchange(.update, body: changed).status == 491)
        #expect(try await peer.exchange(.invite, body: changed).status == 491)
        #expect(try await peer.exchange(.update).status == 200)
        peer.respond(491, to: invite)
        #expect(await change.value == .failure(ReinviteFailure(status: 491)))
        // The peer may now.
        peer.send(peer.request(.invite, body: changed))
        #expect(try await call.next() == "reinvite " + changed)
        await call.responder?.answer(body: Array("v=0 ok".utf8))
        await peer.close()
    }

    @Test(arguments: [(408, true), (481, true), (488, false), (491, false), (405, false)])
    func ourOfferIsRefused(status: Int, isCallOver: Bool) async throws {
        let peer = try await BenchPeer()
        let (call, _) = try await peer.callIn()
        let change = call.update("v=0 new")
        peer.respond(status, to: try await peer.nextRequest(.update))
        #expect(await change.value == .failure(ReinviteFailure(status: status, isCallOver: isCallOver)))
        if isCallOver { #expect(try await call.next() == "ended lost") }
        await peer.close()
    }

    @Test func aHangUpSettlesOurOffer() async throws {
        let peer = try await BenchPeer()
        let (call, _) = try await peer.callIn()
        let change = call.update("v=0 new")
        _ = try await peer.nextRequest(.update)
        await call.call.hangUp()
        #expect(await change.value == .failure(ReinviteFailure(status: 481, isCallOver: true)))
        await #expect(throws: ReinviteFailure(status: 481, isCallOver: true)) { try await call.call.update(body: []) }
        await peer.close()
    }

    @Test func anUpdateMovesTheTarget() async throws {
        let peer = try await BenchPeer()
        let (call, _) = try await peer.callIn()
        var update = peer.request(.update)
        update.headers.set("Contact", "<sip:moved@192.0.2.77:5077>")
        peer.send(update)
        #expect(try await peer.wire.nextResponse().status == 200)
        await call.call.hangUp()
        #expect(try await peer.nextRequest(.bye).uri.text == "sip:moved@192.0.2.77:5077")
        await peer.close()
    }

    /// Our 200 with an offer waits for its answer in the ACK; until then the peer's offer is glare.
    @Test func anOfferInOur200IsAnOfferToo() async throws {
        let peer = try await BenchPeer()
        let (call, _) = try await peer.callIn()
        peer.send(peer.request(.invite))
        #expect(try await call.next() == "reinvite ")
        await call.responder?.answer(body: Array("v=0 offer".utf8))
        #expect(try await peer.wire.nextResponse().body == Array("v=0 offer".utf8))
        let number = peer.sequence
        #expect(try await peer.exchange(.update, body: changed).status == 491)
        peer.send(peer.request(.ack, sequence: number, body: "v=0 late answer"))
        #expect(try await call.next() == "acknowledged v=0 late answer")
        #expect(try await peer.exchange(.update, body: "v=0 late answer").body == Array("v=0 offer".utf8))
        await peer.close()
    }
}
