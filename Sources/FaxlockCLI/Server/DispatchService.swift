import FaxDispatch
import Logging
import ServiceLifecycle

/// The dispatcher as a service: told to stop, it lets calls end. Beside it, what the last stop left unknown is looked into.
struct DispatchService: Service {
    let dispatcher: Dispatcher
    let reconciler: Reconciler
    /// The call records that were there at the start.
    let records: [String]
    let logger: Logger

    func run() async throws {
        let reconciling = Task {
            do {
                while true {
                    let (known, isAnyUnderWay) = try await reconciler.run(records)
                    if known > 0 { dispatcher.wake() }
                    guard isAnyUnderWay else { break }
                    try await Task.sleep(for: .seconds(5))
                }
            } catch is CancellationError {
            } catch {
                logger.error("unknown outcomes could not be looked into", metadata: ["error": "\(error)"])
            }
        }
        await withGracefulShutdownHandler {
            await dispatcher.run()
        } onGracefulShutdown: {
            Task { await dispatcher.stop() }
        }
        reconciling.cancel()
    }
}
