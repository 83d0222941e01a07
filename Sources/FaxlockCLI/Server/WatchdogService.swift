import FaxDispatch
import Logging
import ServiceLifecycle

/// The watchdog, each minute.
struct WatchdogService: Service {
    let watchdog: Watchdog
    let logger: Logger

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: .seconds(60))
                do {
                    try await watchdog.look()
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("the watchdog could not look", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
