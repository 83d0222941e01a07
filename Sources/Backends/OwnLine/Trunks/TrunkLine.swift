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
        let agent = try await trunk.startAgent(productName: productName, logger: logger, group: group)
        return TrunkLine(trunk, agent: agent, worker: worker, inbox: inbox, stationIdentifier: stationIdentifier, logger: logger)
    }

    init(
        _ trunk: Trunk, agent: UserAgent, worker: CallWorker, inbox: any Inbox, stationIdentifier: String?, logger: Logger
    ) {
        self.trunk = trunk
        self.agent = agent
        let address = agent.localAddress.ipAddress ?? trunk.bindHost
        backend = OwnLine(
            agent: agent, worker: worker,
            configuration: OwnLine.Configuration(
                stationIdentifier: stationIdentifier ?? trunk.stationIdentifier, destination: trunk.server, domain: trunk.domain,
                caller: trunk.caller, address: address, media: trunk.media))
        let sources = CallSources(trunk: trunk, agent: agent)
        answering = Answering(
            agent: agent, worker: worker, inbox: inbox, address: address, policy: trunk.media, isUnpaced: false, trunk: trunk.name,
            logger: logger
        ) { incoming in
            // Whoever finds an open SIP port calls it: only the trunk may bring faxes.
            guard await sources.contains(incoming) else {
                logger.notice("a call from elsewhere than the trunk was refused", metadata: ["call": "\(incoming.callID)"])
                return .refuse(status: 403)
            }
            return try await Self.admit(incoming, trunk: trunk, inbox: inbox)
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

    /// Registers, and answers calls until ``shutDown()``.
    package func run() async {
        registration = await trunk.startRegistration(with: agent)
        pinger = trunk.startPinger(with: agent)
        await answering.run()
    }

    /// Unregisters and closes the agent; calls should be over before.
    package func shutDown() async {
        await pinger?.stop()
        await registration?.stop()
        await agent.shutdown()
    }

    /// The called number is looked for where trunks put it, in the order in which it is to be believed.
    private static func admit(_ incoming: IncomingCall, trunk: Trunk, inbox: any Inbox) async throws -> Answering.Decision {
        var candidates: [String] = []
        for called in incoming.calledNumbers where PhoneNumber(called.number) != nil { candidates.append(called.number) }
        // A trunk that names its one number nowhere (it calls the registered user) means that number.
        if trunk.numbers.count == 1, let only = trunk.numbers.first?.dialString, candidates.isEmpty { candidates = [only] }
        // Numbers that the trunk is known to bring go before what else the request mentions.
        let known = candidates.filter { candidate in trunk.numbers.contains { $0.digits == PhoneNumber(candidate)?.digits } }
        guard let number = known.first ?? candidates.first else { return .refuse(status: 404) }
        // As it is written in the trunk's file: `1555...` and `+1555...` are one number.
        let written = trunk.numbers.first { $0.digits == PhoneNumber(number)?.digits }?.dialString ?? number
        let call = InboundCall(reference: incoming.callID, to: written, from: incoming.callerNumber ?? "", trunk: trunk.name)
        return switch try await inbox.admit(call) {
        case .accepted: .accept(number: written)
        case .unknownNumber: .refuse(status: 404)
        case .retiredNumber: .refuse(status: 410)
        case .notReceiving: .refuse(status: 480)
        }
    }
}
