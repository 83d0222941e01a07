import SIP
import Testing

@Suite(.timeLimit(.minutes(10))) struct UserAgentCallTests {
    @Test func aCallIsMadeChangedAndEnded() async throws {
        let pair = try await AgentPair()
        let out = EventReader(try await pair.invite())
        let incoming = try await pair.nextIncoming()
        #expect(incoming.callID == "call-1")
        #expect(incoming.requestURI.user == "+15551230101")
        #expect(incoming.from.uri.user == "+15551230102")
        #expect(incoming.body == Array("offer".utf8))
        await incoming.ring()
        #expect(try await out.next() == "provisional 180")
        let answered = EventReader(try await incoming.answer(body: Array("answer".utf8)))
        #expect(try await out.next() == "answered answer")
        #expect(try await answered.next() == "acknowledged ")

        // The callee changes the session, then the caller.
        let first = answered.reinvite("image")
        #expect(try await out.next() == "reinvite image")
        await out.responder?.answer(body: Array("image too".utf8))
        #expect(await first.value == .success("image too"))
        #expect(try await out.next() == "acknowledged ")
        let second = out.reinvite("audio")
        #expect(try await answered.next() == "reinvite audio")
        await answered.responder?.answer(body: Array("audio too".utf8))
        #expect(await second.value == .success("audio too"))
        #expect(try await answered.next() == "acknowledged ")

        await out.call.hangUp()
        await out.call.hangUp()
        #expect(try await out.next() == "ended localHangUp")
        #expect(try await answered.next() == "ended remoteHangUp")
        #expect(try await answered.next() == "end of events")
        #expect(pair.callerWire.count { $0.isRequest(.bye) } == 1)
        await pair.shutdown()
        #expect(pair.clock.pendingCount == 0)
    }

    @Test func theCalleeHangsUp() async throws {
        let pair = try await AgentPair()
        let (out, answered) = try await pair.establish()
        await answered.call.hangUp()
        #expect(try await answered.next() == "ended localHangUp")
        #expect(try await out.next() == "ended remoteHangUp")
        await #expect(throws: ReinviteFailure(status: 481, isCallOver: true)) {
            try await out.call.reinvite(body: [])
        }
        await pair.shutdown()
    }

    @Test func aBusyCalleeIsReported() async throws {
        let pair = try await AgentPair()
        let out = EventReader(try await pair.invite())
        let incoming = try await pair.nextIncoming()
        await incoming.reject(status: 486)
        await incoming.reject(status: 603)
        #expect(try await out.next() == "rejected 486")
        #expect(try await EventReader(incoming.call).next() == "ended localHangUp")
        await #expect(throws: UserAgentError.notPending) { try await incoming.answer(body: []) }
        await pair.callerWire.wait { $0.isRequest(.ack) }
        await pair.shutdown()
    }

    @Test func aCallIsCancelled() async throws {
        let pair = try await AgentPair()
        let out = EventReader(try await pair.invite())
        let incoming = try await pair.nextIncoming()
        await incoming.ring()
        #expect(try await out.next() == "provisional 180")
        await out.call.hangUp()
        await out.call.hangUp()
        #expect(try await out.next() == "ended localHangUp")
        #expect(try await EventReader(incoming.call).next() == "ended remoteCancel")
        #expect(pair.calleeWire.count { $0.isResponse(487) } == 1)
        #expect(pair.calleeWire.count { $0.isResponse(200, to: .cancel) } == 1)
        #expect(pair.callerWire.count { $0.isRequest(.cancel) } == 1)
        await #expect(throws: UserAgentError.notPending) { try await incoming.answer(body: []) }
        await pair.shutdown()
    }

    /// A CANCEL before any provisional response could overtake its INVITE, so it waits for one.
    @Test func aCancelWaitsForAProvisionalResponse() async throws {
        let pair = try await AgentPair()
        pair.calleeWire.lose { $0.isResponse(100) }
        let out = EventReader(try await pair.invite())
        let incoming = try await pair.nextIncoming()
        await out.call.hangUp()
        #expect(pair.callerWire.count { $0.isRequest(.cancel) } == 0)
        await incoming.ring()
        #expect(try await out.next() == "provisional 180")
        #expect(try await out.next() == "ended localHangUp")
        await pair.shutdown()
    }

    @Test func anAnswerThatCrossesTheCancelIsHungUp() async throws {
        let pair = try await AgentPair()
        pair.callerWire.lose { $0.isRequest(.cancel) }
        let out = EventReader(try await pair.invite())
        let incoming = try await pair.nextIncoming()
        await incoming.ring()
        #expect(try await out.next() == "provisional 180")
        await out.call.hangUp()
        let answered = EventReader(try await incoming.answer(body: []))
        #expect(try await out.next() == "ended localHangUp")
        #expect(try await answered.next() == "acknowledged ")
        #expect(try await answered.next() == "ended remoteHangUp")
        await pair.shutdown()
    }

    @Test func aCallIDIsUsedOnce() async throws {
        let pair = try await AgentPair()
        _ = try await pair.invite(callID: "same")
        await #expect(throws: UserAgentError.duplicateCallID) { try await pair.invite(callID: "same") }
        await pair.shutdown()
        await #expect(throws: UserAgentError.shutDown) { try await pair.invite(callID: "late") }
    }

    @Test func aCallLeftAtShutdownEnds() async throws {
        let pair = try await AgentPair()
        let (out, _) = try await pair.establish()
        await pair.shutdown()
        #expect(try await out.next() == "ended shutDown")
        #expect(try await out.next() == "end of events")
    }

    @Test func shutdownWaitsForTheAnswerToBye() async throws {
        let pair = try await AgentPair()
        let (out, answered) = try await pair.establish()
        pair.callerWire.lose { $0.isRequest(.bye) }
        await out.call.hangUp()
        let shutdown = Task { await pair.caller.shutdown() }
        pair.callerWire.heal()
        // The repetition of the BYE arrives, and its answer lets the shutdown go on.
        await pair.clock.advance(by: .milliseconds(500))
        #expect(try await answered.next() == "ended remoteHangUp")
        await shutdown.value
        await pair.shutdown()
    }

    @Test func theFirstAnswerOfAForkedCallWinsAndTheOthersAreHungUp() async throws {
        let wire = try BenchTransport()
        let agent = await UserAgent.start(
            configuration: UserAgentConfiguration(bindHost: "192.0.2.20"), transport: wire, clock: ManualClock(),
            random: SeededGenerator(seed: 5))
        let call = try await agent.invite(
            target: SIPURI(user: "+15551230101", host: "192.0.2.10"),
            destination: SIPDestination(host: "192.0.2.10", port: 5099),
            from: NameAddress(uri: SIPURI(user: "+15551230102", host: "192.0.2.20")), callID: "fork", body: [])
        let out = EventReader(call)
        guard case .request(let invite) = try await wire.next({ $0.isRequest(.invite) }) else { throw Unexpected() }
        for tag in ["first", "second", "first"] {
            var success = invite.response(200, toTag: tag)
            success.headers.add("Contact", "<sip:\(tag)@192.0.2.10:5099>")
            wire.put(SIPMessage.response(success).bytes)
        }
        #expect(try await out.next() == "answered ")
        var log: [String] = []
        while log.count < 4 {
            guard case .request(let request) = try await wire.next({ _ in true }) else { throw Unexpected() }
            log.append("\(request.method.rawValue) \(request.headers.to?.tag ?? "")")
            #expect(request.uri.user == request.headers.to?.tag)
        }
        #expect(log == ["ACK first", "ACK second", "BYE second", "ACK first"])
        await agent.shutdown(grace: .zero)
        #expect(try await out.next() == "ended shutDown")
    }

    @Test func anOfferInThe200IsAnsweredInTheACK() async throws {
        let pair = try await AgentPair()
        let (out, answered) = try await pair.establish()
        let offer = out.reinvite("")
        #expect(try await answered.next() == "reinvite ")
        await answered.responder?.answer(body: Array("offer".utf8))
        #expect(await offer.value == .success("offer"))
        await pair.shutdown()
    }
}
