import NIOCore
import SIP
import Testing

@Suite(.timeLimit(.minutes(10)), .enabled(if: TestCertificates.isPossible, "needs openssl for certificates"))
struct TLSCallTests {
    private static func outcome(caller: SIPTLSConfiguration, callee: SIPTLSConfiguration) async throws -> String {
        let agents = try await StreamAgents(.tls, callerTLS: caller, calleeTLS: callee)
        let out = EventReader(try await agents.invite())
        let event = try await out.next()
        await agents.shutdown()
        return event
    }

    @Test func aCallOverTLSWithoutAListenerOfTheCaller() async throws {
        try await TestCertificates.with { files in
            let server = SIPTLSConfiguration(
                authorities: files.authority(), identity: try await files.identity("server", names: "DNS:trunk.example.com"))
            let client = SIPTLSConfiguration(authorities: files.authority(), serverName: "trunk.example.com")
            let agents = try await StreamAgents(.tls, callerTLS: client, calleeTLS: server)
            #expect(agents.caller.localAddress.port == 0)
            try await StreamCallTests.wholeCall(agents)
            await agents.shutdown()
            #expect(agents.clock.pendingCount == 0)
        }
    }

    @Test func aCertificateForTheAddressIsGood() async throws {
        try await TestCertificates.with { files in
            let server = SIPTLSConfiguration(authorities: files.authority(), identity: try await files.identity("server"))
            let agents = try await StreamAgents(.tls, callerTLS: server, calleeTLS: server)
            try await StreamCallTests.wholeCall(agents)
            await agents.shutdown()
        }
    }

    @Test func badCertificatesAreRefused() async throws {
        try await TestCertificates.with { files in
            let good = SIPTLSConfiguration(authorities: files.authority(), identity: try await files.identity("server"))
            let named = SIPTLSConfiguration(identity: try await files.identity("named", names: "DNS:trunk.example.com"))
            let expired = SIPTLSConfiguration(identity: try await files.identity("expired", days: -1))
            let trusting = SIPTLSConfiguration(authorities: files.authority())
            let other = SIPTLSConfiguration(authorities: files.authority("stranger"))
            let misled = SIPTLSConfiguration(authorities: files.authority(), serverName: "other.example.com")
            #expect(try await Self.outcome(caller: other, callee: good) == "rejected 503")
            #expect(try await Self.outcome(caller: trusting, callee: expired) == "rejected 503")
            #expect(try await Self.outcome(caller: trusting, callee: named) == "rejected 503")
            #expect(try await Self.outcome(caller: misled, callee: named) == "rejected 503")
        }
    }

    @Test func aListenerCanAskForACertificate() async throws {
        try await TestCertificates.with { files in
            let server = SIPTLSConfiguration(
                authorities: files.authority(), identity: try await files.identity("server"), requiresClientCertificate: true)
            let stranger = SIPTLSConfiguration(authorities: files.authority())
            #expect(try await Self.outcome(caller: stranger, callee: server) == "rejected 503")
            let known = SIPTLSConfiguration(
                authorities: files.authority(), identity: try await files.identity("client", names: "DNS:fax.example.com"))
            let agents = try await StreamAgents(.tls, callerTLS: known, calleeTLS: server)
            try await StreamCallTests.wholeCall(agents)
            await agents.shutdown()
        }
    }

    @Test func filesThatAreNoneAreNamed() async throws {
        try await TestCertificates.with { files in
            let missing = SIPTLSConfiguration(authorities: "/nowhere/authorities.pem")
            let failure = await #expect(throws: SIPTLSFailure.self) {
                _ = try await StreamAgents.start([.tls], tls: missing, seed: 1, clock: ManualClock())
            }
            #expect(failure?.description.contains("/nowhere/authorities.pem") == true)
            let one = try await files.identity("one")
            let two = try await files.identity("two")
            let mixed = SIPTLSConfiguration(identity: SIPTLSConfiguration.Identity(chain: one.chain, key: two.key))
            await #expect(throws: SIPTLSFailure.self) {
                _ = try await StreamAgents.start([.tls], tls: mixed, seed: 1, clock: ManualClock())
            }
        }
    }

    /// Nothing of a call leaves in the clear.
    @Test func aPeerWithoutTLSIsRefused() async throws {
        let clock = ManualClock()
        let server = try await RawListener()
        let caller = try await StreamAgents.start([.tls], tls: SIPTLSConfiguration(), seed: 1, clock: clock)
        let out = EventReader(try await caller.call(SIPDestination(host: "127.0.0.1", port: server.port, transport: .tls)))
        let peer = try await server.next()
        try await peer.write("SIP/2.0 200 OK\r\n\r\n")
        #expect(try await out.next() == "rejected 503")
        #expect(await peer.read(until: "never").contains("INVITE") == false)
        await caller.shutdown(grace: .zero)
        await server.close()
    }
}
