package import Logging
package import NIOCore
import NIOPosix

/// A SIP user agent (RFC 3261 8) on one or more transports: it makes, takes, changes and ends calls. Everything that decides is in
/// the transactions and dialogs; the agent performs what they ask for. Only Call-IDs are logged.
package actor UserAgent {
    /// Calls that wait for an answer. One reader only; when none reads, callers hear 503 after 64 of them.
    package nonisolated let incomingCalls: AsyncStream<IncomingCall>
    /// The address bound; that of the preferred transport when there are more.
    package nonisolated let localAddress: SocketAddress
    /// The address bound by each transport. Its port is 0 when that takes no connections.
    package nonisolated let localAddresses: [SIPTransportKind: SocketAddress]

    let configuration: UserAgentConfiguration
    let logger: Logger
    let clock: any SIPClock
    let transports: [SIPTransportKind: any SIPTransport]
    let locator: SIPLocator
    let incoming: AsyncStream<IncomingCall>.Continuation
    var random: any RandomNumberGenerator & Sendable

    var transactions: [TransactionID: TransactionRecord] = [:]
    /// Our requests outside of calls that wait for a final answer.
    var requests: [TransactionID: OwnRequest] = [:]
    var calls: [CallKey: CallRecord] = [:]
    var dialogs: [DialogID: CallKey] = [:]
    /// By a dialog id without remote tag.
    var answeredInvites: [DialogID: AnsweredInvite] = [:]
    var timers: [TimerKey: (serial: UInt64, handle: SIPTimerHandle)] = [:]
    private var lastCall: UInt64 = 0
    private var lastTimer: UInt64 = 0
    /// INVITEs of strangers since the last notice of them.
    var refusedStrangers = 0
    var isShutDown = false
    /// Whoever waits in ``shutdown(grace:)``.
    var drain: CheckedContinuation<Void, Never>?
    private(set) var receiver: Task<Void, Never>?

    /// The logger of an agent that was given none.
    package static let silence = Logger(label: "sip") { _ in SwiftLogNoOpLogHandler() }

    /// Starts an agent on the transports of its configuration.
    /// - Parameters:
    ///   - group: the event loops of the sockets.
    ///   - random: the source of tags and branches; it must be unpredictable outside of tests (RFC 3261 19.3).
    /// - Throws: the error of the system when the address cannot be bound, ``SIPTLSFailure``.
    package static func start(
        configuration: UserAgentConfiguration, logger: Logger = UserAgent.silence,
        clock: any SIPClock = ContinuousSIPClock(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> UserAgent {
        let (preferred, others) = try await configuration.openTransports(clock: clock, group: group)
        let agent = UserAgent(
            configuration: configuration, preferred: preferred, others: others, logger: logger, clock: clock,
            random: random, group: group)
        await agent.startReceiving()
        return agent
    }

    /// Starts an agent on a transport, which it owns from then on.
    package static func start(
        configuration: UserAgentConfiguration, transport: any SIPTransport, logger: Logger = UserAgent.silence,
        clock: any SIPClock = ContinuousSIPClock(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) async -> UserAgent {
        let agent = UserAgent(
            configuration: configuration, preferred: transport, logger: logger, clock: clock, random: random,
            group: MultiThreadedEventLoopGroup.singleton)
        await agent.startReceiving()
        return agent
    }

    private init(
        configuration: UserAgentConfiguration, preferred: any SIPTransport, others: [any SIPTransport] = [], logger: Logger,
        clock: any SIPClock,
        random: any RandomNumberGenerator & Sendable, group: any EventLoopGroup
    ) {
        self.configuration = configuration
        let transports = [preferred] + others
        self.transports = Dictionary(transports.map { ($0.kind, $0) }) { first, _ in first }
        localAddresses = self.transports.mapValues(\.localAddress)
        self.logger = logger
        self.clock = clock
        self.random = random
        localAddress = preferred.localAddress
        locator = SIPLocator(
            dns: DNSClient(configuration: configuration.dns, clock: clock, random: random, group: group),
            usesSystem: configuration.dns.usesSystem, kinds: transports.map(\.kind), family: localAddress.protocol,
            serverName: configuration.tls?.serverName, random: random, logger: logger)
        (incomingCalls, incoming) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(64))
    }

    private func startReceiving() {
        receiver = Task {
            await withDiscardingTaskGroup { group in
                for transport in transports.values {
                    group.addTask { await self.receive(from: transport) }
                }
            }
        }
    }

    private func receive(from transport: any SIPTransport) async {
        for await event in transport.arrivals {
            transport.noteRead(event)
            switch event {
            case .message(let datagram): receive(datagram)
            case .closed(let id, let wasOpen, let reason): connectionEnded(id, wasOpen: wasOpen, reason: reason)
            }
            finishDrainIfIdle()
        }
    }

    // MARK: Timers

    /// Starts a timer, or starts it anew.
    func set(_ key: TimerKey, after delay: Duration) {
        cancel(key)
        lastTimer += 1
        let serial = lastTimer
        let handle = clock.schedule(after: delay) { [weak self] in await self?.fire(key, serial: serial) }
        timers[key] = (serial, handle)
    }

    /// Stops a timer; it may not be running.
    func cancel(_ key: TimerKey) {
        timers.removeValue(forKey: key)?.handle.cancel()
    }

    private func fire(_ key: TimerKey, serial: UInt64) {
        // A timer that was stopped or started anew in the meantime has another serial.
        guard timers[key]?.serial == serial else { return }
        timers.removeValue(forKey: key)
        switch key {
        case .transaction(let id, let timer): fire(timer, of: id)
        case .success(let call, let sequence, let timer): fire(timer, of: call, sequence: sequence)
        case .cancelled(let call): abandonCancelled(call)
        case .answered(let id): forgetAnswered(id)
        case .refresh(let call): refresh(call)
        case .expiry(let call): expire(call)
        case .strangers: reportStrangers()
        case .shutdown: finishDrainIfIdle(isOverdue: true)
        }
    }

    // MARK: Identifiers

    /// 64 random bits in hexadecimal digits.
    func randomToken() -> String {
        let value: UInt64 = random.next()
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// A Via entry of ours with a new branch, for a request that leaves by that transport.
    func makeVia(on kind: SIPTransportKind) -> Via {
        let (host, port) = advertised(kind)
        return Via(transport: kind.viaName, host: host, port: port, branch: Via.magicCookie + randomToken())
    }

    /// The Contact of a call or registration by that transport.
    func contact(user: String?, on kind: SIPTransportKind) -> String {
        let (host, port) = advertised(kind)
        var uri = SIPURI(user: user, host: host, port: port)
        if kind != .udp { uri.parameters["transport"] = kind.rawValue }
        return NameAddress(uri: uri).text
    }

    /// The host, in brackets when it is IPv6, and the port where peers reach us by that transport.
    func advertised(_ kind: SIPTransportKind) -> (host: String, port: Int) {
        let bound = localAddresses[kind] ?? localAddress
        let host = configuration.advertisedHost ?? bound.ipAddress ?? configuration.bindHost
        // SIPURI puts brackets around a bare IPv6 address.
        let name = SIPURI(user: nil, host: host).host
        if let port = configuration.advertisedPort, kind != .tls || transports.count == 1 { return (name, port) }
        // Without a listener there is no port to name; the usual one is as good as any.
        return (name, bound.port.flatMap { $0 > 0 ? $0 : nil } ?? kind.defaultPort)
    }

    /// A name for a new call.
    func makeCallKey() -> CallKey {
        lastCall += 1
        return CallKey(number: lastCall)
    }
}

/// The agent's timers.
enum TimerKey: Hashable, Sendable {
    case transaction(TransactionID, SIPTimer)
    case success(CallKey, sequence: UInt32, SuccessRetransmission.Timer)
    /// No final answer came to a cancelled INVITE (RFC 3261 9.1).
    case cancelled(CallKey)
    /// No more 2xx can come to an INVITE (RFC 3261 13.2.2.4).
    case answered(DialogID)
    /// It is our turn to refresh the session; the session died (RFC 4028).
    case refresh(CallKey)
    case expiry(CallKey)
    /// A refused stranger can be logged again.
    case strangers
    case shutdown
}
