import Testing

@testable import SIP

@Suite(.timeLimit(.minutes(10))) struct RegistrationTests {
    private let clock = ManualClock()
    private static let ours = "sip:fax01@192.0.2.20:5060"
    private static let other = "sip:other@192.0.2.77:5060"

    private static func configuration(ports: [Int] = [5060]) -> RegistrationConfiguration {
        RegistrationConfiguration(
            registrar: SIPURI(user: nil, host: "trunk.example"),
            destinations: ports.map { SIPDestination(host: "192.0.2.10", port: $0) },
            addressOfRecord: NameAddress(uri: SIPURI(user: "fax01", host: "trunk.example")))
    }

    private func start(
        _ server: DigestServer, _ configuration: RegistrationConfiguration = Self.configuration(),
        credentials: SIPCredentials? = SIPCredentials(username: "fax01", password: "s3cret")
    ) async -> (Registration, UserAgent, AsyncStream<RegistrationState>.Iterator) {
        let agent = await server.agent(clock, credentials: credentials)
        let registration = await Registration.start(configuration, agent: agent, random: SeededGenerator(seed: 4))
        return (registration, agent, registration.states.makeAsyncIterator())
    }

    @Test func aBindingIsMadeRefreshedAndRemoved() async throws {
        let server = try DigestServer()
        var (registration, agent, states) = await start(server)
        #expect(await states.next() == .registered(for: .seconds(600)))
        #expect(server.bindings == [Self.ours: 600, Self.other: 30])
        server.change { $0.granted = 300 }
        await clock.advance(by: .seconds(480))
        #expect(await states.next() == .registered(for: .seconds(300)))
        await registration.stop()
        #expect(await states.next() == .unregistered)
        #expect(await states.next() == nil)
        #expect(server.bindings == [Self.other: 30])

        let requests = server.received.map(\.request)
        // Only the first was challenged; all others had credentials at once.
        #expect(server.statuses(.register) == [401, 200, 200, 200])
        #expect(server.credentials("nc", of: .register) == ["", "00000001", "00000002", "00000003"])
        #expect(Set(requests.map(\.headers.callID)).count == 1)
        #expect(Set(requests.map(\.headers.from?.tag)).count == 1)
        #expect(requests.compactMap(\.headers.cseq?.number) == [1, 2, 3, 4])
        #expect(Set(requests.map(\.headers.topVia?.branch)).count == 4)
        #expect(requests.allSatisfy { $0.uri.text == "sip:trunk.example" && $0.headers["Contact"]?.contains("*") == false })
        await agent.shutdown(grace: .zero)
        #expect(clock.pendingCount == 0)
    }

    @Test func aStaleNonceIsReplaced() async throws {
        let server = try DigestServer(DigestServer.Rules(nonceUses: 1))
        var (registration, agent, states) = await start(server)
        #expect(await states.next() == .registered(for: .seconds(600)))
        await clock.advance(by: .seconds(480))
        #expect(await states.next() == .registered(for: .seconds(600)))
        #expect(server.statuses(.register) == [401, 200, 401, 200])
        await registration.stop()
        await agent.shutdown(grace: .zero)
    }

    /// Each try shows the password once, and the waits grow.
    @Test func aWrongPasswordIsNotTriedInARow() async throws {
        let server = try DigestServer()
        var (registration, agent, states) = await start(
            server, credentials: SIPCredentials(username: "fax01", password: "wrong"))
        var waits: [Duration] = []
        for _ in 0..<9 {
            guard case .failed(403, let wait)? = await states.next() else { throw Unexpected() }
            waits.append(wait)
            await clock.advance(by: wait)
        }
        #expect(waits[0] >= .seconds(30) && waits[0] <= .seconds(60))
        #expect(waits[3] >= .seconds(240) && waits[3] <= .seconds(480))
        #expect(waits[8] >= .seconds(900) && waits[8] <= .seconds(1_800))
        guard case .failed? = await states.next() else { throw Unexpected() }
        #expect(server.received.count <= 20)
        await registration.stop()
        #expect(server.bindings == [Self.other: 30])
        await agent.shutdown(grace: .zero)
    }

    @Test func noCredentialsMeanNoSecondTry() async throws {
        let server = try DigestServer()
        var (registration, agent, states) = await start(server, credentials: nil)
        guard case .failed(401, _)? = await states.next() else { throw Unexpected() }
        #expect(server.received.count == 1)
        await registration.stop()
        await agent.shutdown(grace: .zero)
    }

    @Test func aLongerLifeIsTakenWhenAsked() async throws {
        let server = try DigestServer(DigestServer.Rules(minimum: 1_800))
        var (registration, agent, states) = await start(server)
        #expect(await states.next() == .registered(for: .seconds(1_800)))
        #expect(server.statuses(.register) == [401, 423, 200])
        await registration.stop()
        #expect(server.bindings == [Self.other: 30])
        await agent.shutdown(grace: .zero)
    }

    @Test func retryAfterIsHonoured() async throws {
        let server = try DigestServer(
            DigestServer.Rules(answer: (503, [SIPHeaders.Field("Retry-After", "900 (maintenance)")])))
        var (registration, agent, states) = await start(server)
        #expect(await states.next() == .failed(status: 503, retryIn: .seconds(900)))
        server.change { $0.answer = nil }
        await clock.advance(by: .seconds(899))
        #expect(server.received.count == 1)
        await clock.advance(by: .seconds(1))
        #expect(await states.next() == .registered(for: .seconds(600)))
        await registration.stop()
        await agent.shutdown(grace: .zero)
    }

    @Test func theNextTargetIsAskedWhenOneIsSilentAndKeptFromThenOn() async throws {
        let server = try DigestServer(DigestServer.Rules(silentPorts: [5060]))
        let wire = LossyTransport(server)
        let agent = await UserAgent.start(
            configuration: UserAgentConfiguration(bindHost: "192.0.2.20"), transport: wire, clock: clock,
            random: SeededGenerator(seed: 1))
        var configuration = Self.configuration(ports: [5060, 5070])
        configuration.credentials = SIPCredentials(username: "fax01", password: "s3cret")
        let registration = await Registration.start(configuration, agent: agent, random: SeededGenerator(seed: 4))
        var states = registration.states.makeAsyncIterator()
        await wire.wait { $0.isRequest(.register) }
        // Timer F.
        await clock.advance(by: .seconds(32))
        #expect(await states.next() == .registered(for: .seconds(600)))
        let before = server.received.count
        await clock.advance(by: .seconds(480))
        #expect(await states.next() == .registered(for: .seconds(600)))
        #expect(server.received[before...].map(\.port) == [5070])
        let numbers = server.received.filter { $0.port == 5070 }.compactMap(\.request.headers.cseq?.number)
        #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
        await registration.stop()
        await agent.shutdown(grace: .zero)
    }

    @Test func theAddressSeenByTheRegistrarIsBoundWhenWanted() async throws {
        let server = try DigestServer(DigestServer.Rules(observed: ("203.0.113.9", 40_123)))
        var configuration = Self.configuration()
        configuration.usesObservedAddress = true
        var (registration, agent, states) = await start(server, configuration)
        #expect(await states.next() == .registered(for: .seconds(600)))
        #expect(server.bindings == ["sip:fax01@203.0.113.9:40123": 600, Self.other: 30])
        // The mapping of the NAT changed.
        server.change { $0.observed = ("203.0.113.9", 40_200) }
        await clock.advance(by: .seconds(480))
        #expect(await states.next() == .registered(for: .seconds(600)))
        #expect(server.bindings == ["sip:fax01@203.0.113.9:40200": 600, Self.other: 30])
        await registration.stop()
        #expect(server.bindings == [Self.other: 30])
        await agent.shutdown(grace: .zero)
    }

    @Test func stoppingDoesNotWaitForASilentRegistrar() async throws {
        let server = try DigestServer(DigestServer.Rules(silentPorts: [5060]))
        let wire = LossyTransport(server)
        let agent = await UserAgent.start(
            configuration: UserAgentConfiguration(bindHost: "192.0.2.20"), transport: wire, clock: clock,
            random: SeededGenerator(seed: 1))
        let registration = await Registration.start(Self.configuration(), agent: agent)
        await wire.wait { $0.isRequest(.register) }
        let before = clock.pendingCount
        let stop = Task { await registration.stop(grace: .seconds(3)) }
        while clock.pendingCount == before, !Task.isCancelled { await Task.yield() }
        await clock.advance(by: .seconds(3))
        await stop.value
        var states = registration.states.makeAsyncIterator()
        await agent.shutdown(grace: .zero)
        // The request in progress ends with the agent, and with it the registration.
        #expect(await states.next() == .unregistered)
        #expect(await states.next() == nil)
    }

    @Test func aRegistrationEndsWithItsAgent() async throws {
        let server = try DigestServer()
        var (registration, agent, states) = await start(server)
        #expect(await states.next() == .registered(for: .seconds(600)))
        await agent.shutdown(grace: .zero)
        await clock.advance(by: .seconds(480))
        #expect(await states.next() == .unregistered)
        #expect(clock.pendingCount == 0)
        await registration.stop()
    }

    @Test func theWaitsAreInTheirBounds() {
        let schedule = RegistrationSchedule(base: .seconds(30), limit: .seconds(1_800))
        var random: any RandomNumberGenerator & Sendable = SeededGenerator(seed: 9)
        for (granted, bounds) in [
            (1, 5.0...5.0), (60, 27...30), (120, 54...60), (600, 432...480), (3_600, 2_592...2_880),
        ] {
            for _ in 0..<50 {
                let delay = schedule.refreshDelay(granted: .seconds(granted), random: &random)
                #expect(bounds.contains(delay / .seconds(1)))
            }
        }
        for failures in [Int.min, 0, 1, 2, 6, 7, Int.max] {
            let delay = schedule.retryDelay(failures: failures, retryAfter: nil, random: &random)
            #expect(delay >= .seconds(30) && delay <= .seconds(1_800))
        }
        #expect(schedule.retryDelay(failures: 1, retryAfter: Int.max, random: &random) == .seconds(3_600))
    }
}
