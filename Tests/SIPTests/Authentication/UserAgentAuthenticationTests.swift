import Testing

@testable import SIP

@Suite(.timeLimit(.minutes(10))) struct UserAgentAuthenticationTests {
    private let clock = ManualClock()

    private func invite(_ agent: UserAgent) async throws -> EventReader {
        EventReader(
            try await agent.invite(
                target: SIPURI(user: "+15551230101", host: "trunk.example"),
                destination: SIPDestination(host: "192.0.2.10", port: 5060),
                from: NameAddress(uri: SIPURI(user: "+15551230102", host: "trunk.example")), callID: "call-1",
                body: Array("offer".utf8)))
    }

    private func requests(_ server: DigestServer, _ method: SIPMethod) -> [SIPRequest] {
        server.received.map(\.request).filter { $0.method == method }
    }

    @Test(arguments: [false, true]) func aChallengedCallIsOneCall(isProxy: Bool) async throws {
        let server = try DigestServer(DigestServer.Rules(isProxy: isProxy))
        let agent = await server.agent(clock)
        let out = try await invite(agent)
        #expect(try await out.next() == "answered ")
        #expect(await out.reinvite("changed").value == .success(""))
        await out.call.hangUp()
        #expect(try await out.next() == "ended localHangUp")
        await agent.shutdown()

        #expect(server.statuses(.invite) == [isProxy ? 407 : 401, 200, 200])
        #expect(server.statuses(.bye) == [200])
        #expect(server.credentials("nc", of: .invite) == ["", "00000001", "00000002"])
        #expect(server.credentials("nc", of: .bye) == ["00000003"])
        let invites = requests(server, .invite)
        #expect(Set(invites.map(\.headers.callID)) == ["call-1"])
        #expect(Set(invites.map(\.headers.from?.tag)).count == 1)
        #expect(Set(invites.map(\.headers.topVia?.branch)).count == 3)
        #expect(invites.compactMap(\.headers.cseq?.number) == [1, 2, 3])
        #expect(invites[0].headers.to?.tag == nil && invites[1].headers.to?.tag == nil)
        #expect(invites[1].body == Array("offer".utf8))
        // The ACK of the refusal has the branch of its INVITE; those of the answers have the credentials of theirs.
        let acks = requests(server, .ack)
        #expect(acks.compactMap(\.headers.cseq?.number) == [1, 2, 3])
        #expect(acks[0].headers.topVia?.branch == invites[0].headers.topVia?.branch)
        let field = isProxy ? "Proxy-Authorization" : "Authorization"
        #expect(acks[1].headers[field] == invites[1].headers[field])
        #expect(acks[2].headers[field] == invites[2].headers[field])
        #expect(requests(server, .bye).first?.headers.cseq?.number == 4)
    }

    @Test func aRefusedPasswordEndsTheCall() async throws {
        for (isForbidden, status) in [(true, 403), (false, 401)] {
            let server = try DigestServer(DigestServer.Rules(forbidsWrongPassword: isForbidden))
            let agent = await server.agent(clock, credentials: SIPCredentials(username: "fax01", password: "wrong"))
            let out = try await invite(agent)
            #expect(try await out.next() == "rejected \(status)")
            #expect(requests(server, .invite).count == 2)
            await agent.shutdown(grace: .zero)
        }
    }

    @Test func withoutCredentialsTheRefusalIsToldAtOnce() async throws {
        for credentials in [nil, SIPCredentials(username: "fax01", password: "s3cret", realm: "elsewhere")] {
            let server = try DigestServer()
            let agent = await server.agent(clock, credentials: credentials)
            let out = try await invite(agent)
            #expect(try await out.next() == "rejected 401")
            #expect(requests(server, .invite).count == 1)
            await agent.shutdown(grace: .zero)
        }
    }

    /// Every request inside the call meets a nonce that is used up.
    @Test func staleNoncesInsideACallAreReplaced() async throws {
        let server = try DigestServer(DigestServer.Rules(nonceUses: 1))
        let agent = await server.agent(clock)
        let out = try await invite(agent)
        #expect(try await out.next() == "answered ")
        #expect(await out.reinvite("changed").value == .success(""))
        #expect(try await out.call.update(body: Array("changed".utf8)) == [])
        await out.call.hangUp()
        // The call is over for its user while the BYE is still being challenged.
        #expect(try await out.next() == "ended localHangUp")
        await agent.shutdown()
        #expect(server.statuses(.invite) == [401, 200, 401, 200])
        #expect(server.statuses(.update) == [401, 200])
        #expect(server.statuses(.bye) == [401, 200])
        let numbers = server.received.filter { $0.request.method != .ack }.compactMap(\.request.headers.cseq?.number)
        #expect(numbers == [1, 2, 3, 4, 5, 6, 7, 8])
    }

    @Test func aRefusedReinviteLeavesTheCall() async throws {
        let server = try DigestServer(DigestServer.Rules(algorithms: []))
        let agent = await server.agent(clock, credentials: SIPCredentials(username: "fax01", password: "wrong"))
        let out = try await invite(agent)
        #expect(try await out.next() == "answered ")
        server.change { rules in
            rules.algorithms = ["MD5"]
            rules.forbidsWrongPassword = false
        }
        #expect(await out.reinvite("changed").value == .failure(ReinviteFailure(status: 401)))
        #expect(requests(server, .invite).count == 3)
        await agent.shutdown(grace: .zero)
        #expect(try await out.next() == "ended shutDown")
    }

    @Test func aCancelledCallIsNotMadeAgain() async throws {
        let wire = try BenchTransport()
        var configuration = UserAgentConfiguration(bindHost: "192.0.2.20")
        configuration.credentials = SIPCredentials(username: "fax01", password: "s3cret")
        let agent = await UserAgent.start(
            configuration: configuration, transport: wire, clock: clock, random: SeededGenerator(seed: 5))
        let out = try await invite(agent)
        guard case .request(let invite) = try await wire.next({ $0.isRequest(.invite) }) else { throw Unexpected() }
        await out.call.hangUp()
        var refusal = invite.response(401, toTag: "t")
        refusal.headers.add("WWW-Authenticate", "Digest realm=\"a\", nonce=\"1\"")
        wire.put(SIPMessage.response(refusal).bytes)
        #expect(try await out.next() == "ended localHangUp")
        guard case .request(let next) = try await wire.next({ _ in true }) else { throw Unexpected() }
        #expect(next.method == .ack)
        await agent.shutdown(grace: .zero)
    }

    @Test func optionsAreAskedAndAnswered() async throws {
        let server = try DigestServer()
        let agent = await server.agent(clock)
        let domain = SIPURI(user: nil, host: "trunk.example")
        let from = NameAddress(uri: SIPURI(user: "fax01", host: "trunk.example"))
        let destination = SIPDestination(host: "192.0.2.10", port: 5060)
        let reply = try await agent.options(domain, destination: destination, from: from)
        #expect(reply.status == 200)
        #expect(reply.allow == ["INVITE", "ACK", "BYE", "OPTIONS"])
        #expect(reply.accept == ["application/sdp"])
        #expect(reply.server == "Digest/1")
        #expect(server.statuses(.options) == [401, 200])

        server.change { $0.silentPorts = [5060] }
        let silent = Task { () -> RequestFailure? in
            do throws(RequestFailure) {
                _ = try await agent.options(domain, destination: destination, from: from)
                return nil
            } catch {
                return error
            }
        }
        while server.statuses(.options).count < 3, !Task.isCancelled { await Task.yield() }
        await clock.advance(by: .seconds(32))
        #expect(await silent.value == .noAnswer)
        await agent.shutdown(grace: .zero)
        await #expect(throws: RequestFailure.shutDown) {
            try await agent.options(domain, destination: destination, from: from)
        }
    }
}
