import Backends
import FaxDispatch
import Gateway
import Logging
import NIOPosix
import SIP
import ServerSettings
import ServiceLifecycle
import Synchronization
import Workers

/// The own line as a service: real trunks, or the calling SIP agent and the loopback exchange that it calls; or no calls at all, for load
/// tests.
final class Line: CallLine {
    private enum Kind {
        case loopback(LoopbackExchange, agents: [UserAgent])
        /// All carry calls out and bring calls in.
        case trunks([TrunkLine])
        /// `FAXLOCK_SANDBOX=instant`.
        case nothing
    }

    let routes: [Route]
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
            routes = lines.map { line in
                Route(
                    name: line.trunk.name, backend: line.backend, maximumCalls: line.trunk.maximumCalls,
                    callsPerSecond: line.trunk.callsPerSecond, isUp: { await line.isUp })
            }
            kind = .trunks(lines)
            return
        }
        if settings.sandbox == .instant {
            logger.warning("no fax is sent: FAXLOCK_SANDBOX=instant makes the outcomes up")
            routes = [Route(name: "instant", backend: InstantBackend(), maximumCalls: settings.lines)]
            kind = .nothing
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
        let backend = SandboxLine(
            agent: caller, worker: worker, exchange: exchange, stationIdentifier: settings.localStationID ?? "",
            isUnpaced: settings.isLoopbackUnpaced)
        routes = [Route(name: "loopback", backend: backend, maximumCalls: settings.lines)]
        kind = .loopback(exchange, agents: [caller, answerer])
    }

    /// Whether calls can be made.
    var isUp: Bool {
        get async {
            guard isRunning.withLock({ $0 }) else { return false }
            guard case .trunks(let trunks) = kind else { return true }
            for trunk in trunks where await trunk.isUp { return true }
            return false
        }
    }

    func run() async throws {
        isRunning.withLock { $0 = true }
        // Stopped after the dispatcher: no call of ours is left then.
        await withGracefulShutdownHandler {
            switch kind {
            case .nothing: try? await gracefulShutdown()
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
                case .nothing: break
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
