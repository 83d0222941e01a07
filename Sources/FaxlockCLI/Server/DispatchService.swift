import FaxDispatch
import Logging
import ServiceLifecycle

/// The dispatcher as a service: told to stop, it lets calls end. Beside it, outcomes that are unknown are looked into: those that the last stop
/// left, and those of calls that ended so.
struct DispatchService: Service {
    let dispatcher: Dispatcher
    let reconciler: Reconciler
    /// The call records that were there at the start.
    let records: [String]
    /// References of calls that ended with an unknown outcome.
    let lost: AsyncStream<String>
    let logger: Logger

    func run() async throws {
        let reconciling = Task {
            await withDiscardingTaskGroup { group in
                group.addTask { await reconcile(records) }
                for await reference in lost { group.addTask { await reconcile([reference]) } }
            }
        }
        await withGracefulShutdownHandler {
            await dispatcher.run()
        } onGracefulShutdown: {
            Task { await dispatcher.stop() }
        }
        reconciling.cancel()
    }

    /// Until no worker is in its call any more.
    private func reconcile(_ records: [String]) async {
        do {
            while true {
                let (known, isAnyUnderWay) = try await reconciler.run(records)
                if known > 0 { dispatcher.wake() }
                guard isAnyUnderWay else { return }
                try await Task.sleep(for: .seconds(5))
            }
        } catch is CancellationError {
        } catch {
            logger.error("unknown outcomes could not be looked into", metadata: ["error": "\(error)"])
        }
    }
}
