import Access
import Backup
import Hummingbird
import Store

/// Backups and drills by hand (45 CFR 164.308(a)(7)). The answer comes when they are done.
struct BackupRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    /// Nil where no backup folder is set.
    let backups: BackupJobs?

    func add(to router: Router<Context>) {
        router.post("/admin/backup") { request, context in
            let principal = try await authorisation.require(.systemOperate, everywhere: .manageMailbox, request, context)
            return try JSONBody(
                try await run { try await $0.makeBackup(by: principal.initiator(request, context)) }
            ).response()
        }
        router.post("/admin/backup/drill") { request, context in
            let principal = try await authorisation.require(.systemOperate, everywhere: .manageMailbox, request, context)
            return try JSONBody(
                try await run { try await $0.drill(by: principal.initiator(request, context)) }
            ).response()
        }
    }

    private func run<Report>(_ job: (BackupJobs) async throws -> Report) async throws -> Report {
        guard let backups else {
            throw Problem(
                .conflict, "No backups are set up: set FAXLOCK_BACKUP_DIR, FAXLOCK_BACKUP_KEYS_DIR and FAXLOCK_BACKUP_KEY_FILE.")
        }
        do {
            return try await job(backups)
        } catch is CancellationError {
            throw Problem(.serviceUnavailable, "The server is stopping; the backup was not made.", retryAfter: 60)
        } catch let failure as BackupFailure {
            switch failure {
            case .busy: throw Problem(.conflict, failure.description)
            case .noSpace: throw Problem(.serviceUnavailable, failure.description, retryAfter: 600)
            default: throw Problem(.internalServerError, failure.description)
            }
        }
    }
}
