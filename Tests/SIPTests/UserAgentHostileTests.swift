import SIP
import Testing

@Suite(.timeLimit(.minutes(10))) struct UserAgentHostileTests {
    private static func request(
        _ method: String, uri: String = "sip:x@192.0.2.20", to: String = "", extra: String = "", branch: String = "1",
        sequence: Int = 1
    ) -> String {
        """
        \(method) \(uri) SIP/2.0
        Via: SIP/2.0/UDP gw.example.com:5070;branch=z9hG4bK\(branch)
        From: <sip:+15551230102@192.0.2.10>;tag=f
        To: <sip:+15551230101@192.0.2.20>\(to)
        Call-ID: hostile
        CSeq: \(sequence) \(method)
        Contact: <sip:gw@192.0.2.10:5099>\(extra)
        Content-Length: 0
        """
    }

    private func agent(
        _ wire: BenchTransport, clock: ManualClock = ManualClock(), maximumCalls: Int = 500
    ) async -> UserAgent {
        var configuration = UserAgentConfiguration(bindHost: "192.0.2.20")
        configuration.maximumCalls = maximumCalls
        return await UserAgent.start(
            configuration: configuration, transport: wire, clock: clock, random: SeededGenerator(seed: 3))
    }

    @Test(arguments: [
        (request("OPTIONS"), 200), (request("REGISTER"), 405), (request("INFO"), 405), (request("UPDATE"), 481),
        (request("FROBNICATE"), 501),
        (request("BYE"), 481), (request("BYE", to: ";tag=unknown"), 481), (request("INVITE", to: ";tag=unknown"), 481),
        (request("OPTIONS", to: ";tag=unknown"), 481), (request("CANCEL"), 481),
        (request("INVITE", uri: "urn:service:test"), 416), (request("INVITE", extra: "\nRequire: 100rel"), 420),
        (request("INVITE", extra: "\nm: *").replacing("Contact: <sip:gw@192.0.2.10:5099>", with: "X: y"), 400),
    ])
    func outOfPlaceRequestsAreAnswered(text: String, status: Int) async throws {
        let wire = try BenchTransport()
        let agent = await agent(wire)
        wire.put(text)
        let response = try await wire.nextResponse()
        #expect(response.status == status)
        #expect(response.headers.to?.tag != nil)
        // RFC 3261 18.2.1: the source differs from sent-by.
        #expect(response.headers.topVia?.parameters["received"] == "192.0.2.10")
        if status == 405 || status == 501 { #expect(response.headers["Allow"]?.contains("INVITE") == true) }
        if status == 420 { #expect(response.headers["Unsupported"] == "100rel") }
        await agent.shutdown()
    }

    @Test func anotherBodyTypeIsRefused() async throws {
        let wire = try BenchTransport()
        let agent = await agent(wire)
        let text = Self.request("INVITE", extra: "\nContent-Type: multipart/mixed")
            .replacing("Content-Length: 0", with: "Content-Length: 4")
        wire.put(SampleMessages.message(text, body: "body"))
        let response = try await wire.nextResponse()
        #expect(response.status == 415)
        #expect(response.headers["Accept"] == "application/sdp")
        await agent.shutdown()
    }

    @Test func aMergedRequestIsRefusedAndTooManyCallsHear503() async throws {
        let wire = try BenchTransport()
        let agent = await agent(wire, maximumCalls: 2)
        wire.put(Self.request("INVITE", branch: "1"))
        wire.put(Self.request("INVITE", branch: "2"))
        #expect(try await wire.nextResponse().status == 482)
        wire.put(Self.request("INVITE", branch: "3").replacing("hostile", with: "second"))
        wire.put(Self.request("INVITE", branch: "4").replacing("hostile", with: "third"))
        #expect(try await wire.nextResponse().status == 503)
        await agent.shutdown(grace: .zero)
    }

    @Test func requestsOutOfOrderAndOverlappingInvitesAreRefused() async throws {
        let wire = try BenchTransport()
        let agent = await agent(wire)
        wire.put(Self.request("INVITE", branch: "1", sequence: 5))
        var waiting = agent.incomingCalls.makeAsyncIterator()
        let incoming = try #require(await waiting.next())
        _ = try await incoming.answer(body: [])
        let success = try await wire.nextResponse()
        let tag = ";tag=\(try #require(success.headers.to?.tag))"
        wire.put(Self.request("ACK", to: tag, branch: "2", sequence: 5))
        wire.put(Self.request("INVITE", to: tag, branch: "3", sequence: 4))
        #expect(try await wire.nextResponse().status == 500)
        // One re-INVITE waits for its answer; the next overlaps.
        wire.put(Self.request("INVITE", to: tag, branch: "4", sequence: 6))
        wire.put(Self.request("INVITE", to: tag, branch: "5", sequence: 7))
        let overlapping = try await wire.nextResponse()
        #expect(overlapping.status == 500)
        #expect(overlapping.headers["Retry-After"] != nil)
        // CANCEL of the waiting one.
        wire.put(Self.request("CANCEL", to: tag, branch: "4", sequence: 6))
        #expect(try await wire.nextResponse().status == 200)
        #expect(try await wire.nextResponse().status == 487)
        wire.put(Self.request("BYE", to: tag, branch: "6", sequence: 8))
        #expect(try await wire.nextResponse().status == 200)
        // The retransmission of a BYE has the same answer.
        wire.put(Self.request("BYE", to: tag, branch: "6", sequence: 8))
        #expect(try await wire.nextResponse().status == 200)
        await agent.shutdown(grace: .zero)
    }

    /// Mutated requests and responses, then an OPTIONS that must still be answered.
    @Test(arguments: 0..<UInt64(4))
    func mutatedDatagramsNeverTrap(seed: UInt64) async throws {
        let wire = try BenchTransport()
        let clock = ManualClock()
        let agent = await agent(wire, clock: clock)
        let reader = Task {
            for await call in agent.incomingCalls {
                await call.ring()
                if call.headers.fields.count % 2 == 0 { _ = try? await call.answer(body: []) }
            }
        }
        var random = SeededGenerator(seed: seed)
        let methods = ["INVITE", "BYE", "CANCEL", "ACK", "OPTIONS"]
        let samples = SampleMessages.all + methods.map { SampleMessages.message(Self.request($0)) }
        for round in 0..<1_000 {
            wire.put(random.mutated(samples[round % samples.count]))
            if round % 100 == 0 { await clock.advance(by: .seconds(1)) }
        }
        wire.put(Self.request("OPTIONS", branch: "last").replacing("hostile", with: "proof"))
        while try await wire.nextResponse().headers.callID != "proof" {}
        await clock.advance(by: .seconds(120))
        await agent.shutdown(grace: .zero)
        await reader.value
        #expect(clock.pendingCount == 0)
    }
}
