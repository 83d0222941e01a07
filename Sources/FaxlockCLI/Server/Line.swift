import Backends
import FaxDispatch
import Logging
import NIOPosix
import SIP
import ServerSettings
import ServiceLifecycle
import Store
import Synchronization
import Workers

/// The own line as a service: the calling SIP agent and the loopback exchange that it calls.
final class Line: Service {
    private static let address = "127.0.0.1"

    let backend: OwnLine
    private let exchange: LoopbackExchange
    private let agents: [UserAgent]
    private let isRunning = Mutex(false)

    init(settings: Settings, workers: WorkerExecutables, documents: Documents, logger: Logger) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let worker = CallWorker(executable: workers.line, group: group)
        func startAgent() async throws -> UserAgent {
            let configuration = UserAgentConfiguration(
                bindHost: Self.address, bindPort: 0, productName: "Faxlock/\(Faxlock.version)")
            return try await UserAgent.start(configuration: configuration, logger: logger, group: group)
        }
        let caller = try await startAgent()
        let answerer = try await startAgent()
        exchange = LoopbackExchange(
            agent: answerer, worker: worker,
            inbox: StoredInbox(documents: documents, backend: "line", clock: SystemClock.now, logger: logger),
            isUnpaced: settings.isLoopbackUnpaced, logger: logger)
        backend = OwnLine(
            agent: caller, worker: worker,
            configuration: OwnLine.Configuration(
                stationIdentifier: settings.localStationID ?? "", destination: exchange.destination, address: Self.address,
                isUnpaced: settings.isLoopbackUnpaced))
        agents = [caller, answerer]
    }

    /// Whether calls can be made.
    var isUp: Bool { isRunning.withLock { $0 } }

    func run() async throws {
        isRunning.withLock { $0 = true }
        // Stopped after the dispatcher: no call of ours is left then.
        await withGracefulShutdownHandler {
            await exchange.run()
        } onGracefulShutdown: {
            self.isRunning.withLock { $0 = false }
            Task { for agent in self.agents { await agent.shutdown() } }
        }
    }
}
