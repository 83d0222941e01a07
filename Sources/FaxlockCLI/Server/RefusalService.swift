import FaxDispatch
import Gateway
import Logging
import ServiceLifecycle

/// Puts refusals that were counted, of requests and of calls, into the audit ledger: now and then, and at the stop.
struct RefusalService: Service {
    let refusals: RefusalRecord
    let inbox: StoredInbox
    let logger: Logger

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: .seconds(10))
                await refusals.flush(logger: logger)
                await inbox.flushRefusals()
            }
        }
        await refusals.flush(logger: logger)
        await inbox.flushRefusals()
    }
}
