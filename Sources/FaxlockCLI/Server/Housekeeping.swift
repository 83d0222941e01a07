import FaxModel
import Gateway
import Logging
import ServiceLifecycle
import Store

/// What the server does beside requests and calls: removes what a stop left behind, and notes when keys were used.
struct Housekeeping: Service {
    let documents: Documents
    let keys: APIKeys
    let start: Timestamp
    let logger: Logger

    func run() async throws {
        do {
            let removed = try await documents.removeOrphans(before: start)
            if removed > 0 { logger.info("removed blobs that were never accepted", metadata: ["blobs": "\(removed)"]) }
            try await cancelWhenGracefulShutdown {
                while true {
                    try await Task.sleep(for: .seconds(60))
                    do {
                        try await keys.flushUses()
                    } catch {
                        logger.warning("the last uses of keys were not recorded", metadata: ["error": "\(error)"])
                    }
                }
            }
        } catch is CancellationError {
            return
        } catch {
            logger.error("housekeeping failed; it goes on at the next start", metadata: ["error": "\(error)"])
            try? await gracefulShutdown()
        }
    }
}
