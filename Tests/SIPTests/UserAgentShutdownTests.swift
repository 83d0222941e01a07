import SIP
import Synchronization
import Testing

/// A shutdown in the middle of calls: the peers must hear of it.
@Suite(.timeLimit(.minutes(10))) struct UserAgentShutdownTests {
    @Test(arguments: [true, false])
    func aRunningCallIsHungUp(byCaller: Bool) async throws {
        let pair = try await AgentPair()
        let (out, answered) = try await pair.establish()
        await (byCaller ? pair.caller : pair.callee).shutdown()
        #expect(try await (byCaller ? out : answered).next() == "ended shutDown")
        #expect(try await (byCaller ? answered : out).next() == "ended remoteHangUp")
        await pair.shutdown()
    }

    /// Without time to wait for answers the BYE is sent all the same.
    @Test func aShutdownWithoutGraceHangsUpToo() async throws {
        let pair = try await AgentPair()
        let (out, answered) = try await pair.establish()
        await pair.caller.shutdown(grace: .zero)
        #expect(try await out.next() == "ended shutDown")
        #expect(try await answered.next() == "ended remoteHangUp")
        await pair.shutdown()
    }

    @Test func anUnansweredCallIsRefused() async throws {
        let pair = try await AgentPair()
        // The refusal is repeated until it is acknowledged.
        let loses480 = Mutex(true)
        pair.calleeWire.lose { message in
            message.isResponse(480)
                && loses480.withLock { loses in
                    defer { loses = false }
                    return loses
                }
        }
        let out = EventReader(try await pair.invite())
        let incoming = try await pair.nextIncoming()
        let shutdown = Task { await pair.callee.shutdown() }
        await pair.calleeWire.wait { $0.isResponse(480) }
        await pair.clock.advance(by: .milliseconds(500))
        #expect(try await out.next() == "rejected 480")
        await shutdown.value
        #expect(try await EventReader(incoming.call).next() == "ended shutDown")
        await pair.shutdown()
    }

    @Test func aCallInTheMakingIsCancelled() async throws {
        let pair = try await AgentPair()
        let out = EventReader(try await pair.invite())
        let incoming = try await pair.nextIncoming()
        await incoming.ring()
        #expect(try await out.next() == "provisional 180")
        await pair.caller.shutdown()
        #expect(try await out.next() == "ended shutDown")
        #expect(try await EventReader(incoming.call).next() == "ended remoteCancel")
        await pair.shutdown()
    }

    /// BYE waits for the ACK to our 200 (RFC 3261 15), and the shutdown for both.
    @Test func aCallWithoutAckIsHungUpWhenItComes() async throws {
        let pair = try await AgentPair()
        pair.callerWire.lose { $0.isRequest(.ack) }
        let out = EventReader(try await pair.invite())
        let answered = EventReader(try await pair.nextIncoming().answer(body: []))
        #expect(try await out.next() == "answered ")
        await pair.callerWire.wait { $0.isRequest(.ack) }
        pair.callerWire.heal()
        let shutdown = Task { await pair.callee.shutdown() }
        await pair.clock.advance(by: .milliseconds(500))
        #expect(try await out.next() == "ended remoteHangUp")
        await shutdown.value
        #expect(try await answered.next() == "acknowledged ")
        #expect(try await answered.next() == "ended shutDown")
        await pair.shutdown()
    }

    @Test func aDeadPeerIsNotWaitedForLongerThanTheGrace() async throws {
        let pair = try await AgentPair()
        let (out, _) = try await pair.establish()
        pair.callerWire.lose { _ in true }
        let isOver = Atomic(false)
        async let shutdown: Void = {
            await pair.caller.shutdown(grace: .seconds(3))
            isOver.store(true, ordering: .relaxed)
        }()
        await pair.callerWire.wait { $0.isRequest(.bye) }
        await pair.clock.advance(by: .seconds(1))
        let isEarly = isOver.load(ordering: .relaxed)
        #expect(!isEarly)
        while !isOver.load(ordering: .relaxed), !Task.isCancelled {
            await pair.clock.advance(by: .seconds(1))
            await Task.yield()
        }
        await shutdown
        #expect(try await out.next() == "ended shutDown")
        await pair.shutdown()
    }
}
