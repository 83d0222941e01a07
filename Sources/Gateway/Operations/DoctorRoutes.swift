import Access
import Doctor
import FaxModel
import FoundationEssentials
import Glibc
import HTTPTypes
import Hummingbird
import Ledger
import ServerSettings
import Store

/// What the doctor asks a running server, and where its report is recorded.
struct DoctorRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    let settings: Settings
    let subject: DoctorSubject
    let clock: @Sendable () -> Timestamp

    /// Settings that name people or numbers.
    private static let hidden: Set = ["FAX_HEADER", "FAX_LOCAL_STATION_ID"]
    private static let occasions: [LedgerAction] = [.integrityChecked, .backupMade, .backupDrilled, .activityReviewed]

    func add(to router: Router<Context>) {
        router.get("/admin/doctor/facts") { request, context in
            _ = try await authorisation.require(.systemOperate, everywhere: .manageMailbox, request, context)
            return try JSONBody(try await facts()).response()
        }
        router.post("/admin/doctor/report") { request, context in try await record(request, context) }
        router.get("/admin/audit/sinks") { request, context in
            _ = try await authorisation.require(.systemOperate, everywhere: .manageMailbox, request, context)
            return try JSONBody(await subject.sinks()).response()
        }
    }

    private func facts() async throws -> ServerFacts {
        let now = clock()
        let newest = try await store.newest(Self.occasions)
        let agreements = try await store.associates().map { associate in
            ServerFacts.Agreement(
                provider: associate.provider, in_force: associate.isInForce(at: now), expires_on: associate.expiresOn?.description)
        }
        return ServerFacts(
            version: subject.version, process: process, walls: subject.walls, listening: subject.listening(), key_file: subject.keyFile,
            settings: settings.effective.filter { !Self.hidden.contains($0.name) }.map { setting in
                ServerFacts.Setting(
                    name: setting.name, value: setting.value, source: "\(setting.source)",
                    is_secret: settings.secrets[setting.name] != nil || setting.value == Secret.redacted)
            },
            weak_secrets: ProductionGate.weakSecrets(settings),
            ledger: ServerFacts.Ledger(events: store.ledger.size, checkpoint_at: store.ledger.lastCheckpoint.at.description),
            newest: Dictionary(
                uniqueKeysWithValues: newest.map {
                    ($0.key.rawValue, ServerFacts.Occasion(at: $0.value.at.description, outcome: $0.value.outcome))
                }),
            keys: try await authorisation.keys.list().filter { $0.isValid(at: now) }.map { key in
                ServerFacts.Key(
                    id: key.id, created_at: key.createdAt.description, expires_at: key.expiresAt?.description,
                    last_used_at: key.lastUsedAt?.description)
            },
            unreviewed_emergencies: try await store.emergencies().filter { $0.reviewedAt == nil }.map(\.key),
            wrapped_by_retired_keys: try await store.keysWrappedByFormerKeys(), associates: subject.associates, agreements: agreements,
            sinks: await subject.sinks())
    }

    /// Files of /proc are answered from memory: nothing here waits for a disk.
    private var process: ServerFacts.Process {
        let folder = getcwd(nil, 0)
        defer { free(folder) }
        return ServerFacts.Process(
            id: getpid(), user: geteuid(), started_ticks: ProcessProbe(id: getpid()).startedTicks ?? 0,
            boot_id: ProcessProbe.bootID ?? "", started_at: subject.startedAt.description, folder: folder.map { String(cString: $0) } ?? "/"
        )
    }

    private struct Wanted: Decodable {
        let sha256: String
        let profile: String
        let pass: Int64
        let fail: Int64
        let warn: Int64
        let attest: Int64
        let not_applicable: Int64
    }

    /// Records that a report was made, and signs that with the ledger's key.
    private func record(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.systemOperate, everywhere: .manageMailbox, request, context)
        let wanted = try await JSONRequest.decode(
            Wanted.self, request, expected: "sha256, profile, pass, fail, warn, attest and not_applicable")
        _ = try await authorisation.confirm(.systemOperate, request, context)
        let time = clock().description
        guard let statement = DoctorStatement(digest: wanted.sha256, time: time), let profile = DoctorProfile(rawValue: wanted.profile)
        else {
            throw Problem(.unprocessableContent, "sha256 must be 64 lower-case hexadecimal digits, and profile hipaa or dev.")
        }
        guard settings.isLedgerEnabled else {
            throw Problem(.conflict, "The audit ledger is turned off (AUDIT_LOG_ENABLED), so nothing can be recorded.")
        }
        try await store.record(
            LedgerEvent(
                .doctorReported, object: "report/\(wanted.sha256)", by: principal.initiator(request, context),
                outcome: wanted.fail > 0 ? .failure : .success,
                details: [
                    "profile": .text(profile.rawValue), "pass": .integer(wanted.pass), "fail": .integer(wanted.fail),
                    "warn": .integer(wanted.warn), "attest": .integer(wanted.attest), "not_applicable": .integer(wanted.not_applicable),
                    "at": .text(time),
                ]))
        let key = store.ledger.key
        return try JSONBody(
            DoctorReport.Signature(key: "\(key.verifier)", at: time, value: try statement.signature(by: key))
        ).response()
    }
}
