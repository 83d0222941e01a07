import Backup
import FaxModel
import Ledger
import Logging
import ServerSettings
import ServiceLifecycle
import Store
import Vault

/// Backups by the clock, and the key bundle kept up to date.
struct BackupService: Service {
    let jobs: BackupJobs
    /// Between two backups; nil for none but by hand and after the ledger's key was changed.
    let interval: Duration?
    let logger: Logger
    var clock: @Sendable () -> Timestamp = SystemClock.now
    var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// How often it is looked whether something is due.
    private static let look = Duration.seconds(60)
    /// After a backup failed.
    private static let retry = Duration.seconds(900)

    /// The jobs of these settings; nil when no backup folder is set.
    /// - Throws: ``Server/Refusal`` for settings that contradict each other or are incomplete.
    static func jobs(_ settings: Settings, store: FaxStore, keyFile: KeyFile, logger: Logger) async throws -> BackupJobs? {
        guard let folder = settings.backupFolder else { return nil }
        guard let keysFolder = settings.backupKeysFolder, let keyPath = settings.backupKeyFile else {
            throw Server.Refusal(
                message: "FAXLOCK_BACKUP_DIR needs FAXLOCK_BACKUP_KEYS_DIR, a folder apart from it, and FAXLOCK_BACKUP_KEY_FILE, "
                    + "which faxlock backup new-key makes.")
        }
        do {
            let jobs = try await BackupJobs(
                BackupJobs.Plan(
                    dataFolder: settings.dataFolder, backupFolder: folder, keysFolder: keysFolder, key: try BackupKey(contentsOf: keyPath),
                    rotation: Rotation(days: settings.backupDays, months: settings.backupMonths)), store: store, key: keyFile.key,
                retired: keyFile.retired, clock: SystemClock.now, logger: logger)
            do {
                try await jobs.prepare()
            } catch let failure as BackupFailure {
                if case .notApart = failure { throw failure }
                // A volume that is away is no reason to refuse faxes.
                logger.error("backups cannot be made", metadata: ["error": "\(failure)"])
            }
            return jobs
        } catch let failure as BackupFailure {
            throw Server.Refusal(message: failure.description)
        }
    }

    /// Writes the key bundle again, for whoever destroyed or rewrapped a key. What fails is tried again every minute.
    static func refreshBundle(_ jobs: BackupJobs?, logger: Logger) async {
        do {
            try await jobs?.bundle.writeIfStale()
        } catch {
            logger.error("the key bundle still has destroyed or former keys", metadata: ["error": "\(error)"])
        }
    }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var failedAt: Timestamp?
            while true {
                await Self.refreshBundle(jobs, logger: logger)
                let now = clock()
                let isPausing = failedAt.map { $0.advanced(by: Self.retry) > now } ?? false
                if !isPausing, await isDue() { failedAt = try await backUp() ? nil : now }
                try await pause(Self.look)
            }
        }
    }

    private func isDue() async -> Bool {
        do {
            return try await jobs.isDue(every: interval)
        } catch {
            logger.error("it is not known whether a backup is due", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func backUp() async throws -> Bool {
        do {
            let report = try await jobs.makeBackup(by: .system)
            logger.info(
                "backup made",
                metadata: [
                    "snapshot": "\(report.snapshot)", "documents": "\(report.documents)", "bytes": "\(report.bytes)",
                    "seconds": "\(report.seconds)",
                ])
            return true
        } catch is CancellationError {
            try Task.checkCancellation()
            // By ``BackupStop``; this service is told later, and must not end before.
            return false
        } catch BackupFailure.busy {
            // By hand, at this moment: the next look sees that one.
            return true
        } catch {
            logger.error("the backup failed and is tried again", metadata: ["error": "\(error)"])
            return false
        }
    }
}

/// Ends a backup or drill as the first thing of a stop, also one that a request waits for: else calls would be dialled until it is done.
struct BackupStop: Service {
    let jobs: BackupJobs

    func run() async throws {
        try? await gracefulShutdown()
        await jobs.stop()
    }
}
