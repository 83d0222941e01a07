import SIP
import Testing

/// What is known of a call's end: status, Retry-After, Reason.
@Suite(.timeLimit(.minutes(10))) struct CallFactsTests {
    @Test func aFailureTellsWhenToComeBackAndWhy() async throws {
        let peer = try await BenchPeer()
        let (call, invite) = try await peer.callOut()
        peer.respond(
            503, to: invite,
            [("Retry-After", "120 (maintenance);duration=9"), ("Reason", "Q.850;cause=34;text=\"no circuit\", SIP;cause=503")])
        #expect(try await call.next() == "rejected 503")
        let facts = call.call.facts
        #expect(facts.status == 503)
        #expect(facts.retryAfter == 120)
        #expect(facts.q850Cause == 34)
        #expect(facts.reasons == [.q850(34, text: "no circuit"), SIPReason(namespace: "SIP", cause: 503)])
        await peer.close()
    }

    /// A redirect is a way to send a fax to a stranger.
    @Test func aRedirectIsNotFollowedAndNotKept() async throws {
        let peer = try await BenchPeer()
        let (call, invite) = try await peer.callOut()
        peer.respond(302, to: invite, [("Contact", "<sip:+15551230199@192.0.2.66>;q=0.5")])
        #expect(try await call.next() == "rejected 302")
        #expect(call.call.facts.redirectCount == 2)
        #expect(call.call.facts.status == 302)
        await peer.close()
    }

    @Test(arguments: [
        ("Retry-After", "99999999999"), ("Retry-After", "soon"), ("Retry-After", "-4"), ("Reason", "Q.850;cause=-1"),
        ("Reason", "\"x"), ("Reason", ";;;,,,"), ("Reason", "Q.850;cause=\"16"), ("Reason", "Q.850;cause=999"),
    ])
    func nonsenseIsNoFact(name: String, value: String) async throws {
        let peer = try await BenchPeer()
        let (call, invite) = try await peer.callOut()
        peer.respond(486, to: invite, [(name, value)])
        #expect(try await call.next() == "rejected 486")
        #expect(call.call.facts.retryAfter == nil)
        #expect(call.call.facts.q850Cause == nil)
        await peer.close()
    }

    @Test func byeAndCancelTellTheirReason() async throws {
        let peer = try await BenchPeer()
        let (call, _) = try await peer.callIn()
        #expect(call.call.facts.reasons.isEmpty && call.call.facts.status == nil)
        #expect(try await peer.exchange(.bye, [("Reason", "Q.850 ;cause=31")]).status == 200)
        #expect(try await call.next() == "ended remoteHangUp")
        #expect(call.call.facts.q850Cause == 31)
        await peer.close()

        let second = try await BenchPeer()
        let invite = second.request(.invite, body: BenchPeer.offer)
        second.send(invite)
        var waiting = second.agent.incomingCalls.makeAsyncIterator()
        let incoming = try #require(await waiting.next())
        var cancel = second.request(.cancel, [("Reason", "SIP;cause=200;text=\"Call completed elsewhere\"")])
        cancel.headers.set("Via", invite.headers["Via"] ?? "")
        second.send(cancel)
        #expect(try await EventReader(incoming.call).next() == "ended remoteCancel")
        #expect(incoming.call.facts.reasons.first?.cause == 200)
        await second.close()
    }

    @Test func ourByeTellsItsReason() async throws {
        let peer = try await BenchPeer()
        let (call, _) = try await peer.callIn()
        await call.call.hangUp(reason: .q850(16))
        #expect(try await peer.nextRequest(.bye).headers["Reason"] == "Q.850;cause=16")
        await peer.close()
    }
}
