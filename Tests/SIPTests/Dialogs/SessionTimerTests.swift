import SIP
import Testing

/// RFC 4028 on the bench.
@Suite(.timeLimit(.minutes(10))) struct SessionTimerTests {
    @Test func valuesAreRead() {
        func value(_ text: String) -> SessionExpires? { SessionExpires(SIPHeaders([SIPHeaders.Field("x", text)])) }
        #expect(value("1800") == SessionExpires(seconds: 1_800, refresher: nil))
        #expect(value("90 ; refresher=UAC;x=y") == SessionExpires(seconds: 90, refresher: .uac))
        #expect(value("90;refresher=both") == SessionExpires(seconds: 90, refresher: nil))
        for text in ["", "soon", "99999999999", "90 refresher=uac", "-5"] { #expect(value(text) == nil, "\(text)") }
    }

    @Test func noneIsOfferedAndTheExtensionIsNamed() async throws {
        let peer = try await BenchPeer()
        let (_, invite) = try await peer.callOut()
        #expect(invite.headers["Session-Expires"] == nil)
        #expect(invite.headers["Supported"] == "timer")
        #expect(invite.headers["Allow"]?.contains("UPDATE") == true)
        await peer.close()
    }

    @Test func aTimerThatIsTooShortIsRefused() async throws {
        let peer = try await BenchPeer()
        let response = try await peer.exchange(.invite, [("Session-Expires", "60"), ("Supported", "timer")], body: BenchPeer.offer)
        #expect(response.status == 422)
        #expect(response.headers["Min-SE"] == "90")
        await peer.close()
    }

    @Test(arguments: [
        ([("Session-Expires", "1800;refresher=uac"), ("Supported", "timer")], "1800;refresher=uac", "timer"),
        ([("Session-Expires", "1800"), ("Supported", "100rel, timer")], "1800;refresher=uac", "timer"),
        ([("Session-Expires", "1800;refresher=uas"), ("Supported", "timer")], "1800;refresher=uas", nil),
        // A proxy wrote it for a caller that cannot refresh; it cannot be refused either.
        ([("Session-Expires", "60")], "60;refresher=uas", nil),
        ([("Require", "timer"), ("x", "90;refresher=uac")], "90;refresher=uac", "timer"),
        ([("Supported", "timer")], nil, nil),
    ])
    func theCallersWishIsHonoured(fields: [(String, String)], agreed: String?, required: String?) async throws {
        let peer = try await BenchPeer()
        let (_, response) = try await peer.callIn(fields)
        #expect(response.headers["Session-Expires"] == agreed)
        #expect(response.headers["Require"] == required)
        await peer.close()
    }

    @Test func weRefreshByUpdateWhenThePeerKnowsIt() async throws {
        let peer = try await BenchPeer()
        let call = try await peer.callOutAnswered([("Session-Expires", "200;refresher=uac"), ("Allow", "INVITE, UPDATE, BYE")])
        for _ in 0..<3 {
            await peer.clock.advance(by: .seconds(100))
            let update = try await peer.nextRequest(.update)
            #expect(update.body.isEmpty)
            #expect(update.headers["Session-Expires"] == "200;refresher=uac")
            peer.respond(200, to: update, [("Session-Expires", "200;refresher=uac")])
            await settle(peer)
        }
        // 300 s are over, and nothing was heard of it.
        #expect(try await peer.exchange(.bye).status == 200)
        #expect(try await call.next() == "ended remoteHangUp")
        await peer.close()
    }

    @Test func weRefreshByReinviteOtherwiseWithWhatIsInForce() async throws {
        let peer = try await BenchPeer()
        let (call, _) = try await peer.callIn([("Session-Expires", "200;refresher=uas"), ("Supported", "timer")])
        // A change that fails does not become what is in force.
        let change = call.reinvite("v=0")
        let refused = try await peer.nextRequest(.invite)
        #expect(refused.headers["Session-Expires"] == "200;refresher=uac")
        peer.respond(488, to: refused)
        #expect(await change.value == .failure(ReinviteFailure(status: 488)))

        await peer.clock.advance(by: .seconds(100))
        let refresh = try await peer.nextRequest(.invite)
        #expect(refresh.body == Array(BenchPeer.answer.utf8))
        peer.respond(200, to: refresh, [("Session-Expires", "200;refresher=uac")], body: BenchPeer.offer)
        _ = try await peer.nextRequest(.ack)
        // A change that succeeds does.
        let image = BenchPeer.answer.replacing("815 1", with: "815 2").replacing("audio 14000", with: "audio 14100")
        let second = call.reinvite(image)
        let accepted = try await peer.nextRequest(.invite)
        peer.respond(200, to: accepted, [("Session-Expires", "200;refresher=uac")], body: BenchPeer.offer)
        #expect(await second.value == .success(BenchPeer.offer))
        await peer.clock.advance(by: .seconds(100))
        #expect(try await peer.nextRequest(.invite).body == Array(image.utf8))
        await peer.close()
    }

    @Test func aRefreshThatIsRefusedIsTriedAgainUntilTheSessionExpires() async throws {
        let peer = try await BenchPeer()
        let call = try await peer.callOutAnswered([("Session-Expires", "200;refresher=uac"), ("Allow", "UPDATE")])
        await peer.clock.advance(by: .seconds(100))
        let first = try await peer.nextRequest(.update)
        // The peer does not know it after all: from now on by re-INVITE.
        peer.respond(501, to: first)
        let second = try await peer.nextRequest(.invite)
        peer.respond(503, to: second, [("Retry-After", "20")])
        await settle(peer)
        await peer.clock.advance(by: .seconds(20))
        let third = try await peer.nextRequest(.invite)
        // The peer wants a longer interval.
        peer.respond(422, to: third, [("Min-SE", "400")])
        let fourth = try await peer.nextRequest(.invite)
        #expect(fourth.headers["Session-Expires"] == "400;refresher=uac")
        #expect(fourth.headers["Min-SE"] == "400")
        peer.respond(503, to: fourth, [("Retry-After", "9999")])
        await settle(peer)
        await peer.clock.advance(by: .seconds(60))
        #expect(try await call.next() == "ended lost")
        let bye = try await peer.nextRequest(.bye)
        #expect(bye.headers["Reason"]?.hasPrefix("SIP;cause=408") == true)
        await peer.close()
    }

    @Test func aRefreshWithoutAnswerEndsTheCall() async throws {
        let peer = try await BenchPeer()
        let call = try await peer.callOutAnswered([("Session-Expires", "1800;refresher=uac"), ("Allow", "UPDATE")])
        await peer.clock.advance(by: .seconds(900 + 32))
        #expect(try await call.next() == "ended lost")
        await peer.close()
    }

    /// RFC 4028 10: 32 s before the end, or a third of the interval.
    @Test func aPeerThatDoesNotRefreshLosesTheCall() async throws {
        let peer = try await BenchPeer()
        let call = try await peer.callOutAnswered([("Session-Expires", "300;refresher=uas")])
        await peer.clock.advance(by: .seconds(267))
        // Still there: it refreshes at the last moment.
        #expect(try await peer.exchange(.update, [("Session-Expires", "300;refresher=uac"), ("Supported", "timer")]).status == 200)
        await peer.clock.advance(by: .seconds(267))
        #expect(try await peer.exchange(.options).status == 200)
        await peer.clock.advance(by: .seconds(1))
        #expect(try await call.next() == "ended lost")
        _ = try await peer.nextRequest(.bye)
        await peer.close()
    }

    @Test func aRefreshWithoutTimerEndsTheTimer() async throws {
        let peer = try await BenchPeer()
        let call = try await peer.callOutAnswered([("Session-Expires", "300;refresher=uas")])
        #expect(try await peer.exchange(.update).headers["Session-Expires"] == nil)
        await peer.clock.advance(by: .seconds(10_000))
        #expect(try await peer.exchange(.bye).status == 200)
        #expect(try await call.next() == "ended remoteHangUp")
        await peer.close()
    }

    /// What must not be heard of: the far end refreshes in every way there is, in mid-fax.
    @Test func aRefreshByThePeerTouchesNothing() async throws {
        let peer = try await BenchPeer()
        let (call, _) = try await peer.callIn()
        let image = imageOffer(version: 2)
        let change = call.reinvite(image)
        let invite = try await peer.nextRequest(.invite)
        let theirs = image.replacing("815", with: "4711").replacing("192.0.2.20", with: "192.0.2.10")
        peer.respond(200, to: invite, body: theirs)
        #expect(await change.value == .success(theirs))

        let timer = [("Session-Expires", "1800;refresher=uac"), ("Supported", "timer")]
        let next = theirs.replacing("4711 2", with: "4711 3")
        let last = next.replacing("T38MaxBitRate:14400", with: "T38MaxBitRate:9600")
        for body in [theirs, next, last] {
            let response = try await peer.exchange(.invite, timer, body: body)
            #expect(response.status == 200)
            #expect(response.body == Array(image.utf8))
            #expect(response.headers["Session-Expires"] == "1800;refresher=uac")
            peer.acknowledge()
        }
        let empty = try await peer.exchange(.update, timer)
        #expect(empty.status == 200)
        #expect(empty.body.isEmpty)
        let same = try await peer.exchange(.update, timer, body: last)
        #expect(same.body == Array(image.utf8))
        #expect(same.headers["Content-Type"] == "application/sdp")
        // A real change is heard of, also from a gateway that forgets to raise its version.
        peer.send(peer.request(.invite, body: last.replacing("image 14000 udptl t38", with: "audio 14000 RTP/AVP 8")))
        #expect(try await call.next().hasPrefix("reinvite v=0"))
        await call.responder?.reject(status: 488)
        await peer.close()
    }

    private func imageOffer(version: Int) -> String {
        """
        v=0
        o=- 815 \(version) IN IP4 192.0.2.20
        s=-
        c=IN IP4 192.0.2.20
        t=0 0
        m=image 14000 udptl t38
        a=T38FaxVersion:0
        a=T38MaxBitRate:14400

        """.replacingLineEnds
    }

    /// Returns when the agent has taken what was put on the wire before.
    private func settle(_ peer: BenchPeer) async {
        let response = try? await peer.exchange(.options)
        #expect(response?.status == 200)
    }
}
