import FaxDispatch
import FaxModel
import Gateway
import Logging
import ServiceLifecycle
import Store

/// What the server does beside requests and calls: removes what a stop left behind and what need not be kept, and notes when keys were
/// used.
struct Housekeeping: Service {
    let documents: Documents
    let keys: APIKeys
    let retention: RetentionRunner
    let start: Timestamp
    let logger: Logger

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                async let _: Void = retention.runUntilCancelled()
                await removeOrphans()
                for minute in 0... {
                    try await Task.sleep(for: .seconds(60))
                    if minute % 60 == 0 {
                        await forgetKeys()
                        await forgetEvents()
                    }
                    do {
                        try await keys.flushUses()
                    } catch {
                        logger.warning("the last uses of keys were not recorded", metadata: ["error": "\(error)"])
                    }
                }
            }
        } catch is CancellationError {
            return
        }
    }

    /// Of requests that may be repeated.
    private func forgetKeys() async {
        do {
            try await documents.store.forgetIdempotencyKeys()
        } catch {
            logger.warning("idempotency keys of yesterday were not forgotten", metadata: ["error": "\(error)"])
        }
    }

    private func forgetEvents() async {
        do {
            while try await documents.store.forgetEvents() {}
        } catch {
            logger.warning("old events were not forgotten", metadata: ["error": "\(error)"])
        }
    }

    private func removeOrphans() async {
        do {
            let removed = try await documents.removeOrphans(before: start)
            if removed > 0 { logger.info("removed blobs that nothing needs", metadata: ["blobs": "\(removed)"]) }
        } catch {
            logger.error("blobs that nothing needs were not all removed; the next start goes on", metadata: ["error": "\(error)"])
        }
    }
}
