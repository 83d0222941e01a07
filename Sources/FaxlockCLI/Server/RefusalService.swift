import Gateway
import Logging
import ServiceLifecycle

/// Puts refusals that were counted into the audit ledger: now and then, and at the stop.
struct RefusalService: Service {
    let refusals: RefusalRecord
    let logger: Logger

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: .seconds(10))
                await refusals.flush(logger: logger)
            }
        }
        await refusals.flush(logger: logger)
    }
}
