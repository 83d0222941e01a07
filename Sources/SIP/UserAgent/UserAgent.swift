package import Logging
package import NIOCore
import NIOPosix

/// A SIP user agent (RFC 3261 8) on one transport: it makes, takes, changes and ends calls. Everything that decides is in
/// the transactions and dialogs; the agent performs what they ask for. Only Call-IDs are logged.
package actor UserAgent {
    /// Calls that wait for an answer. One reader only; when none reads, callers hear 503 after 64 of them.
    package nonisolated let incomingCalls: AsyncStream<IncomingCall>
    /// The address bound.
    package nonisolated let localAddress: SocketAddress

    let configuration: UserAgentConfiguration
    let logger: Logger
    let clock: any SIPClock
    let transport: any SIPTransport
    let incoming: AsyncStream<IncomingCall>.Continuation
    let advertised: (host: String, port: Int)
    var random: any RandomNumberGenerator & Sendable

    var transactions: [TransactionID: TransactionRecord] = [:]
    var calls: [CallKey: CallRecord] = [:]
    var dialogs: [DialogID: CallKey] = [:]
    var timers: [TimerKey: (serial: UInt64, handle: SIPTimerHandle)] = [:]
    private var lastCall: UInt64 = 0
    private var lastTimer: UInt64 = 0
    private(set) var isShutDown = false
    private var receiver: Task<Void, Never>?
    private var drain: CheckedContinuation<Void, Never>?

    /// The logger of an agent that was given none.
    package static let silence = Logger(label: "sip") { _ in SwiftLogNoOpLogHandler() }

    /// Starts an agent on UDP.
    /// - Parameters:
    ///   - group: the event loops of the socket.
    ///   - random: the source of tags and branches; it must be unpredictable outside of tests (RFC 3261 19.3).
    /// - Throws: the error of the system when the address cannot be bound.
    package static func start(
        configuration: UserAgentConfiguration, logger: Logger = UserAgent.silence,
        clock: any SIPClock = ContinuousSIPClock(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> UserAgent {
        let transport = try await UDPTransport(
            host: configuration.bindHost, port: configuration.bindPort, group: group)
        return await start(
            configuration: configuration, transport: transport, logger: logger, clock: clock, random: random)
    }

    /// Starts an agent on a transport, which it owns from then on.
    package static func start(
        configuration: UserAgentConfiguration, transport: any SIPTransport, logger: Logger = UserAgent.silence,
        clock: any SIPClock = ContinuousSIPClock(),
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) async -> UserAgent {
        let agent = UserAgent(
            configuration: configuration, transport: transport, logger: logger, clock: clock, random: random)
        await agent.startReceiving()
        return agent
    }

    private init(
        configuration: UserAgentConfiguration, transport: any SIPTransport, logger: Logger, clock: any SIPClock,
        random: any RandomNumberGenerator & Sendable
    ) {
        self.configuration = configuration
        self.transport = transport
        self.logger = logger
        self.clock = clock
        self.random = random
        localAddress = transport.localAddress
        let host = configuration.advertisedHost ?? transport.localAddress.ipAddress ?? configuration.bindHost
        // SIPURI puts brackets around a bare IPv6 address.
        advertised = (
            SIPURI(user: nil, host: host).host, configuration.advertisedPort ?? transport.localAddress.port ?? 5060
        )
        (incomingCalls, incoming) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(64))
    }

    private func startReceiving() {
        receiver = Task {
            for await datagram in transport.datagrams { receive(datagram) }
        }
    }

    /// Closes the agent. Calls should be hung up before: those left end with ``CallEnd/shutDown`` and tell the peer
    /// nothing. It waits for the answers to BYE and CANCEL already sent, but no longer than `grace`.
    package func shutdown(grace: Duration = .seconds(2)) async {
        guard !isShutDown else { return }
        isShutDown = true
        incoming.finish()
        if grace > .zero, hasOpenRequests {
            await withCheckedContinuation { continuation in
                drain = continuation
                set(.shutdown, after: grace)
            }
        }
        for key in Array(calls.keys) { end(key, with: .ended(.shutDown)) }
        for timer in Array(timers.keys) { cancel(timer) }
        transactions.removeAll()
        await transport.close()
        receiver?.cancel()
        logger.info("SIP agent closed")
    }

    /// Whether a BYE, a CANCEL or a cancelled INVITE waits for its answer.
    private var hasOpenRequests: Bool {
        transactions.values.contains { record in
            guard case .client(let machine) = record.machine else { return false }
            return machine.state == .trying || machine.state == .proceeding
        } || calls.values.contains(where: \.isCancelSent)
    }

    /// Lets ``shutdown(grace:)`` go on when nothing is left to wait for.
    func finishDrainIfIdle(isOverdue: Bool = false) {
        guard let drain, isOverdue || !hasOpenRequests else { return }
        self.drain = nil
        cancel(.shutdown)
        drain.resume()
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

    /// A Via entry of ours with a new branch.
    func makeVia() -> Via {
        Via(
            transport: transport.name, host: advertised.host, port: advertised.port,
            branch: Via.magicCookie + randomToken())
    }

    /// The Contact of a call.
    func contact(user: String?) -> String {
        let uri = SIPURI(user: user, host: advertised.host, port: advertised.port)
        return NameAddress(uri: uri).text
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
    case shutdown
}
