import SIP
import Testing

@Suite(.timeLimit(.minutes(10))) struct UserAgentReinviteTests {
    @Test func aRefusedReinviteLeavesTheSessionAlone() async throws {
        let pair = try await AgentPair()
        let (out, answered) = try await pair.establish()
        let change = answered.reinvite("image")
        #expect(try await out.next() == "reinvite image")
        await out.responder?.reject(status: 488)
        #expect(await change.value == .failure(ReinviteFailure(status: 488)))
        // The call goes on: the next one succeeds.
        let again = answered.reinvite("audio")
        #expect(try await out.next() == "reinvite audio")
        await out.responder?.answer(body: Array("yes".utf8))
        #expect(await again.value == .success("yes"))
        await pair.shutdown()
    }

    @Test func bothSidesAtOnceIsGlare() async throws {
        let pair = try await AgentPair()
        let (out, answered) = try await pair.establish()
        // The caller's re-INVITE is under way but has not arrived when the callee sends its own.
        pair.callerWire.lose { $0.isRequest(.invite) }
        let callers = out.reinvite("mine")
        await pair.callerWire.wait(for: 2) { $0.isRequest(.invite) }
        let failure = await #expect(throws: ReinviteFailure.self) {
            try await answered.call.reinvite(body: Array("other".utf8))
        }
        #expect(failure?.isGlare == true)
        #expect(pair.callerWire.count { $0.isResponse(491) } == 1)
        for _ in 0..<50 {
            #expect((Duration.milliseconds(2_100)...Duration.seconds(4)).contains(await out.call.glareDelay()))
            #expect((Duration.zero...Duration.seconds(2)).contains(await answered.call.glareDelay()))
        }
        // The caller's own goes through when it is repeated.
        pair.callerWire.heal()
        await pair.clock.advance(by: .milliseconds(500))
        #expect(try await answered.next() == "reinvite mine")
        // While it waits for the answer, the other side may not start one.
        await #expect(throws: ReinviteFailure(status: 491)) { try await answered.call.reinvite(body: []) }
        await answered.responder?.answer(body: Array("yes".utf8))
        #expect(await callers.value == .success("yes"))
        await pair.shutdown()
    }

    @Test func aReinviteWithoutAnswerEndsTheCall() async throws {
        let pair = try await AgentPair()
        let (out, answered) = try await pair.establish()
        pair.callerWire.lose { $0.isRequest(.invite) }
        let change = out.reinvite("image")
        await pair.callerWire.wait(for: 2) { $0.isRequest(.invite) }
        await pair.clock.advance(by: .seconds(32))
        #expect(await change.value == .failure(ReinviteFailure(status: 408, isCallOver: true)))
        #expect(try await out.next() == "ended lost")
        #expect(try await answered.next() == "ended remoteHangUp")
        await pair.shutdown()
    }

    @Test func aHangUpSettlesAnOpenReinvite() async throws {
        let pair = try await AgentPair()
        let (out, answered) = try await pair.establish()
        let change = answered.reinvite("image")
        #expect(try await out.next() == "reinvite image")
        let responder = try #require(out.responder)
        await out.call.hangUp()
        #expect(await change.value == .failure(ReinviteFailure(status: 487)))
        #expect(try await answered.next() == "ended remoteHangUp")
        // Too late: nothing is sent.
        await responder.answer(body: Array("late".utf8))
        #expect(pair.callerWire.count { $0.isResponse(200) } == 0)
        #expect(pair.callerWire.count { $0.isResponse(487) } == 1)
        await pair.shutdown()
    }
}
