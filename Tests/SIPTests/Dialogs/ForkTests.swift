import SIP
import Testing

/// Several answers to one INVITE (RFC 3261 13.2.2.4).
@Suite(.timeLimit(.minutes(10))) struct ForkTests {
    private func requests(_ count: Int, of peer: BenchPeer) async throws -> [String] {
        var log: [String] = []
        while log.count < count {
            guard case .request(let request) = try await peer.wire.next({ _ in true }) else { throw Unexpected() }
            log.append("\(request.method.rawValue) \(request.headers.to?.tag ?? "")")
        }
        return log
    }

    @Test func earlyDialogsAreDroppedAndEachOtherAnswerIsHungUpOnce() async throws {
        let peer = try await BenchPeer()
        let (call, invite) = try await peer.callOut()
        for (status, tag) in [(180, "a"), (183, "b"), (180, "c")] { peer.respond(status, to: invite, tag: tag) }
        for event in ["provisional 180", "provisional 183", "provisional 180"] { #expect(try await call.next() == event) }
        for tag in ["b", "a", "c", "a", "b"] { peer.respond(200, to: invite, tag: tag, body: "sdp \(tag)") }
        #expect(try await call.next() == "answered sdp b")
        #expect(try await requests(7, of: peer) == ["ACK b", "ACK a", "BYE a", "ACK c", "BYE c", "ACK a", "ACK b"])
        await peer.close()
    }

    @Test func aBranchThatAnswersAfterTheCallIsHungUpToo() async throws {
        let peer = try await BenchPeer()
        let (call, invite) = try await peer.callOut()
        peer.respond(200, to: invite, tag: "first")
        #expect(try await call.next() == "answered ")
        await call.call.hangUp()
        peer.respond(200, to: invite, tag: "late")
        // The winner did not get its ACK.
        peer.respond(200, to: invite, tag: "first")
        #expect(try await requests(5, of: peer) == ["ACK first", "BYE first", "ACK late", "BYE late", "ACK first"])
        // After 64 x T1 nothing more can come, and nothing is kept.
        await peer.clock.advance(by: .seconds(33))
        peer.respond(200, to: invite, tag: "later")
        let response = try await peer.exchange(.options)
        #expect(response.status == 481)
        await peer.clock.advance(by: .seconds(64))
        #expect(peer.clock.pendingCount == 0)
        await peer.close()
    }

    @Test func anAnswerAfterACancelThatWasGivenUpIsHungUp() async throws {
        let peer = try await BenchPeer()
        let (call, invite) = try await peer.callOut()
        peer.respond(180, to: invite)
        #expect(try await call.next() == "provisional 180")
        await call.call.hangUp(reason: .q850(16, text: "no \"more\""))
        let cancel = try await peer.nextRequest(.cancel)
        #expect(cancel.headers["Reason"] == "Q.850;cause=16;text=\"no \\\"more\\\"\"")
        peer.respond(200, to: cancel)
        #expect(try await peer.exchange(.options).status == 481)
        await peer.clock.advance(by: .seconds(32))
        #expect(try await call.next() == "ended localHangUp")
        peer.respond(200, to: invite, tag: "late")
        #expect(try await requests(2, of: peer) == ["ACK late", "BYE late"])
        await peer.close()
    }

    @Test func branchesAreBounded() async throws {
        let peer = try await BenchPeer()
        let (call, invite) = try await peer.callOut()
        for number in 0..<200 { peer.respond(200, to: invite, tag: "t\(number)") }
        #expect(try await call.next() == "answered ")
        peer.send(peer.request(.options))
        var byes = 0
        while true {
            let message = try await peer.wire.next { $0.isRequest(.bye) || $0.isResponse(481, to: .options) }
            guard message.isRequest(.bye) else { break }
            byes += 1
        }
        #expect(byes == 63)
        await peer.close()
    }

    @Test func reliableProvisionalResponsesAreNeitherAskedForNorTaken() async throws {
        let peer = try await BenchPeer()
        let (_, invite) = try await peer.callOut()
        #expect(!invite.headers.list("Supported").contains("100rel"))
        await peer.close()
        let other = try await BenchPeer()
        let response = try await other.exchange(.invite, [("Require", "timer, 100rel, x")], body: BenchPeer.offer)
        #expect(response.status == 420)
        #expect(response.headers["Unsupported"] == "100rel, x")
        await other.close()
    }
}
