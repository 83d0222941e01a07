import FaxModel
import Logging
import SIP
import Synchronization
import WorkerProtocol
import Workers

/// Takes the calls that come to a SIP agent, each with a worker of its own.
final class Answering: Sendable {
    /// Whether and as whose a call is taken.
    enum Decision: Sendable {
        /// The number that was dialled, as faxes name it.
        case accept(number: String)
        /// A SIP status, 400 to 699.
        case refuse(status: Int)
        /// A number of the sandbox: what it plays. Nothing of it is kept.
        case play(FarEnd, number: String)
    }

    let agent: UserAgent
    let worker: CallWorker
    let inbox: any Inbox
    /// The local address of media.
    let address: String
    let policy: MediaPolicy
    let isUnpaced: Bool
    /// As in ``InboundCall/trunk``.
    let trunk: String
    let logger: Logger
    let decide: @Sendable (IncomingCall) async throws -> Decision
    private let state = Mutex(State())

    private struct State {
        var isStopping = false
        var last = 0
        var calls: [Int: (events: LegEvents, task: Task<Void, Never>)] = [:]
    }

    init(
        agent: UserAgent, worker: CallWorker, inbox: any Inbox, address: String, policy: MediaPolicy, isUnpaced: Bool, trunk: String,
        logger: Logger, decide: @escaping @Sendable (IncomingCall) async throws -> Decision
    ) {
        self.agent = agent
        self.worker = worker
        self.inbox = inbox
        self.address = address
        self.policy = policy
        self.isUnpaced = isUnpaced
        self.trunk = trunk
        self.logger = logger
        self.decide = decide
    }

    /// Answers calls until the agent is shut down, and stays until the last is over.
    func run() async {
        for await incoming in agent.incomingCalls {
            // Not torn down by cancellation: pages that came are stored first.
            let events = LegEvents()
            let isTaken = state.withLock { state in
                guard !state.isStopping else { return false }
                state.last += 1
                let number = state.last
                let task = Task {
                    await self.take(incoming, events: events)
                    self.state.withLock { $0.calls[number] = nil }
                }
                state.calls[number] = (events, task)
                return true
            }
            if !isTaken { await incoming.reject(status: 480) }
        }
        for task in state.withLock({ $0.calls.values.map(\.task) }) { await task.value }
    }

    /// Takes no more calls, and ends those that are there in good order: what they brought is a fax when this returns, or, if the disk has
    /// no room for it in `grace`, is left to the next start: its pages are durable.
    func stop(grace: Duration) async {
        let calls = state.withLock { state in
            state.isStopping = true
            return Array(state.calls.values)
        }
        for call in calls { call.events.stop() }
        let patience = Task {
            try await Task.sleep(for: grace)
            for call in calls { call.task.cancel() }
        }
        for call in calls { await call.task.value }
        patience.cancel()
    }

    private func take(_ incoming: IncomingCall, events: LegEvents) async {
        do {
            switch try await decide(incoming) {
            case .refuse(let status): await incoming.reject(status: status)
            case .accept(let number): try await receive(incoming, for: number, as: FarMachine(), inbox: inbox, events: events)
            case .play(.refusal(let status, let retryAfter), _): await incoming.reject(status: status, retryAfter: retryAfter)
            case .play(.ringing(let time, let status), _): await ring(incoming, for: time, status: status, events: events)
            case .play(.person(let time), _): try await talk(incoming, for: time, events: events)
            case .play(.machine(let machine), let number):
                try await receive(incoming, for: number, as: machine, inbox: DiscardingInbox(), events: events)
            }
        } catch {
            logger.error("an incoming call failed", metadata: ["call": "\(incoming.callID)", "error": "\(error)"])
            await incoming.reject(status: 500)
            await incoming.call.hangUp()
        }
    }

    private func receive(
        _ incoming: IncomingCall, for number: String, as machine: FarMachine, inbox: any Inbox, events: LegEvents
    ) async throws {
        await incoming.ring()
        var setup = CallSetup(
            isCaller: false, isSending: false, stationIdentifier: machine.stationIdentifier ?? String(number.prefix(20)),
            bindAddress: address, firstPort: policy.firstPort, lastPort: policy.lastPort,
            errorCorrection: policy.errorCorrection && machine.errorCorrection,
            maximumBitRate: min(policy.maximumBitRate, machine.maximumBitRate), isUnpaced: isUnpaced && !machine.isPaced,
            deadlineSeconds: 86_400)
        setup.takesFine = machine.takesFine
        setup.failedTrainings = machine.failedTrainings
        let inbound = InboundCall(
            reference: incoming.callID, to: number, from: incoming.isCallerWithheld ? "" : incoming.callerNumber ?? "", trunk: trunk)
        let (address, policy, logger) = (address, policy, logger)
        try await worker.run(setup: setup, pages: nil) { conversation in
            var leg = IncomingLeg(
                incoming: incoming, inbound: inbound, address: address, policy: policy, conversation: conversation, inbox: inbox,
                events: events, logger: logger)
            leg.droppedPage = machine.droppedPage
            try await leg.run()
        }
    }
}
