import NIOCore
import NIOPosix
import SIP
import Testing

@Suite(.timeLimit(.minutes(10))) struct StreamHostileTests {
    private static func options(_ branch: String = "1", body: String = "") -> [UInt8] {
        SampleMessages.message(
            """
            OPTIONS sip:x@127.0.0.1 SIP/2.0
            Via: SIP/2.0/TCP 127.0.0.1:5999;rport;branch=z9hG4bK\(branch)
            From: <sip:a@127.0.0.1>;tag=f
            To: <sip:x@127.0.0.1>
            Call-ID: raw
            CSeq: 1 OPTIONS
            Content-Length: \(body.utf8.count)
            """, body: body)
    }

    private static func with(
        limits: SIPStreamLimits = SIPStreamLimits(), _ body: (SocketAddress, ManualClock) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let agent = try await StreamAgents.start([.tcp], seed: 1, clock: clock, limits: limits)
        try await body(agent.localAddress, clock)
        await agent.shutdown(grace: .zero)
        #expect(clock.pendingCount == 0)
    }

    @Test func oneByteAtATimeIsAnswered() async throws {
        try await Self.with { address, _ in
            let stream = try await RawStream(to: address)
            for byte in Self.options(body: "x") { try await stream.write([byte]) }
            #expect(await stream.read().hasPrefix("SIP/2.0 200 OK\r\n"))
            await stream.close()
        }
    }

    @Test func severalMessagesInOneSegmentAreAnswered() async throws {
        try await Self.with { address, _ in
            let stream = try await RawStream(to: address)
            try await stream.write(Self.options("1", body: "abc") + Self.options("2") + Self.options("3"))
            var text = ""
            while text.split(separator: "SIP/2.0 200").count < 3 { text += await stream.read() }
            for branch in 1...3 { #expect(text.contains("branch=z9hG4bK\(branch)")) }
            await stream.close()
        }
    }

    @Test func aPingIsAnswered() async throws {
        try await Self.with { address, _ in
            let stream = try await RawStream(to: address)
            try await stream.write("\r\n\r\n")
            #expect(await stream.read(until: "\r\n") == "\r\n")
            await stream.close()
        }
    }

    @Test(arguments: [
        "OPTIONS sip:x SIP/2.0\r\nContent-Length: -5\r\n\r\n", "OPTIONS sip:x SIP/2.0\r\n\r\n",
        "OPTIONS sip:x SIP/2.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "OPTIONS sip:x SIP/2.0\r\nl: 300000\r\n\r\n", String(repeating: "A", count: 70_000), "\u{16}\u{3}\u{1}\r\n\r\n",
    ])
    func aStreamThatCannotBeFramedIsClosed(text: String) async throws {
        try await Self.with { address, _ in
            let stream = try await RawStream(to: address)
            try? await stream.write(text)
            await stream.waitForEnd()
        }
    }

    @Test func halfAMessageIsForgotten() async throws {
        try await Self.with { address, clock in
            let stream = try await RawStream(to: address)
            try await stream.write(Array(Self.options().prefix(40)))
            await stream.close()
            // Others are served meanwhile.
            let other = try await RawStream(to: address)
            try await other.write(Self.options())
            #expect(await other.read().hasPrefix("SIP/2.0 200 OK\r\n"))
            await other.close()
        }
    }

    @Test func slowAndSilentConnectionsAreClosed() async throws {
        try await Self.with { address, clock in
            let silent = try await RawStream(to: address)
            await clock.wait(forPending: 2)
            await clock.advance(by: .seconds(31))
            await silent.waitForEnd()
            await clock.wait(forPending: 0)
            let slow = try await RawStream(to: address)
            try await slow.write(Self.options())
            _ = await slow.read()
            await clock.wait(forPending: 1)
            try await slow.write("OPTIONS")
            await clock.wait(forPending: 2)
            await clock.advance(by: .seconds(31))
            await slow.waitForEnd()
            await clock.wait(forPending: 0)
            let idle = try await RawStream(to: address)
            try await idle.write(Self.options("2"))
            _ = await idle.read()
            await clock.wait(forPending: 1)
            await clock.advance(by: .seconds(7_200))
            await clock.wait(forPending: 1)
            await clock.advance(by: .seconds(7_200))
            await idle.waitForEnd()
        }
    }

    /// Nobody reads what came: only who sends too much loses its connection, and its end is told.
    @Test func aFloodClosesItsOwnConnectionOnly() async throws {
        let transport = try await StreamTransport(
            host: "127.0.0.1", port: 0, clock: ManualClock(), group: MultiThreadedEventLoopGroup.singleton)
        let trunk = try await RawStream(to: transport.localAddress)
        let flooding = try await RawStream(to: transport.localAddress)
        try? await flooding.write(Array((0..<300).map { Self.options("flood\($0)") }.joined()))
        await flooding.waitForEnd()
        try await trunk.write(Self.options("trunk"))
        var floods = 0
        var isTrunkHeard = false
        var isClosed = false
        for await event in transport.arrivals {
            transport.noteRead(event)
            switch event {
            case .message(let datagram) where String(decoding: datagram.bytes, as: UTF8.self).contains("trunk"): isTrunkHeard = true
            case .message: floods += 1
            case .closed(_, let wasOpen, let reason):
                isClosed = true
                #expect(wasOpen && reason == "more messages than can be read")
            }
            if isTrunkHeard, isClosed { break }
        }
        #expect(floods == 256)
        await trunk.close()
        await transport.close()
    }

    /// Long messages fill the backlog sooner.
    @Test func aBacklogIsBoundedInBytes() async throws {
        let transport = try await StreamTransport(
            host: "127.0.0.1", port: 0, clock: ManualClock(), group: MultiThreadedEventLoopGroup.singleton)
        let flooding = try await RawStream(to: transport.localAddress)
        let long = Self.options(body: String(repeating: "x", count: 200_000))
        for _ in 0..<4 { try? await flooding.write(long) }
        await flooding.waitForEnd()
        var floods = 0
        loop: for await event in transport.arrivals {
            switch event {
            case .message: floods += 1
            case .closed: break loop
            }
        }
        #expect(floods == 3)
        await transport.close()
    }

    /// A connection whose messages wait counts on when it is over: else new ones could bring any number of messages.
    @Test func connectionsWithUnreadMessagesAreLimited() async throws {
        var limits = SIPStreamLimits()
        limits.maximumInboundPerAddress = 1
        let transport = try await StreamTransport(
            host: "127.0.0.1", port: 0, limits: limits, clock: ManualClock(), group: MultiThreadedEventLoopGroup.singleton)
        let first = try await RawStream(to: transport.localAddress)
        try await first.write(Self.options("1"))
        await first.close()
        let second = try await RawStream(to: transport.localAddress)
        await second.waitForEnd()
        var events = transport.arrivals.makeAsyncIterator()
        for _ in 0..<2 { transport.noteRead(try #require(await events.next(isolation: #isolation))) }
        let third = try await RawStream(to: transport.localAddress)
        try await third.write(Self.options("3"))
        guard case .message? = await events.next(isolation: #isolation) else { throw Unexpected() }
        await third.close()
        await transport.close()
    }

    @Test func connectionsAreLimited() async throws {
        var limits = SIPStreamLimits()
        limits.maximumInboundPerAddress = 2
        try await Self.with(limits: limits) { address, _ in
            let first = try await RawStream(to: address)
            let second = try await RawStream(to: address)
            for stream in [first, second] {
                try await stream.write(Self.options())
                #expect(await stream.read().hasPrefix("SIP/2.0 200 OK\r\n"))
            }
            let third = try await RawStream(to: address)
            await third.waitForEnd()
            await first.close()
            await second.close()
        }
    }

    @Test func aSilentConnectionOfOursIsPinged() async throws {
        let clock = ManualClock()
        let server = try await RawListener()
        let agent = try await StreamAgents.start([.tcp], seed: 1, clock: clock)
        let call = try await agent.call(SIPDestination(host: "127.0.0.1", port: server.port, transport: .tcp))
        let peer = try await server.next()
        #expect(await peer.read(until: "offer").hasPrefix("INVITE "))
        await clock.wait(forPending: 2)
        await clock.advance(by: .seconds(30))
        #expect(await peer.read() == "\r\n\r\n")
        // The pong counts as a sign of life, as the request behind it does.
        try await peer.write("\r\n")
        try await peer.write(Self.options())
        #expect(await peer.read().hasPrefix("SIP/2.0 200 OK\r\n"))
        await clock.wait(forPending: 2)
        await clock.advance(by: .seconds(30))
        await clock.wait(forPending: 2)
        await clock.advance(by: .seconds(30))
        #expect(await peer.read() == "\r\n\r\n")
        // This peer is known to answer.
        await clock.advance(by: .seconds(11))
        await peer.waitForEnd()
        #expect(try await EventReader(call).next() == "rejected 408")
        await agent.shutdown(grace: .zero)
        await server.close()
    }
}
