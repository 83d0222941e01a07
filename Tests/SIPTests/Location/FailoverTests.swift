import NIOCore
import SIP
import Testing

/// What happens when the first of two servers cannot take a call.
@Suite(.timeLimit(.minutes(10))) struct FailoverTests {
    private struct Bench {
        let clock = ManualClock()
        let server: FakeNameserver
        let caller: UserAgent
        let kind: SIPTransportKind

        init(_ kind: SIPTransportKind) async throws {
            self.kind = kind
            server = try await FakeNameserver()
            server.addAddress("a.example.com")
            caller = try await StreamAgents.start([kind], seed: 1, clock: clock, nameserver: server.address)
        }

        func add(_ port: Int?, priority: Int) {
            server.addService("_sip._\(kind).example.com", priority: priority, port: port ?? 0, target: "a.example.com")
        }

        func call() async throws -> EventReader {
            EventReader(try await caller.call(SIPDestination(host: "example.com", transport: kind)))
        }

        func close(_ agents: UserAgent...) async {
            for agent in agents + [caller] { await agent.shutdown(grace: .zero) }
            await server.close()
        }
    }

    @Test func aRefusedConnectionGoesToTheNextServer() async throws {
        let bench = try await Bench(.tcp)
        let gone = try await StreamAgents.start([.tcp], seed: 3, clock: bench.clock)
        bench.add(gone.localAddress.port, priority: 1)
        await gone.shutdown()
        let callee = try await StreamAgents.start([.tcp], seed: 2, clock: bench.clock)
        bench.add(callee.localAddress.port, priority: 2)
        let out = try await bench.call()
        let incoming = try await callee.nextIncoming()
        #expect(incoming.callID == "call-1")
        _ = try await incoming.answer(body: [])
        #expect(try await out.next() == "answered ")
        await out.call.hangUp()
        await bench.close(callee)
    }

    @Test func a503GoesToTheNextServerUntilNoneIsLeft() async throws {
        let bench = try await Bench(.udp)
        let first = try await StreamAgents.start([.udp], seed: 2, clock: bench.clock)
        let second = try await StreamAgents.start([.udp], seed: 3, clock: bench.clock)
        bench.add(first.localAddress.port, priority: 1)
        bench.add(second.localAddress.port, priority: 2)
        let out = try await bench.call()
        let refusing = try await first.nextIncoming()
        await refusing.reject(status: 503)
        let last = try await second.nextIncoming()
        #expect(last.headers.cseq?.number == 2)
        #expect(last.headers.topVia?.branch != refusing.headers.topVia?.branch)
        await last.reject(status: 503)
        #expect(try await out.next() == "rejected 503")
        await bench.close(first, second)
    }

    /// Who rings may be answered: a second INVITE could be a second fax.
    @Test func aServerThatRangIsTheLast() async throws {
        let bench = try await Bench(.udp)
        let first = try await StreamAgents.start([.udp], seed: 2, clock: bench.clock)
        let second = try await StreamAgents.start([.udp], seed: 3, clock: bench.clock)
        bench.add(first.localAddress.port, priority: 1)
        bench.add(second.localAddress.port, priority: 2)
        let out = try await bench.call()
        let incoming = try await first.nextIncoming()
        await incoming.ring()
        #expect(try await out.next() == "provisional 180")
        await incoming.reject(status: 503)
        #expect(try await out.next() == "rejected 503")
        await bench.close(first, second)
    }

    @Test func aTimeOutAndALostConnectionAreTheEnd() async throws {
        for closes in [true, false] {
            let bench = try await Bench(.tcp)
            let listener = try await RawListener()
            let second = try await StreamAgents.start([.tcp], seed: 3, clock: bench.clock)
            bench.add(listener.port, priority: 1)
            bench.add(second.localAddress.port, priority: 2)
            let out = try await bench.call()
            let peer = try await listener.next()
            #expect(await peer.read(until: "offer").hasPrefix("INVITE "))
            if closes { await peer.close() } else { await bench.clock.advance(by: .seconds(33)) }
            #expect(try await out.next() == (closes ? "rejected 503" : "rejected 408"))
            await bench.close(second)
            var waiting = second.incomingCalls.makeAsyncIterator()
            #expect(await waiting.next() == nil)
            await listener.close()
        }
    }

    @Test func whatTheOtherSideSawIsRead() throws {
        var via = try Via(parsing: "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa;received=198.51.100.7;rport=40000")
        #expect(via.observed?.host == "198.51.100.7")
        #expect(via.observed?.port == 40_000)
        via = try Via(parsing: "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa;rport=70000")
        #expect(via.observed == nil)
        via = try Via(parsing: "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa;rport=40000")
        #expect(via.observed?.host == "192.0.2.1")
    }

    @Test func urisNameDestinations() throws {
        func destination(_ text: String) throws -> SIPDestination? { SIPDestination(try SIPURI(parsing: text)) }
        #expect(try destination("sip:127.0.0.1:5061;transport=tcp") == SIPDestination(host: "127.0.0.1", port: 5061, transport: .tcp))
        #expect(try destination("sips:example.com") == SIPDestination(host: "example.com", transport: .tls))
        #expect(try destination("sip:example.com;transport=TLS") == SIPDestination(host: "example.com", transport: .tls))
        #expect(try destination("sip:example.com") == SIPDestination(host: "example.com"))
        #expect(try destination("sip:example.com;transport=sctp") == nil)
        #expect(try destination("tel:+15551230101") == nil)
    }
}
