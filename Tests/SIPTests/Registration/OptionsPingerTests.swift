import NIOCore
import Testing

@testable import SIP

@Suite(.timeLimit(.minutes(10))) struct OptionsPingerTests {
    @Test func thePeerGoesDownAndUp() async throws {
        let clock = ManualClock()
        let server = try DigestServer(
            DigestServer.Rules(algorithms: [], answer: (404, [SIPHeaders.Field("Server", "Digest/1")])))
        let wire = LossyTransport(server)
        let agent = await UserAgent.start(
            configuration: UserAgentConfiguration(bindHost: "192.0.2.20"), transport: wire, clock: clock,
            random: SeededGenerator(seed: 1))
        let domain = SIPURI(user: nil, host: "trunk.example")
        let pinger = OptionsPinger.start(
            OptionsPinger.Configuration(
                uri: domain, destination: SIPDestination(host: "192.0.2.10", port: 5060),
                from: NameAddress(uri: SIPURI(user: "fax01", host: "trunk.example"))),
            agent: agent)
        var states = pinger.states.makeAsyncIterator()
        guard case .up(let reply)? = await states.next() else { throw Unexpected() }
        #expect(reply.status == 404 && reply.server == "Digest/1")

        // One without answer is an accident, two are not.
        server.change { $0.silentPorts = [5060] }
        await clock.advance(by: .seconds(30))
        await wire.wait(for: 2) { $0.isRequest(.options) }
        // The agent sets its timers after it has sent; who is served next finds them set.
        _ = await agent.isShutDown
        await clock.advance(by: .seconds(32))
        let asked = wire.count { $0.isRequest(.options) }
        while wire.count({ $0.isRequest(.options) }) == asked, !Task.isCancelled {
            await clock.advance(by: .seconds(1))
            await Task.yield()
        }
        guard case .up? = await pinger.state else { throw Unexpected() }
        _ = await agent.isShutDown
        await clock.advance(by: .seconds(32))
        #expect(await states.next() == .down(.noAnswer))

        server.change { $0.silentPorts = [] }
        await clock.advance(by: .seconds(30))
        guard case .up? = await states.next() else { throw Unexpected() }
        await pinger.stop()
        #expect(await states.next() == nil)
        await agent.shutdown(grace: .zero)
        #expect(clock.pendingCount == 0)
    }

    /// It is no sign of life, and nobody waits for a timer.
    @Test func aRefusedConnectionIsNoAnswer() async throws {
        let clock = ManualClock()
        let asking = try await StreamAgents.start([.tcp], seed: 1, clock: clock)
        let asked = try await StreamAgents.start([.tcp], seed: 2, clock: clock)
        let destination = SIPDestination(host: "127.0.0.1", port: asked.localAddress.port, transport: .tcp)
        let domain = SIPURI(user: nil, host: "127.0.0.1")
        let from = NameAddress(uri: SIPURI(user: "fax01", host: "127.0.0.1"))
        let reply = try await asking.options(domain, destination: destination, from: from)
        #expect(reply.status == 200 && reply.accept == ["application/sdp"] && reply.server == "test")
        #expect(reply.allow.contains("OPTIONS"))
        await asked.shutdown()
        await #expect(throws: RequestFailure.noAnswer) {
            try await asking.options(domain, destination: destination, from: from)
        }
        await asking.shutdown(grace: .zero)
    }
}
