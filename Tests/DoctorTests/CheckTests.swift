import FaxModel
import ServerSettings
import Testing

@testable import Doctor

/// Each check sees what is wrong, and no other check does.
@Suite struct CheckTests {
    typealias Status = CheckResult.Status

    /// A thing that is broken, and the one line that shows it.
    struct Case: Sendable, CustomTestStringConvertible {
        let check: Check
        let status: Status
        let what: String
        let facts: Facts

        var testDescription: String { "\(check.rawValue): \(what)" }

        init(_ check: Check, _ status: Status, _ what: String, _ facts: Facts) {
            self.check = check
            self.status = status
            self.what = what
            self.facts = facts
        }
    }

    private static func tls(_ check: Check, _ status: Status, _ what: String, _ change: (inout Facts.TLS) -> Void) -> Case {
        var tls = Good.tls
        change(&tls)
        return Case(check, status, what, Good.facts { [tls] in $0.tls = .value(tls) })
    }

    private static func place(
        _ check: Check, _ status: Status, _ what: String, _ place: Facts.Place, _ value: FilePlace?
    ) -> Case {
        Case(check, status, what, Good.facts { $0.places[place] = value.map { .value($0) } })
    }

    /// One more trunk, that has something else than a good one.
    private static func trunk(_ check: Check, _ status: Status, _ what: String, _ change: (inout Facts.Trunk) -> Void) -> Case {
        var other = Good.carrier
        other.name = "other"
        change(&other)
        return Case(check, status, what, Good.facts { [other] in $0.trunks = .value([Good.carrier, other]) })
    }

    private static func newest(_ check: Check, _ status: Status, _ action: String, hours: Int?, outcome: String = "success") -> Case {
        Case(
            check, status, "\(action) \(hours.map { "\($0) hours ago, \(outcome)" } ?? "never")",
            Good.facts(server: { $0.newest[action] = hours.map { .init(at: Good.ago(hours: $0), outcome: outcome) } }))
    }

    private static func scan(_ change: (inout PlaintextScan.Report) -> Void) -> Facts {
        var report = PlaintextScan.Report()
        change(&report)
        return Good.facts { [report] in $0.plaintext = .value(report) }
    }

    private static var numberInLog: Facts {
        var report = LogScan.Report()
        report.lines = 3
        report.count = 1
        report.places = ["server.log:2"]
        return Good.facts { [report] in $0.logs = .value(report) }
    }

    static let cases: [Case] = [
        Case(.serverReachable, .fail, "not ready", Good.facts { $0.isReady = .value(false) }),
        Case(.serverReachable, .fail, "no answer", Good.facts { $0.isReady = .unknown("connection refused") }),
        tls(.tls, .fail, "plain HTTP answered") { $0.answersPlaintext = true },
        tls(.tls, .fail, "TLS 1.1 accepted") { $0.acceptsOld = true },
        tls(.tls, .fail, "no TLS 1.2") { $0.modern = .refused("handshake failure") },
        tls(.tls, .fail, "a certificate for another name") { $0.certificateProblem = "it is for other.example.org" },
        tls(.tls, .fail, "a certificate that ended") { $0.daysLeft = -1 },
        tls(.tls, .warn, "a certificate that ends soon") { $0.daysLeft = 20 },
        Case(.tls, .fail, "nobody answered", Good.facts { $0.tls = .unknown("connection refused") }),
        Case(.hsts, .warn, "no header", Good.facts { $0.strictTransport = .value("") }),
        Case(.publicURL, .fail, "http", Good.facts(settings: ["PUBLIC_API_URL": "http://fax.example.org"])),
        Case(.keyRequired, .fail, "open to all", Good.facts { $0.statusWithoutKey = .value(200) }),
        Case(.keyRequired, .fail, "not asked", Good.facts { $0.statusWithoutKey = .unknown("timeout") }),
        Case(.disabledKey, .fail, "it still opens", Good.facts { $0.disabledKey = .value(.init(before: 200, after: 200)) }),
        Case(.disabledKey, .fail, "it never opened", Good.facts { $0.disabledKey = .value(.init(before: 401, after: 401)) }),
        Case(.rateLimit, .warn, "no limit", Good.facts(settings: ["MAX_REQUESTS_PER_MINUTE": "0"])),
        Case(.forgedCallback, .fail, "accepted", Good.facts { $0.forgedCallbacks = .value(["/a": 404, "/phaxio-callback": 200]) }),
        Case(.defaultSecrets, .fail, "changeme", Good.facts(server: { $0.weak_secrets = ["ASTERISK_INBOUND_SECRET"] })),
        Case(.emergencyReviewed, .fail, "one waits", Good.facts(server: { $0.unreviewed_emergencies = ["k9"] })),
        Case(.keysExpire, .warn, "no expiry", Good.facts(server: { $0.keys[0].expires_at = nil })),
        Case(.keysExpire, .warn, "idle", Good.facts(server: { $0.keys[0].last_used_at = Good.ago(hours: 91 * 24) })),
        Case(.keysExpire, .warn, "never used", Good.facts(server: { $0.keys[0].last_used_at = nil })),
        Case(
            .keysExpire, .warn, "the first key",
            Good.facts(server: {
                $0.settings = [.init(name: "API_KEY", value: "***", source: "environment", is_secret: true)]
            })),
        Case(.reason, .warn, "not asked for", Good.facts(settings: ["FAXLOCK_REQUIRE_REASON": "false"])),
        place(.keysSeparated, .fail, "same volume", .keyFile, Good.place("/keys/faxlock.key", device: 1, mode: 0o600)),
        place(.keysSeparated, .fail, "readable by all", .keyFile, Good.place("/keys/faxlock.key", device: 2, mode: 0o644)),
        place(.keysSeparated, .fail, "readable by the group", .keyFile, Good.place("/keys/faxlock.key", device: 2, mode: 0o640)),
        place(
            .keysSeparated, .fail, "somebody else's", .keyFile,
            FilePlace(path: "/keys/faxlock.key", device: 2, owner: 1000, mode: 0o600, fileSystem: "ext4")),
        place(.keysSeparated, .fail, "not found", .keyFile, nil),
        Case(.keysRetired, .warn, "still needed", Good.facts(server: { $0.wrapped_by_retired_keys = 3 })),
        Case(.keysRetired, .warn, "still configured", Good.facts(settings: ["FAXLOCK_RETIRED_KEY_FILES": "/keys/old.key"])),
        Case(.plaintext, .fail, "a PDF", scan { ($0.files, $0.count, $0.findings) = (3, 1, ["/tmp (find /tmp -inum 7): PDF"]) }),
        Case(.plaintext, .fail, "files that cannot be read", scan { ($0.files, $0.unreadable) = (3, 1) }),
        Case(.plaintext, .warn, "too much to read", scan { ($0.files, $0.partial) = (3, 1) }),
        Case(.modes, .fail, "a file for others", Good.facts { $0.openFiles = .value(["/data/faxlock.db"]) }),
        place(.modes, .fail, "a folder for others", .dataFolder, Good.place("/data", device: 1, mode: 0o755)),
        newest(.fsckAge, .warn, "integrity.checked", hours: nil),
        newest(.fsckAge, .warn, "integrity.checked", hours: 32 * 24),
        newest(.fsckAge, .warn, "integrity.checked", hours: 2, outcome: "failure"),
        Case(
            .ledgerVerifies, .fail, "a problem", Good.facts { $0.ledger = .value(.init(events: 4, problems: ["x"], hasTrustedKey: true)) }),
        Case(.ledgerVerifies, .fail, "not read", Good.facts { $0.ledger = .unknown("audit:read is missing") }),
        Case(.checkpointAge, .fail, "old", Good.facts(server: { $0.ledger.checkpoint_at = Good.ago(hours: 2) })),
        place(.anchors, .warn, "none", .anchorFile, nil),
        place(.anchors, .warn, "same volume", .anchorFile, Good.place("/data/anchors", device: 1)),
        Case(.sinks, .warn, "none", Good.facts(server: { $0.sinks = [] })),
        Case(.sinks, .fail, "an error", Good.facts(server: { $0.sinks[0].last_error = "connection refused" })),
        Case(.sinks, .fail, "behind", Good.facts(server: { $0.sinks[0].backlog_since = Good.ago(hours: 1) })),
        newest(.ledgerReviewed, .warn, "activity.reviewed", hours: nil),
        Case(.coreLimit, .fail, "unlimited", Good.facts { $0.coreLimit = .value(CoreLimit(soft: "1", hard: "unlimited")) }),
        Case(
            .root, .warn, "root",
            Good.facts(server: {
                $0.process.user = 0; $0.process.id = 77
            })
            .with { $0.places[.keyFile] = .value(FilePlace(path: "/k", device: 2, owner: 0, mode: 0o600, fileSystem: "ext4")) }),
        Case(
            .sockets, .fail, "another port",
            Good.facts {
                $0.sockets = .value([
                    BoundSocket(kind: .tcp, address: "127.0.0.1", port: 8080), BoundSocket(kind: .tcp, address: "127.0.0.1", port: 9),
                ])
            }),
        Case(
            .sockets, .fail, "another address",
            Good.facts { $0.sockets = .value([BoundSocket(kind: .tcp, address: "0.0.0.0", port: 8080)]) }),
        Case(
            .sockets, .fail, "an open line",
            Good.facts {
                $0.sockets = .value([
                    BoundSocket(kind: .tcp, address: "127.0.0.1", port: 8080), BoundSocket(kind: .udp, address: "0.0.0.0", port: 5060),
                ])
            }),
        Case(.sockets, .fail, "none was seen", Good.facts { $0.sockets = .value([]) }),
        Case(.environment, .warn, "a secret", Good.facts { $0.secretsInEnvironment = .value(["API_KEY"]) }),
        Case(.sandbox, .fail, "no Landlock", Good.facts(server: { $0.walls.landlock = 0 })),
        Case(.sandbox, .fail, "no seccomp", Good.facts(server: { $0.walls.system_call_filter = false })),
        Case(.clock, .warn, "not synchronised", Good.facts { $0.isClockSynchronised = .value(false) }),
        Case(.clock, .warn, "not known", Good.facts { $0.isClockSynchronised = .unknown("not permitted") }),
        Case(.logs, .fail, "a number", numberInLog),
        Case(.retention, .warn, "sent for ever", Good.facts(settings: ["ARTIFACT_TTL_DAYS": "0"])),
        Case(.retention, .warn, "received for ever", Good.facts(settings: ["INBOUND_RETENTION_DAYS": "0"])),
        newest(.backupAge, .fail, "backup.made", hours: nil),
        newest(.backupAge, .fail, "backup.made", hours: 48),
        newest(.backupAge, .fail, "backup.made", hours: 1, outcome: "failure"),
        newest(.drillAge, .warn, "backup.drilled", hours: 93 * 24),
        place(.backupKeysApart, .fail, "keys beside backups", .backupKeyFile, Good.place("/backups.key", device: 4, mode: 0o600)),
        place(.backupKeysApart, .fail, "bundle beside backups", .backupKeysFolder, Good.place("/backups.keys", device: 4)),
        place(.backupKeysApart, .fail, "backups beside data", .backupFolder, Good.place("/data.backups", device: 1)),
        place(.backupKeysApart, .fail, "key for others", .backupKeyFile, Good.place("/keys/backup.key", device: 2, mode: 0o604)),
        Case(.associates, .fail, "none", Good.facts(server: { $0.agreements = [] })),
        Case(.associates, .fail, "ended", Good.facts(server: { $0.agreements[0].in_force = false })),
        Case(.associates, .fail, "another's", Good.facts(server: { $0.agreements[0].provider = "sinch" })),
        Case(.associates, .fail, "of two, one has none", Good.facts(server: { $0.associates.append("sinch") })),
        Case(.associates, .warn, "ends soon", Good.facts(server: { $0.agreements[0].expires_on = Good.ago(hours: -24) })),
        trunk(.signalling, .warn, "UDP") { $0.transport = .udp },
        trunk(.signalling, .warn, "TCP") { $0.transport = .tcp },
        Case(.trunk, .fail, "a trunk that cannot be seen", Good.facts(settings: ["FAX_BACKEND": "sip"])),
        Case(.trunk, .fail, "one of a failover", Good.facts(settings: ["FAXLOCK_FAILOVER_BACKEND": "sip"])),
    ]

    @Test func aGoodServer() {
        for result in Good.facts().results {
            let expected: Status =
                switch result.id {
                case .training, .riskAnalysis, .sanctions, .pstn, .trunk: .attest
                default: .pass
                }
            #expect(result.status == expected, "\(result)")
            #expect(!result.evidence.isEmpty)
        }
    }

    @Test(arguments: cases) func exactlyThatLine(broken: Case) {
        let good = Good.facts().results
        for (before, after) in zip(good, broken.facts.results) {
            #expect(after.status == (after.id == broken.check ? broken.status : before.status), "\(after)")
            if after.id == broken.check { #expect(!after.remedy.isEmpty && !after.evidence.isEmpty) }
        }
    }

    /// The lines that look at the ledger have nothing to look at; none of them fails beside the one that says why.
    @Test func withoutALedger() {
        for result in Good.facts(settings: ["AUDIT_LOG_ENABLED": "false"]).results {
            #expect((result.status == .fail) == (result.id == .ledgerEnabled), "\(result)")
            #expect(result.status != .warn)
        }
    }

    /// The settings do not take less than 2,192 days, so nothing but a defect there breaks this line.
    @Test func theLedgerIsKeptForSixYears() {
        #expect(throws: SettingsError.self) { try Settings.load(environment: ["FAXLOCK_AUDIT_RETENTION_DAYS": "2191"]) }
        #expect(Good.facts(settings: ["FAXLOCK_AUDIT_RETENTION_DAYS": "2192"]).verdict(.ledgerRetention).finding == .holds)
    }

    /// Every check but those that only a person can answer is broken by some case.
    @Test func everyCheckIsBroken() {
        let byHand: Set<Check> = [.pstn, .training, .riskAnalysis, .sanctions, .ledgerEnabled, .ledgerRetention]
        #expect(Set(Self.cases.map(\.check)).union(byHand) == Set(Check.allCases))
    }

    /// "Could not check" is never a pass.
    @Test(arguments: DoctorProfile.allCases) func whatWasNotSeenIsNoPass(profile: DoctorProfile) {
        let nothing = "it was not looked at"
        let facts = Facts(
            now: Good.now, profile: profile, settings: Good.settings(), isReady: .unknown(nothing), server: .unknown(nothing),
            tls: .unknown(nothing), strictTransport: .unknown(nothing), statusWithoutKey: .unknown(nothing), disabledKey: .unknown(nothing),
            forgedCallbacks: .unknown(nothing), places: [:], plaintext: .unknown(nothing), openFiles: .unknown(nothing),
            ledger: .unknown(nothing), coreLimit: .unknown(nothing), sockets: .unknown(nothing), secretsInEnvironment: .unknown(nothing),
            trunks: .unknown(nothing), isClockSynchronised: .unknown(nothing), logs: .unknown(nothing))
        let fromSettings: Set<Check> = [.publicURL, .rateLimit, .reason, .ledgerEnabled, .ledgerRetention, .retention]
        for result in facts.results where !fromSettings.contains(result.id) { #expect(result.status != .pass, "\(result)") }
        let failed = Set(facts.results.filter { $0.status == .fail }.map(\.id))
        #expect(profile == .hipaa ? failed.count > 10 : failed == [.serverReachable])
    }

    /// A server for trying things on one's own machine has warnings and no failure.
    @Test func aServerForTryingThings() {
        let facts = Good.facts {
            $0.profile = .dev
            $0.settings = Good.settings(["FAXLOCK_PROFILE": "development", "PUBLIC_API_URL": "http://127.0.0.1:8080"])
            $0.tls = nil
            $0.trunks = nil
            $0.places = [.dataFolder: .value(Good.place("/data", device: 1)), .keyFile: .value(Good.place("/k", device: 1, mode: 0o600))]
            var server = Good.server
            server.newest = [:]
            server.sinks = []
            server.associates = []
            server.walls.landlock = 0
            $0.server = .value(server)
        }
        #expect(!facts.results.contains { $0.status == .fail })
        for check in [Check.tls, .hsts, .publicURL, .associates, .backupKeysApart, .signalling, .trunk] {
            #expect(facts.verdict(check).finding == .notApplicable, "\(check)")
        }
        for check in [Check.keysSeparated, .backupAge, .sandbox] {
            #expect(facts.results.first { $0.id == check }?.status == .warn, "\(check)")
        }
    }

    @Test func aListenerWithoutTLSOnANetwork() {
        let facts = Good.facts {
            $0.settings = Good.settings(["FAXLOCK_HOST": "0.0.0.0"])
            $0.tls = nil
        }
        #expect(facts.results.first { $0.id == .tls }?.status == .fail)
    }

    @Test func aTrunkThatTakesNothingButSRTP() {
        let facts = Good.facts { facts in
            var trunk = Good.carrier
            trunk.requiresMediaEncryption = true
            facts.trunks = .value([trunk])
        }
        #expect(facts.verdict(.trunk).finding == .holds && facts.verdict(.signalling).finding == .holds)
    }

    /// Signalling is where the trunks say; what else is open is not.
    @Test(arguments: [
        (Facts.Trunk.Transport.udp, BoundSocket.Kind.udp, 5061, true), (.udp, .udp, 5062, false), (.udp, .tcp, 5061, false),
        (.tls, .tcp, 5061, true), (.tcp, .tcp, 5061, true), (.tls, .udp, 5061, false), (.tls, .tcp, 9, false),
    ])
    func aTrunksSocket(transport: Facts.Trunk.Transport, kind: BoundSocket.Kind, port: Int, isExpected: Bool) {
        let facts = Good.facts { facts in
            var trunk = Good.carrier
            trunk.transport = transport
            facts.trunks = .value([trunk])
            facts.sockets = .value([
                BoundSocket(kind: .tcp, address: "127.0.0.1", port: 8080), BoundSocket(kind: kind, address: "192.0.2.1", port: port),
            ])
        }
        #expect(facts.verdict(.sockets).finding == (isExpected ? .holds : .broken))
    }

    @Test func aKeyInMemoryOrWithACustodian() {
        for (settings, fileSystem, mode) in [
            (["FAXLOCK_KEY_CUSTODIAN": "transit"], "ext4", UInt32(0o600)), ([:], "tmpfs", 0o440), ([:], "ramfs", 0o400),
        ] {
            let facts = Good.facts {
                $0.settings = Good.settings(settings)
                $0.places[.keyFile] = .value(FilePlace(path: "/k", device: 1, owner: 990, mode: mode, fileSystem: fileSystem))
            }
            #expect(facts.verdict(.keysSeparated).finding == .holds, "\(fileSystem)")
        }
    }
}

extension Facts {
    fileprivate func with(_ change: (inout Facts) -> Void) -> Facts {
        var copy = self
        change(&copy)
        return copy
    }
}
