import Logging

/// Keeps one address of record bound to the Contact of an agent (RFC 3261 10.2): it registers, refreshes, tries again after
/// failures, and removes its own binding at the end. Bindings of others are not touched.
package actor Registration {
    /// What happens, from the start. One reader only; who reads late sees the last 16.
    package nonisolated let states: AsyncStream<RegistrationState>
    /// The last state; nil before the first answer.
    package private(set) var state: RegistrationState?

    /// What one row of REGISTER came to.
    enum Outcome {
        case registered(Duration)
        case failed(status: Int?, retryAfter: Int?)
        /// There is nobody to send any more.
        case agentIsShutDown
    }

    let configuration: RegistrationConfiguration
    let agent: UserAgent
    let from: NameAddress
    let callID: String
    var sequence: UInt32 = 0
    var authenticator: DigestAuthenticator?
    /// The life asked for, seconds; raised by 423.
    var lifetime: Int
    /// The Contact URI that the registrar has.
    var bound: SIPURI?
    /// The target that answered last.
    var target: SIPFlow?
    /// The host and port that registrars see, by what carries the messages.
    var observed: [SIPTransportKind: SIPURI] = [:]

    private let continuation: AsyncStream<RegistrationState>.Continuation
    private let logger: Logger
    private let clock: any SIPClock
    private let schedule: RegistrationSchedule
    private let alarm: Alarm
    private var random: any RandomNumberGenerator & Sendable
    private var failures = 0
    private(set) var isStopping = false
    private var isOver = false
    private var stoppers: [Alarm] = []

    /// Begins to register at once; ``states`` tells the outcome.
    /// - Parameters:
    ///   - agent: sends the requests and gives the Contact; calls to the address of record arrive there.
    ///   - random: the source of the random part of waits.
    package static func start(
        _ configuration: RegistrationConfiguration, agent: UserAgent,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) async -> Registration {
        let registration = Registration(
            configuration, agent: agent, tag: await agent.randomToken(), callID: await agent.randomToken(),
            random: random)
        Task { await registration.run() }
        return registration
    }

    private init(
        _ configuration: RegistrationConfiguration, agent: UserAgent, tag: String, callID: String,
        random: any RandomNumberGenerator & Sendable
    ) {
        self.configuration = configuration
        self.agent = agent
        self.callID = callID
        self.random = random
        var from = configuration.addressOfRecord
        from.tag = tag
        self.from = from
        lifetime = Int(min(max(configuration.lifetime.components.seconds, 60), 86_400))
        logger = agent.logger
        clock = agent.clock
        alarm = Alarm(clock: agent.clock)
        schedule = RegistrationSchedule(base: configuration.retryBase, limit: configuration.retryLimit)
        (states, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
    }

    /// Removes the binding and ends. It returns when the registrar has answered or `grace` is over.
    package func stop(grace: Duration = .seconds(4)) async {
        guard !isOver else { return }
        isStopping = true
        await alarm.silence()
        let stopper = Alarm(clock: clock)
        await stopper.set(after: grace)
        // It may be over by now.
        guard !isOver else { return await stopper.silence() }
        stoppers.append(stopper)
        await stopper.wait()
    }

    private func run() async {
        while !isStopping {
            switch await register() {
            case .registered(let granted):
                failures = 0
                await alarm.set(after: schedule.refreshDelay(granted: granted, random: &random))
                tell(.registered(for: granted))
            case .failed(let status, let retryAfter):
                failures += 1
                let delay = schedule.retryDelay(failures: failures, retryAfter: retryAfter, random: &random)
                await alarm.set(after: delay)
                tell(.failed(status: status, retryIn: delay))
            case .agentIsShutDown:
                isStopping = true
                continue
            }
            await alarm.wait()
        }
        await unregister()
        isOver = true
        tell(.unregistered)
        continuation.finish()
        for stopper in stoppers { await stopper.silence() }
    }

    private func tell(_ news: RegistrationState) {
        state = news
        switch news {
        case .registered: logger.debug("SIP registered")
        case .failed(let status, _):
            logger.warning("SIP registration failed", metadata: ["status": "\(status.map(String.init) ?? "no answer")"])
        case .unregistered: logger.info("SIP registration ended")
        }
        continuation.yield(news)
    }
}
