import Logging
import NIOCore
import SIP
import Synchronization
import Testing

/// Floods from where no call is expected: what they may cost, and what they must leave.
@Suite(.timeLimit(.minutes(10))) struct UserAgentFloodTests {
    private static func request(_ method: String, _ number: Int, to: String = "") -> String {
        """
        \(method) sip:x@192.0.2.20 SIP/2.0
        Via: SIP/2.0/UDP 192.0.2.10:5070;rport;branch=z9hG4bKflood\(number)
        From: <sip:+15551230102@192.0.2.10>;tag=f
        To: <sip:+15551230101@192.0.2.20>\(to)
        Call-ID: flood\(number)
        CSeq: 1 \(method)
        Contact: <sip:gw@192.0.2.10:5099>
        Content-Length: 0
        """
    }

    /// The final answers up to that to a request in an unknown version, which needs no transaction, as `status method`.
    private static func answers(_ wire: BenchTransport) async throws -> [String] {
        wire.put(request("OPTIONS", 0).replacing("SIP/2.0\nVia", with: "SIP/7.0\nVia"))
        var answers: [String] = []
        while true {
            let response = try await wire.nextResponse()
            if response.status == 505 { return answers }
            answers.append("\(response.status) \(response.headers.cseq?.method.rawValue ?? "")")
        }
    }

    @Test func aFullTableHasRoomForTheRunningCall() async throws {
        let peer = try await BenchPeer { $0.maximumTransactions = 8 }
        let (call, _) = try await peer.callIn()
        for number in 1...20 { peer.wire.put(Self.request("OPTIONS", number)) }
        peer.send(peer.request(.invite, body: BenchPeer.offer))
        peer.acknowledge()
        peer.send(peer.request(.bye))
        let answers = try await Self.answers(peer.wire)
        #expect(answers.filter { $0 == "200 OPTIONS" }.count < 8)
        #expect(answers.suffix(2) == ["200 INVITE", "200 BYE"])
        #expect(try await call.next() == "ended remoteHangUp")
        // The dialog is over, and what is kept for calls in progress is not for its requests any more.
        peer.send(peer.request(.bye))
        #expect(try await Self.answers(peer.wire).isEmpty)
        await peer.close()
    }

    @Test func aFullTableHasRoomForTheCancelOfAWaitingCall() async throws {
        let peer = try await BenchPeer { $0.maximumTransactions = 8 }
        peer.wire.put(Self.request("INVITE", 100))
        for number in 1...20 { peer.wire.put(Self.request("REGISTER", number)) }
        // A CANCEL of nothing has no such room.
        peer.wire.put(Self.request("CANCEL", 101))
        peer.wire.put(Self.request("CANCEL", 100))
        #expect(try await Self.answers(peer.wire).suffix(3) == ["405 REGISTER", "200 CANCEL", "487 INVITE"])
        await peer.close()
    }

    @Test func strangersTakeNoCallAndNoTransaction() async throws {
        let trunk = try SocketAddress(ipAddress: "192.0.2.11", port: 5060)
        let peer = try await BenchPeer {
            $0.maximumTransactions = 4
            $0.maximumCalls = 1
            $0.acceptsCallsFrom = { $0.ipAddress == "192.0.2.11" }
        }
        let wire = peer.wire
        for number in 1...100 { wire.put(Self.request("INVITE", number)) }
        // The same again, as on a network that loses the answer; and the ACK that nobody waits for.
        wire.put(Self.request("INVITE", 1))
        wire.put(Self.request("ACK", 1, to: ";tag=stranger"))
        for _ in 0..<101 {
            let response = try await wire.nextResponse()
            #expect(response.status == 403)
            #expect(response.headers.to?.tag == "stranger")
        }
        for number in 1...10 { wire.put(Self.request("OPTIONS", number)) }
        wire.put(Self.request("BYE", 1, to: ";tag=unknown"))
        wire.put(Self.request("INVITE", 200, to: ";tag=unknown"))
        wire.put(Self.request("CANCEL", 200))
        let answers = try await Self.answers(wire)
        #expect(answers == Array(repeating: "200 OPTIONS", count: 10) + ["481 BYE", "481 INVITE", "481 CANCEL"])
        // The next notice is all that waits.
        #expect(peer.clock.pendingCount == 1)

        // The trunk has the one call, and may go on with it from another of its addresses.
        wire.put(Self.request("INVITE", 300), from: trunk)
        var waiting = peer.agent.incomingCalls.makeAsyncIterator()
        let incoming = try #require(await waiting.next())
        #expect(incoming.source == trunk)
        let call = EventReader(try await incoming.answer(body: []))
        let tag = try #require(try await wire.nextResponse().headers.to?.tag)
        wire.put(Self.request("ACK", 300, to: ";tag=\(tag)").replacing("z9hG4bKflood", with: "z9hG4bKack"))
        #expect(try await call.next() == "acknowledged ")
        wire.put(Self.request("BYE", 300, to: ";tag=\(tag)").replacing("CSeq: 1", with: "CSeq: 2"))
        #expect(try await wire.nextResponse().status == 200)
        #expect(try await call.next() == "ended remoteHangUp")
        await peer.close()
    }

    @Test func strangersAreLoggedOnceAMinute() async throws {
        let wire = try BenchTransport()
        let clock = ManualClock()
        let log = NoticeLog()
        var configuration = UserAgentConfiguration(bindHost: "192.0.2.20")
        configuration.acceptsCallsFrom = { _ in false }
        let agent = await UserAgent.start(
            configuration: configuration, transport: wire, logger: Logger(label: "sip") { _ in log }, clock: clock,
            random: SeededGenerator(seed: 3))
        for number in 1...50 { wire.put(Self.request("INVITE", number)) }
        _ = try await Self.answers(wire)
        #expect(log.lines == ["SIP call refused: none are taken from this address 192.0.2.10"])
        await clock.advance(by: .seconds(60))
        #expect(log.lines.dropFirst() == ["SIP calls refused: none are taken from their addresses 49"])
        await clock.advance(by: .seconds(60))
        #expect(log.lines.count == 2)
        #expect(clock.pendingCount == 0)
        await agent.shutdown(grace: .zero)
    }
}

/// Keeps notices and what is above them.
private final class NoticeLog: LogHandler {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock(\.self) }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    var logLevel: Logger.Level {
        get { .notice }
        set {}
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let values = (event.metadata ?? [:]).values.map { " \($0)" }.sorted().joined()
        kept.withLock { $0.append("\(event.message)\(values)") }
    }
}
