import Access
import FaxModel
package import Logging
package import NIOCore
import SIP
package import Workers

/// A trunk in use: its SIP agent, its registration, its keep-alive, and the calls that come by it.
package actor TrunkLine {
    package nonisolated let trunk: Trunk
    /// Calls out by this trunk.
    package nonisolated let backend: OwnLine
    private let agent: UserAgent
    private let sources: CallSources
    private let answering: Answering
    private var registration: Registration?
    private var pinger: OptionsPinger?

    /// Binds the agent; nothing is sent before ``run()``.
    /// - Parameter stationIdentifier: as in ``OwnLine/Configuration``; nil for the trunk's number.
    /// - Throws: ``TrunkFailure``.
    package static func start(
        _ trunk: Trunk, worker: CallWorker, inbox: any Inbox, stationIdentifier: String?, productName: String, logger: Logger,
        group: any EventLoopGroup
    ) async throws(TrunkFailure) -> TrunkLine {
        var logger = logger
        logger[metadataKey: "trunk"] = "\(trunk.name)"
        // Whoever finds an open SIP port calls it: only the trunk may bring faxes.
        let sources = CallSources(trunk: trunk)
        let agent = try await trunk.startAgent(
            productName: productName, acceptsCallsFrom: { sources.contains($0) }, logger: logger, group: group)
        return TrunkLine(
            trunk, agent: agent, sources: sources, worker: worker, inbox: inbox, stationIdentifier: stationIdentifier, logger: logger)
    }

    init(
        _ trunk: Trunk, agent: UserAgent, sources: CallSources, worker: CallWorker, inbox: any Inbox, stationIdentifier: String?,
        logger: Logger
    ) {
        self.trunk = trunk
        self.agent = agent
        self.sources = sources
        let address = agent.localAddress.ipAddress ?? trunk.bindHost
        backend = OwnLine(
            agent: agent, worker: worker,
            configuration: trunk.calling(from: address, stationIdentifier: stationIdentifier))
        answering = Answering(
            agent: agent, worker: worker, inbox: inbox, address: address, policy: trunk.media, isUnpaced: false, trunk: trunk.name,
            logger: logger
        ) { incoming in
            try await Self.admit(incoming, trunk: trunk, inbox: inbox)
        }
    }

    /// Whether the trunk can be expected to carry a call: registered, where it asks for that, and not known to be silent.
    package var isUp: Bool {
        get async {
            if trunk.registers {
                guard case .registered = await registration?.state else { return false }
            }
            if case .down = await pinger?.state { return false }
            return true
        }
    }

    /// The UDP or TCP port of signalling.
    var localPort: Int? { agent.localAddress.port }

    /// Registers, and answers calls until ``shutDown()``.
    package func run() async {
        registration = await trunk.startRegistration(with: agent)
        pinger = trunk.startPinger(with: agent)
        let watch = Task { await sources.run(with: agent) }
        await answering.run()
        watch.cancel()
    }

    /// Takes no more calls, ends those that are there in good order, unregisters and closes the agent.
    package func shutDown() async {
        await answering.stop(grace: .seconds(12))
        await pinger?.stop()
        await registration?.stop()
        await agent.shutdown()
    }

    /// The called number is looked for where trunks put it, in the order in which it is to be believed: the first that is somebody's is
    /// it, so that no header of the caller's side leads a fax away from the number that the trunk asks for.
    private static func admit(_ incoming: IncomingCall, trunk: Trunk, inbox: any Inbox) async throws -> Answering.Decision {
        var candidates: [String] = []
        for called in incoming.calledNumbers {
            guard let number = PhoneNumber(called.number) else { continue }
            // As it is written in the trunk's file: `1555...` and `+1555...` are one number.
            candidates.append(trunk.numbers.first { $0.digits == number.digits }?.dialString ?? number.dialString)
        }
        // A trunk that names its one number nowhere (it calls the registered user) means that number.
        if candidates.isEmpty, trunk.numbers.count == 1 { candidates = trunk.numbers.map(\.dialString) }
        var number = candidates.first
        for candidate in candidates where try await inbox.knows(number: candidate) {
            number = candidate
            break
        }
        guard let number else { return .refuse(status: 404) }
        let call = InboundCall(reference: incoming.callID, to: number, from: incoming.callerNumber ?? "", trunk: trunk.name)
        return switch try await inbox.admit(call) {
        case .accepted: .accept(number: number)
        case .unknownNumber: .refuse(status: 404)
        case .retiredNumber: .refuse(status: 410)
        case .notReceiving: .refuse(status: 480)
        }
    }
}
