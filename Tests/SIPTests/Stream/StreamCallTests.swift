import NIOCore
import NIOPosix
import SIP
import Testing

@Suite(.timeLimit(.minutes(10))) struct StreamCallTests {
    /// INVITE, ACK, re-INVITE both ways, BYE.
    static func wholeCall(_ agents: StreamAgents, host: String = "127.0.0.1") async throws {
        let out = EventReader(try await agents.invite(host: host))
        let incoming = try await agents.callee.nextIncoming()
        await incoming.ring()
        #expect(try await out.next() == "provisional 180")
        let answered = EventReader(try await incoming.answer(body: Array("answer".utf8)))
        #expect(try await out.next() == "answered answer")
        #expect(try await answered.next() == "acknowledged ")
        // The callee's requests go back by the connection of the caller.
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
        #expect(try await out.next() == "ended localHangUp")
        #expect(try await answered.next() == "ended remoteHangUp")
    }

    @Test(arguments: [true, false])
    func aCallOverTCP(callerAccepts: Bool) async throws {
        let agents = try await StreamAgents(.tcp, callerAccepts: callerAccepts)
        try await Self.wholeCall(agents)
        await agents.shutdown()
        #expect(agents.clock.pendingCount == 0)
    }

    @Test func aConnectionIsReusedAndMadeAnewWhenItIsLost() async throws {
        let clock = ManualClock()
        let group = MultiThreadedEventLoopGroup.singleton
        let transports = [
            try await StreamTransport(host: "127.0.0.1", port: 0, clock: clock, group: group),
            try await StreamTransport(host: "127.0.0.1", port: 0, clock: clock, group: group),
        ]
        let configuration = UserAgentConfiguration(bindHost: "127.0.0.1", bindPort: 0)
        let caller = await UserAgent.start(
            configuration: configuration, transport: transports[0], clock: clock, random: SeededGenerator(seed: 1))
        let callee = await UserAgent.start(
            configuration: configuration, transport: transports[1], clock: clock, random: SeededGenerator(seed: 2))
        let destination = SIPDestination(host: "127.0.0.1", port: callee.localAddress.port, transport: .tcp)
        var calls: [(EventReader, EventReader)] = []
        for number in 1...3 {
            let out = EventReader(try await caller.call(destination, callID: "call-\(number)"))
            let incoming = try await callee.nextIncoming()
            calls.append((out, EventReader(try await incoming.answer(body: []))))
            #expect(try await out.next() == "answered ")
            #expect(try await calls[number - 1].1.next() == "acknowledged ")
        }
        #expect(transports.map(\.connectionCount) == [1, 1])
        await transports[0].dropConnections()
        while transports.contains(where: { $0.connectionCount > 0 }) { try await Task.sleep(for: .milliseconds(1)) }
        // The caller's BYE and the callee's, each by a connection of its own.
        await calls[0].0.call.hangUp()
        #expect(try await calls[0].1.next() == "ended remoteHangUp")
        await calls[1].1.call.hangUp()
        #expect(try await calls[1].0.next() == "ended remoteHangUp")
        await calls[2].0.call.hangUp()
        #expect(try await calls[2].1.next() == "ended remoteHangUp")
        await caller.shutdown(grace: .zero)
        await callee.shutdown(grace: .zero)
    }

    @Test func udpAndTCPShareAPort() async throws {
        let clock = ManualClock()
        let callee = try await StreamAgents.start([.udp, .tcp], seed: 2, clock: clock)
        #expect(callee.localAddresses[.udp]?.port == callee.localAddresses[.tcp]?.port)
        let caller = try await StreamAgents.start([.udp, .tcp], seed: 1, clock: clock)
        for kind in [SIPTransportKind.udp, .tcp] {
            let destination = SIPDestination(host: "127.0.0.1", port: callee.localAddress.port, transport: kind)
            let out = EventReader(try await caller.call(destination, callID: kind.rawValue))
            let incoming = try await callee.nextIncoming()
            #expect(incoming.headers.topVia?.transport == kind.viaName)
            #expect(incoming.headers.contact?.uri.parameters["transport"] == (kind == .udp ? nil : "tcp"))
            let answered = EventReader(try await incoming.answer(body: []))
            #expect(try await out.next() == "answered ")
            #expect(try await answered.next() == "acknowledged ")
            await answered.call.hangUp()
            #expect(try await out.next() == "ended remoteHangUp")
        }
        await caller.shutdown(grace: .zero)
        await callee.shutdown(grace: .zero)
    }

    @Test func aRefusedConnectionEndsTheCallAtOnce() async throws {
        let clock = ManualClock()
        let caller = try await StreamAgents.start([.tcp], seed: 1, clock: clock)
        let gone = try await StreamAgents.start([.tcp], seed: 2, clock: clock)
        await gone.shutdown()
        let out = EventReader(
            try await caller.call(SIPDestination(host: "127.0.0.1", port: gone.localAddress.port, transport: .tcp)))
        #expect(try await out.next() == "rejected 503")
        #expect(try await out.next() == "end of events")
        await caller.shutdown(grace: .zero)
    }

    @Test func aConnectionLostWhileItRingsEndsTheCallAndCancelsIt() async throws {
        let clock = ManualClock()
        let transport = try await StreamTransport(
            host: "127.0.0.1", port: 0, clock: clock, group: MultiThreadedEventLoopGroup.singleton)
        let caller = await UserAgent.start(
            configuration: UserAgentConfiguration(bindHost: "127.0.0.1"), transport: transport, clock: clock,
            random: SeededGenerator(seed: 1))
        let callee = try await StreamAgents.start([.tcp], seed: 2, clock: clock)
        let out = EventReader(
            try await caller.call(SIPDestination(host: "127.0.0.1", port: callee.localAddress.port, transport: .tcp)))
        let incoming = try await callee.nextIncoming()
        await incoming.ring()
        #expect(try await out.next() == "provisional 180")
        await transport.dropConnections()
        #expect(try await out.next() == "rejected 503")
        #expect(try await EventReader(incoming.call).next() == "ended remoteCancel")
        await caller.shutdown(grace: .zero)
        await callee.shutdown(grace: .zero)
    }
}
