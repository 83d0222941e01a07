/// Watches whether a trunk is there by OPTIONS at intervals, which also keeps the way open through NAT (RFC 3261 11,
/// RFC 5626 4.4 for what it is good for). Every final answer counts as life, a refusal too.
package actor OptionsPinger {
    /// What is known of the peer.
    package enum State: Sendable, Equatable {
        /// The last OPTIONS was answered.
        case up(OptionsReply)
        /// As many OPTIONS in a row as the configuration says had no answer, or the peer has no address.
        case down(RequestFailure)
    }

    /// What a pinger is told at its start.
    package struct Configuration: Sendable {
        /// Whom to ask: usually the trunk's domain without user part.
        package var uri: SIPURI
        /// Where OPTIONS goes.
        package var destination: SIPDestination
        /// Our address without tag. Not for logs.
        package var from: NameAddress
        /// The answer to challenges, or nil for those of the agent.
        package var credentials: SIPCredentials?
        /// From an answer to the next OPTIONS, 1 s or more.
        package var interval = Duration.seconds(30)
        /// OPTIONS without answer until the peer is down, 1 or more.
        package var failuresUntilDown = 2

        /// Builds a configuration.
        package init(uri: SIPURI, destination: SIPDestination, from: NameAddress, credentials: SIPCredentials? = nil) {
            self.uri = uri
            self.destination = destination
            self.from = from
            self.credentials = credentials
        }
    }

    /// The first state and each change between up and down. One reader only.
    package nonisolated let states: AsyncStream<State>
    /// The last state, with the newest reply; nil before the first.
    package private(set) var state: State?

    private let configuration: Configuration
    private let agent: UserAgent
    private let alarm: Alarm
    private let continuation: AsyncStream<State>.Continuation
    private var failures = 0
    private var isStopped = false

    /// Sends the first OPTIONS at once.
    package static func start(_ configuration: Configuration, agent: UserAgent) -> OptionsPinger {
        let pinger = OptionsPinger(configuration, agent: agent)
        Task { await pinger.run() }
        return pinger
    }

    private init(_ configuration: Configuration, agent: UserAgent) {
        self.configuration = configuration
        self.agent = agent
        alarm = Alarm(clock: agent.clock)
        (states, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
    }

    /// Sends no more; an answer still awaited changes nothing.
    package func stop() async {
        guard !isStopped else { return }
        isStopped = true
        continuation.finish()
        await alarm.silence()
    }

    private func run() async {
        while !isStopped {
            let outcome: State
            do throws(RequestFailure) {
                let reply = try await agent.options(
                    configuration.uri, destination: configuration.destination, from: configuration.from,
                    credentials: configuration.credentials)
                failures = 0
                outcome = .up(reply)
            } catch {
                failures += 1
                outcome = .down(error)
                if error == .shutDown { return await stop() }
            }
            guard !isStopped else { return }
            await alarm.set(after: max(.seconds(1), configuration.interval))
            note(outcome)
            await alarm.wait()
        }
    }

    private func note(_ news: State) {
        if case .down = news, failures < configuration.failuresUntilDown { return }
        let isChange =
            switch (state, news) {
            case (.up, .up), (.down, .down): false
            default: true
            }
        state = news
        if isChange { continuation.yield(news) }
    }
}
