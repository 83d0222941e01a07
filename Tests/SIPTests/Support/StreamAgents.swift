import NIOCore
import SIP
import Testing

/// Two agents on streams with a common clock that stands still.
struct StreamAgents {
    let clock = ManualClock()
    let caller: UserAgent
    let callee: UserAgent
    let kind: SIPTransportKind

    init(
        _ kind: SIPTransportKind, callerTLS: SIPTLSConfiguration? = nil, calleeTLS: SIPTLSConfiguration? = nil,
        callerAccepts: Bool = true
    ) async throws {
        self.kind = kind
        caller = try await Self.start([kind], tls: callerTLS, seed: 1, clock: clock, accepts: callerAccepts)
        callee = try await Self.start([kind], tls: calleeTLS, seed: 2, clock: clock)
    }

    static func start(
        _ kinds: [SIPTransportKind], tls: SIPTLSConfiguration? = nil, seed: UInt64, clock: ManualClock, accepts: Bool = true,
        nameserver: SocketAddress? = nil, limits: SIPStreamLimits = SIPStreamLimits()
    ) async throws -> UserAgent {
        var configuration = UserAgentConfiguration(bindHost: "127.0.0.1", bindPort: 0, productName: "test")
        configuration.transports = kinds
        configuration.tls = tls
        configuration.acceptsConnections = accepts
        configuration.streamLimits = limits
        configuration.dns.nameservers = nameserver.map { [$0] } ?? []
        configuration.dns.usesSystem = false
        return try await UserAgent.start(configuration: configuration, clock: clock, random: SeededGenerator(seed: seed))
    }

    func invite(host: String = "127.0.0.1", callID: String = "call-1") async throws -> Call {
        try await caller.call(
            SIPDestination(host: host, port: callee.localAddresses[kind]?.port, transport: kind), callID: callID)
    }

    func shutdown() async {
        await caller.shutdown(grace: .zero)
        await callee.shutdown(grace: .zero)
    }
}

extension UserAgent {
    func call(_ destination: SIPDestination, callID: String = "call-1") async throws -> Call {
        try await invite(
            target: SIPURI(user: "+15551230101", host: "127.0.0.1"), destination: destination,
            from: NameAddress(uri: SIPURI(user: "+15551230102", host: "127.0.0.1")), callID: callID, body: Array("offer".utf8))
    }

    func nextIncoming() async throws -> IncomingCall {
        for await call in incomingCalls { return call }
        throw Unexpected()
    }
}
