import FaxModel
import ServerSettings

@testable import Doctor

/// A server with which all is well, as records of patients want it. Tests break one thing of it.
enum Good {
    /// 2026-11-22T08:30:00Z
    static let now = Timestamp(milliseconds: 1_795_336_200_000)

    static let environment = [
        "FAXLOCK_PROFILE": "production", "PUBLIC_API_URL": "https://fax.example.org", "FAXLOCK_REQUIRE_REASON": "true",
        "MAX_REQUESTS_PER_MINUTE": "600", "ARTIFACT_TTL_DAYS": "30", "INBOUND_RETENTION_DAYS": "30", "FAX_DATA_DIR": "/data",
        "FAXLOCK_KEY_FILE": "/keys/faxlock.key", "FAXLOCK_AUDIT_ANCHOR_FILE": "/anchors/checkpoints",
        "API_KEY": "b3f1c5d7e9a02468ace13579bdf02468",
    ]

    static func settings(_ changes: [String: String] = [:]) -> Settings {
        do {
            let files = SettingFiles(readFile: { _ in nil }, hasTimeZone: { _ in true })
            return try Settings.load(environment: environment.merging(changes) { $1 }, files: files)
        } catch {
            preconditionFailure("the test's settings are wrong: \(error)")
        }
    }

    static func ago(hours: Int) -> String { now.advanced(by: .seconds(-hours * 3600)).description }

    static func place(_ path: String, device: UInt64, mode: UInt32 = 0o700) -> FilePlace {
        FilePlace(path: path, device: device, owner: 990, mode: mode, fileSystem: "ext4")
    }

    static let server = ServerFacts(
        version: "0.1.0",
        process: ServerFacts.Process(
            id: 77, user: 990, started_ticks: 1, boot_id: "b", started_at: ago(hours: 24), folder: "/"),
        walls: ServerFacts.Walls(landlock: 4, system_call_filter: true), listening: "http://127.0.0.1:8080", key_file: "/keys/faxlock.key",
        settings: [], weak_secrets: [],
        ledger: ServerFacts.Ledger(events: 4000, checkpoint_at: ago(hours: 1)),
        newest: Dictionary(
            uniqueKeysWithValues: ["integrity.checked", "backup.made", "backup.drilled", "activity.reviewed"].map {
                ($0, ServerFacts.Occasion(at: ago(hours: 20), outcome: "success"))
            }),
        keys: [ServerFacts.Key(id: "k1", created_at: ago(hours: 9000), expires_at: ago(hours: -900), last_used_at: ago(hours: 3))],
        unreviewed_emergencies: [], wrapped_by_retired_keys: 0, associates: ["phaxio"],
        agreements: [ServerFacts.Agreement(provider: "phaxio", in_force: true, expires_on: ago(hours: -9000))],
        sinks: [ServerFacts.Sink(name: "syslog", position: 3999, last_success: ago(hours: 0), last_error: nil, backlog_since: nil)])

    /// T.38 and its signalling over TLS, as most carriers can do at best.
    static let carrier = Facts.Trunk(name: "carrier", transport: .tls, requiresMediaEncryption: false, port: 5061)

    static let tls = Facts.TLS(
        target: "fax.example.org:443", modern: .agreed("TLS 1.3"), acceptsOld: false, answersPlaintext: false, certificateProblem: nil,
        daysLeft: 60)

    static func facts(_ change: (inout Facts) -> Void = { _ in }) -> Facts {
        var scanned = PlaintextScan.Report()
        scanned.files = 40
        scanned.bytes = 123_456
        var logs = LogScan.Report()
        logs.lines = 900
        var facts = Facts(
            now: now, profile: .hipaa, settings: settings(), isReady: .value(true), server: .value(server), tls: .value(tls),
            strictTransport: .value("max-age=63072000"), statusWithoutKey: .value(401),
            disabledKey: .value(Facts.DisabledKey(before: 200, after: 401)), forgedCallbacks: .value(["/phaxio-callback": 404]),
            places: [
                .dataFolder: .value(place("/data", device: 1)), .keyFile: .value(place("/keys/faxlock.key", device: 2, mode: 0o600)),
                .anchorFile: .value(place("/anchors/checkpoints", device: 3)), .backupFolder: .value(place("/backups", device: 4)),
                .backupKeyFile: .value(place("/keys/backup.key", device: 2, mode: 0o600)),
                .backupKeysFolder: .value(place("/bundles", device: 5)),
            ],
            plaintext: .value(scanned), openFiles: .value([]),
            ledger: .value(Facts.Ledger(events: 4000, problems: [], hasTrustedKey: true)),
            coreLimit: .value(CoreLimit(soft: "1", hard: "1")),
            sockets: .value([
                BoundSocket(kind: .tcp, address: "127.0.0.1", port: 8080), BoundSocket(kind: .udp, address: "127.0.0.1", port: 40_000),
            ]),
            secretsInEnvironment: .value([]), trunks: .value([carrier]), isClockSynchronised: .value(true), logs: .value(logs))
        change(&facts)
        return facts
    }

    /// Facts of a server that says something else of itself.
    static func facts(server change: (inout ServerFacts) -> Void) -> Facts {
        var server = server
        change(&server)
        return facts { [server] in $0.server = .value(server) }
    }

    static func facts(settings changes: [String: String]) -> Facts {
        facts { $0.settings = settings(changes) }
    }
}
