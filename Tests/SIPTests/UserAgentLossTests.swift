import SIP
import Testing

@Suite(.timeLimit(.minutes(10))) struct UserAgentLossTests {
    @Test func aLostInviteIsRepeated() async throws {
        let pair = try await AgentPair()
        pair.callerWire.lose { $0.isRequest(.invite) }
        let out = EventReader(try await pair.invite())
        await pair.clock.advance(by: .milliseconds(1_499))
        #expect(pair.callerWire.count { $0.isRequest(.invite) } == 2)
        pair.callerWire.heal()
        await pair.clock.advance(by: .milliseconds(1))
        let incoming = try await pair.nextIncoming()
        _ = try await incoming.answer(body: Array("yes".utf8))
        #expect(try await out.next() == "answered yes")
        await pair.shutdown()
    }

    @Test func anInviteWithoutAnswerIsRejectedWith408() async throws {
        let pair = try await AgentPair()
        pair.callerWire.lose { _ in true }
        let out = EventReader(try await pair.invite())
        await pair.clock.advance(by: .seconds(32))
        #expect(try await out.next() == "rejected 408")
        #expect(pair.callerWire.count { $0.isRequest(.invite) } == 7)
        await pair.shutdown()
    }

    @Test func aRepeatedInviteIsOneCall() async throws {
        let pair = try await AgentPair()
        pair.calleeWire.lose { $0.isResponse(100) }
        let out = EventReader(try await pair.invite())
        let incoming = try await pair.nextIncoming()
        await pair.clock.advance(by: .milliseconds(500))
        await pair.calleeWire.wait(for: 2) { $0.isResponse(100) }
        let answered = EventReader(try await incoming.answer(body: Array("yes".utf8)))
        #expect(try await out.next() == "answered yes")
        #expect(try await answered.next() == "acknowledged ")
        await pair.callee.shutdown(grace: .zero)
        // No second call waits.
        for await _ in pair.callee.incomingCalls { Issue.record("a second call") }
        await pair.shutdown()
    }

    @Test func aLost200IsRepeated() async throws {
        let pair = try await AgentPair()
        let out = EventReader(try await pair.invite())
        let incoming = try await pair.nextIncoming()
        await incoming.ring()
        #expect(try await out.next() == "provisional 180")
        pair.calleeWire.lose { $0.isResponse(200) }
        let answered = EventReader(try await incoming.answer(body: Array("yes".utf8)))
        await pair.clock.advance(by: .milliseconds(500))
        #expect(pair.calleeWire.count { $0.isResponse(200) } == 2)
        pair.calleeWire.heal()
        await pair.clock.advance(by: .seconds(1))
        #expect(try await out.next() == "answered yes")
        #expect(try await answered.next() == "acknowledged ")
        let sent = pair.calleeWire.count { $0.isResponse(200) }
        await pair.clock.advance(by: .seconds(10))
        #expect(pair.calleeWire.count { $0.isResponse(200) } == sent)
        await pair.shutdown()
    }

    @Test func aLostACKIsSentAgain() async throws {
        let pair = try await AgentPair()
        pair.callerWire.lose { $0.isRequest(.ack) }
        let out = EventReader(try await pair.invite())
        let incoming = try await pair.nextIncoming()
        let answered = EventReader(try await incoming.answer(body: Array("yes".utf8)))
        #expect(try await out.next() == "answered yes")
        // BYE has to wait for the ACK.
        await answered.call.hangUp()
        #expect(pair.calleeWire.count { $0.isRequest(.bye) } == 0)
        pair.callerWire.heal()
        await pair.clock.advance(by: .milliseconds(500))
        #expect(try await answered.next() == "acknowledged ")
        #expect(try await answered.next() == "ended localHangUp")
        #expect(try await out.next() == "ended remoteHangUp")
        await pair.shutdown()
    }

    @Test func aCallThatIsNeverAcknowledgedEndsWithBye() async throws {
        let pair = try await AgentPair()
        pair.callerWire.lose { $0.isRequest(.ack) }
        let out = EventReader(try await pair.invite())
        let incoming = try await pair.nextIncoming()
        let answered = EventReader(try await incoming.answer(body: Array("yes".utf8)))
        #expect(try await out.next() == "answered yes")
        await pair.clock.advance(by: .seconds(32))
        #expect(try await answered.next() == "ended notAcknowledged")
        #expect(try await out.next() == "ended remoteHangUp")
        await pair.shutdown()
    }

    @Test func aCancelledCallWithoutAnyAnswerIsGivenUp() async throws {
        let pair = try await AgentPair()
        let out = EventReader(try await pair.invite())
        let incoming = try await pair.nextIncoming()
        await incoming.ring()
        #expect(try await out.next() == "provisional 180")
        pair.callerWire.lose { _ in true }
        await out.call.hangUp()
        await pair.clock.advance(by: .seconds(32))
        #expect(try await out.next() == "ended localHangUp")
        await pair.shutdown()
    }

    @Test func everyTimerAndTransactionIsForgottenInTheEnd() async throws {
        let pair = try await AgentPair()
        let (out, answered) = try await pair.establish()
        await out.call.hangUp()
        #expect(try await answered.next() == "ended remoteHangUp")
        await pair.calleeWire.wait { $0.isResponse(200, to: .bye) }
        await pair.clock.advance(by: .seconds(64))
        #expect(pair.clock.pendingCount == 0)
        await pair.shutdown()
    }
}
