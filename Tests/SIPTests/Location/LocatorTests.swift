import NIOCore
import NIOPosix
import SIP
import Testing

@Suite(.timeLimit(.minutes(10))) struct LocatorTests {
    private struct Bench {
        let clock = ManualClock()
        let server: FakeNameserver
        let locator: SIPLocator

        init(_ kinds: [SIPTransportKind] = [.udp, .tcp, .tls], seed: UInt64 = 1, serverName: String? = nil) async throws {
            server = try await FakeNameserver()
            var configuration = DNSConfiguration()
            configuration.nameservers = [server.address]
            let dns = DNSClient(
                configuration: configuration, clock: clock, random: SeededGenerator(seed: seed),
                group: MultiThreadedEventLoopGroup.singleton)
            locator = SIPLocator(
                dns: dns, usesSystem: false, kinds: kinds, family: .inet, serverName: serverName,
                random: SeededGenerator(seed: seed), logger: UserAgent.silence)
        }

        /// As `transport address:port`.
        func targets(_ destination: SIPDestination) async throws -> [String] {
            try await locator.targets(for: destination).map {
                "\($0.kind) \($0.remote.ipAddress ?? ""):\($0.remote.port ?? 0)\($0.serverName.map { " " + $0 } ?? "")"
            }
        }

        func close() async {
            await locator.close()
            await server.close()
            #expect(clock.pendingCount == 0)
        }
    }

    @Test func numericHostsAskNobody() async throws {
        let bench = try await Bench()
        #expect(try await bench.targets(SIPDestination(host: "192.0.2.1")) == ["udp 192.0.2.1:5060"])
        #expect(try await bench.targets(SIPDestination(host: "192.0.2.1", transport: .tls)) == ["tls 192.0.2.1:5061"])
        #expect(try await bench.targets(SIPDestination(host: "[2001:db8::1]", port: 5070)) == ["udp 2001:db8::1:5070"])
        await #expect(throws: UserAgentError.unresolvable) {
            try await bench.targets(SIPDestination(host: "192.0.2.1", port: 70_000))
        }
        #expect(bench.server.queries.isEmpty)
        await bench.close()
    }

    @Test func pointersLeadToServicesToAddresses() async throws {
        let bench = try await Bench()
        let server = bench.server
        server.addPointer("example.com", order: 20, service: "SIP+D2U", to: "_sip._udp.example.com")
        server.addPointer("example.com", order: 10, service: "SIPS+D2T", to: "secure.example.com")
        server.addPointer("example.com", order: 1, flags: "u", service: "E2U+sip", to: "")
        server.addPointer("example.com", order: 1, service: "SIP+D2W", to: "_sip._ws.example.com")
        server.addService("secure.example.com", priority: 2, port: 5071, target: "b.example.com")
        server.addService("secure.example.com", priority: 1, port: 5061, target: "a.example.com")
        server.addAddress("a.example.com", [192, 0, 2, 1])
        server.addAddress("a.example.com", [192, 0, 2, 2])
        server.addAddress("b.example.com", [192, 0, 2, 3])
        #expect(
            try await bench.targets(SIPDestination(host: "Example.COM")) == [
                "tls 192.0.2.1:5061 Example.COM", "tls 192.0.2.2:5061 Example.COM", "tls 192.0.2.3:5071 Example.COM",
            ])
        await bench.close()
    }

    /// Whoever forges DNS must not be able to talk an agent that prefers TLS out of it.
    @Test func whoPrefersTLSIsLedToNothingElse() async throws {
        let bench = try await Bench([.tls, .tcp, .udp])
        let server = bench.server
        for host in ["both.example.com", "clear.example.com"] {
            server.addPointer(host, order: 1, service: "SIP+D2U", to: "_sip._udp.\(host)")
            server.addPointer(host, order: 2, service: "SIP+D2T", to: "_sip._tcp.\(host)")
            server.addAddress(host, [192, 0, 2, 7])
        }
        for host in ["both.example.com", "clear.example.com", "plain.example.com"] {
            server.addService("_sip._udp.\(host)", port: 5060, target: "a.example.com")
            server.addService("_sip._tcp.\(host)", port: 5060, target: "a.example.com")
        }
        server.addPointer("both.example.com", order: 3, service: "SIPS+D2T", to: "secure.example.com")
        server.addService("secure.example.com", port: 5071, target: "a.example.com")
        server.addAddress("plain.example.com", [192, 0, 2, 8])
        server.addAddress("a.example.com", [192, 0, 2, 1])
        #expect(try await bench.targets(SIPDestination(host: "both.example.com")) == ["tls 192.0.2.1:5071 both.example.com"])
        #expect(try await bench.targets(SIPDestination(host: "clear.example.com")) == ["tls 192.0.2.7:5061 clear.example.com"])
        #expect(try await bench.targets(SIPDestination(host: "plain.example.com")) == ["tls 192.0.2.8:5061 plain.example.com"])
        // Who asks for another gets it.
        #expect(try await bench.targets(SIPDestination(host: "both.example.com", transport: .udp)) == ["udp 192.0.2.1:5060"])
        await bench.close()
    }

    @Test func withoutPointersTheServicesOfOurTransportsAreAsked() async throws {
        let bench = try await Bench([.tcp, .udp])
        bench.server.addService("_sip._udp.example.com", port: 5080, target: "a.example.com")
        bench.server.addService("_sip._tcp.example.com", port: 0, target: "")
        bench.server.addAddress("a.example.com", [192, 0, 2, 1])
        #expect(try await bench.targets(SIPDestination(host: "example.com")) == ["udp 192.0.2.1:5080"])
        #expect(
            bench.server.queries == ["example.com 35", "_sip._tcp.example.com 33", "_sip._udp.example.com 33", "a.example.com 1"])
        // A transport that is asked for is all that is looked for, and one that we lack is refused.
        await #expect(throws: UserAgentError.unresolvable) {
            try await bench.targets(SIPDestination(host: "example.com", transport: .tcp))
        }
        await #expect(throws: UserAgentError.unresolvable) {
            try await bench.targets(SIPDestination(host: "example.com", transport: .tls))
        }
        await bench.close()
    }

    @Test func withoutServicesTheAddressIsUsed() async throws {
        let bench = try await Bench(serverName: "trunk.example.com")
        bench.server.add("sip.example.com", 5, DNSBytes.name("alias.example.com"))
        bench.server.addAddress("plain.example.com", [192, 0, 2, 9])
        #expect(try await bench.targets(SIPDestination(host: "plain.example.com")) == ["udp 192.0.2.9:5060"])
        #expect(
            try await bench.targets(SIPDestination(host: "plain.example.com", transport: .tls))
                == ["tls 192.0.2.9:5061 trunk.example.com"])
        let asked = bench.server.queries.count
        #expect(try await bench.targets(SIPDestination(host: "plain.example.com", port: 5090)) == ["udp 192.0.2.9:5090"])
        #expect(bench.server.queries.count == asked)
        await #expect(throws: UserAgentError.unresolvable) { try await bench.targets(SIPDestination(host: "none.example.com")) }
        await bench.close()
    }

    @Test func weightsShareTheFirstTries() throws {
        var random: any RandomNumberGenerator & Sendable = SeededGenerator(seed: 7)
        let servers = [
            ServiceOrder.Server(priority: 1, weight: 30, port: 1, target: "a"),
            ServiceOrder.Server(priority: 1, weight: 10, port: 2, target: "b"),
            ServiceOrder.Server(priority: 1, weight: 0, port: 3, target: "c"),
            ServiceOrder.Server(priority: 0, weight: 0, port: 4, target: "d"),
        ]
        var counts: [Int: Int] = [:]
        for _ in 0..<4_000 {
            let order = ServiceOrder.arrange(servers, using: &random).map(\.port)
            #expect(order.count == 4 && order.first == 4)
            counts[order[1], default: 0] += 1
        }
        #expect((2_700...3_200).contains(counts[1] ?? 0))
        #expect((800...1_200).contains(counts[2] ?? 0))
        #expect((20...250).contains(counts[3] ?? 0))
    }

    @Test func answersAreKeptForTheirTime() async throws {
        let bench = try await Bench()
        bench.server.addAddress("a.example.com", seconds: 60)
        let destination = SIPDestination(host: "a.example.com", port: 5060)
        for _ in 0..<3 { _ = try await bench.targets(destination) }
        #expect(bench.server.queries == ["a.example.com 1"])
        await bench.clock.advance(by: .seconds(59))
        _ = try await bench.targets(destination)
        #expect(bench.server.queries.count == 1)
        await bench.clock.advance(by: .seconds(2))
        _ = try await bench.targets(destination)
        #expect(bench.server.queries.count == 2)
        await bench.close()
    }

    @Test func whatDoesNotFitIsAskedForOverTCP() async throws {
        let bench = try await Bench()
        bench.server.addAddress("a.example.com", [192, 0, 2, 1])
        bench.server.set(.truncate)
        #expect(try await bench.targets(SIPDestination(host: "a.example.com", port: 1)) == ["udp 192.0.2.1:1"])
        #expect(bench.server.queries == ["a.example.com 1", "a.example.com 1 tcp"])
        await bench.close()
    }

    @Test func forgedAnswersArePassedOver() async throws {
        let bench = try await Bench()
        bench.server.addAddress("a.example.com", [192, 0, 2, 1])
        bench.server.set(.withForgeries)
        #expect(try await bench.targets(SIPDestination(host: "a.example.com", port: 1)) == ["udp 192.0.2.1:1"])
        await bench.close()
    }

    @Test func aFailingNameserverEndsInNoAddress() async throws {
        let bench = try await Bench()
        bench.server.set(.fail)
        await #expect(throws: UserAgentError.unresolvable) { try await bench.targets(SIPDestination(host: "a.example.com")) }
        await bench.close()
    }

    @Test func theSystemKnowsThisMachine() async throws {
        let server = try await FakeNameserver()
        var configuration = DNSConfiguration()
        configuration.nameservers = [server.address]
        let clock = ManualClock()
        let dns = DNSClient(
            configuration: configuration, clock: clock, random: SeededGenerator(seed: 1),
            group: MultiThreadedEventLoopGroup.singleton)
        let locator = SIPLocator(
            dns: dns, usesSystem: true, kinds: [.udp], family: .inet, serverName: nil, random: SeededGenerator(seed: 1),
            logger: UserAgent.silence)
        let targets = try await locator.targets(for: SIPDestination(host: "localhost", port: 5060))
        #expect(targets == [SIPFlow(kind: .udp, remote: try SocketAddress(ipAddress: "127.0.0.1", port: 5060))])
        #expect(server.queries.isEmpty)
        await server.close()
    }

    @Test func aSilentNameserverIsGivenUp() async throws {
        let bench = try await Bench()
        bench.server.set(.silent)
        let targets = Task { try await bench.targets(SIPDestination(host: "a.example.com", port: 5060)) }
        for count in 1...2 {
            while bench.server.queries.count < count { try await Task.sleep(for: .milliseconds(1)) }
            await bench.clock.advance(by: .seconds(2))
        }
        await #expect(throws: UserAgentError.unresolvable) { try await targets.value }
        await bench.close()
    }
}
