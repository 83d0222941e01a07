import Backends
import Gateway
import Logging
import NIOPosix
import SIP
import ServerSettings
import ServiceLifecycle
import Synchronization
import Workers

/// The own line as a service: real trunks, or the calling SIP agent and the loopback exchange that it calls.
final class Line: CallLine {
    private enum Kind {
        case loopback(LoopbackExchange, agents: [UserAgent])
        /// The first carries calls out, all bring calls in.
        case trunks([TrunkLine])
    }

    let backend: any Backend
    var intake: AsteriskIntake? { nil }
    private let kind: Kind
    private let isRunning = Mutex(false)

    init(settings: Settings, workers: WorkerExecutables, inbox: any Inbox, logger: Logger) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let worker = CallWorker(executable: workers.line, group: group)
        let productName = "Faxlock/\(Faxlock.version)"
        if let file = settings.trunksFile {
            let trunks = try await NIOThreadPool.singleton.runIfActive { try TrunkFile.read(file) }
            var lines: [TrunkLine] = []
            for trunk in trunks {
                lines.append(
                    try await TrunkLine.start(
                        trunk, worker: worker, inbox: inbox, stationIdentifier: settings.localStationID, productName: productName,
                        logger: logger, group: group))
            }
            backend = lines[0].backend
            kind = .trunks(lines)
            return
        }
        func startAgent() async throws -> UserAgent {
            let configuration = UserAgentConfiguration(bindHost: "127.0.0.1", bindPort: 0, productName: productName)
            return try await UserAgent.start(configuration: configuration, logger: logger, group: group)
        }
        let caller = try await startAgent()
        let answerer = try await startAgent()
        let exchange = LoopbackExchange(
            agent: answerer, worker: worker, inbox: inbox, isUnpaced: settings.isLoopbackUnpaced, logger: logger)
        backend = OwnLine(
            agent: caller, worker: worker,
            configuration: .loopback(
                stationIdentifier: settings.localStationID ?? "", destination: exchange.destination,
                isUnpaced: settings.isLoopbackUnpaced))
        kind = .loopback(exchange, agents: [caller, answerer])
    }

    /// Whether calls can be made.
    var isUp: Bool {
        get async {
            guard isRunning.withLock({ $0 }) else { return false }
            guard case .trunks(let trunks) = kind else { return true }
            return await trunks[0].isUp
        }
    }

    func run() async throws {
        isRunning.withLock { $0 = true }
        // Stopped after the dispatcher: no call of ours is left then.
        await withGracefulShutdownHandler {
            switch kind {
            case .loopback(let exchange, _):
                await exchange.run()
            case .trunks(let trunks):
                await withDiscardingTaskGroup { group in
                    for trunk in trunks { group.addTask { await trunk.run() } }
                }
            }
        } onGracefulShutdown: {
            self.isRunning.withLock { $0 = false }
            Task {
                switch self.kind {
                case .loopback(let exchange, let agents):
                    await exchange.stop()
                    for agent in agents { await agent.shutdown() }
                case .trunks(let trunks):
                    await withDiscardingTaskGroup { group in
                        for trunk in trunks { group.addTask { await trunk.shutDown() } }
                    }
                }
            }
        }
    }
}
