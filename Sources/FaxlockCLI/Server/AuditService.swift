import AuditSinks
import Gateway
import Logging
import ServiceLifecycle
import Store

/// The ledger beside the requests: checkpoints by the clock, sinks, and the whole tree read again now and then.
struct AuditService: Service {
    let store: FaxStore
    let sinks: Sinks
    let keys: APIKeys
    let logger: Logger

    /// What is new has a checkpoint after so long.
    private static let interval = Duration.seconds(60)
    /// What is not new has one after so long: that the log says nothing is said too.
    private static let idleAge = Duration.seconds(3600)

    func run() async throws {
        await withTaskGroup { group in
            for pump in sinks.pumps { group.addTask { await pump.run() } }
            group.addTask { await verify() }
            await checkpointUntilStopped()
            // Last of all: what the other services did while stopping is in the ledger now.
            do {
                try await keys.flushUses()
                try await store.recordStop()
            } catch {
                logger.error("the stop was not recorded", metadata: ["error": "\(error)"])
            }
            for pump in sinks.pumps { await pump.stop() }
            await group.waitForAll()
        }
    }

    private func checkpointUntilStopped() async {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: Self.interval)
                do {
                    try await store.checkpointLedger(olderThan: Self.idleAge)
                } catch {
                    logger.error("no checkpoint was signed", metadata: ["error": "\(error)"])
                }
                for pump in sinks.pumps { pump.wake() }
            }
        }
    }

    /// A start only reads what came after the last checkpoint; this reads the rest.
    private func verify() async {
        do {
            let isWhole = try await cancelWhenGracefulShutdown { try await store.ledgerIsWhole() }
            if isWhole {
                logger.info("the audit ledger is whole")
            } else {
                logger.critical("the audit ledger was changed: export and verify it (docs/ledger.md)")
            }
        } catch is CancellationError {
            return
        } catch {
            logger.error("the audit ledger could not be read", metadata: ["error": "\(error)"])
        }
    }
}
