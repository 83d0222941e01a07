import FoundationEssentials
import ServerSettings
import Testing

private let analyze = Program(name: "systemd-analyze")
private let sysusers = Program(name: "systemd-sysusers")
private let tmpfiles = Program(name: "systemd-tmpfiles")

/// deploy/systemd and the units of deploy/secrets, by systemd's own programs. They need no running systemd.
@Suite(.enabled(if: analyze.isInstalled, "systemd-analyze is not installed"), .timeLimit(.minutes(10)))
struct SystemdTests {
    private static let services = [
        "systemd/faxlock.service", "systemd/faxlock-backup-drill.service", "systemd/faxlock-backup-copy.service",
        "secrets/faxlock-secret@.service",
    ]
    private static let timers = ["systemd/faxlock-backup-drill.timer", "systemd/faxlock-backup-copy.timer"]

    /// Copies all units into the folder, with programs that exist in place of those that are not installed yet.
    private func install(in folder: TemporaryFolder, replacing edits: KeyValuePairs<String, String> = [:]) throws {
        for path in Self.services + Self.timers + ["secrets/faxlock.service.d/manager.conf"] {
            var text = try Deploy.text(path).replacing("/opt/faxlock/faxlock ", with: "/bin/true ")
                .replacing("/opt/faxlock/deploy/", with: "\(Deploy.folder)/")
            for (old, new) in edits { text = text.replacing(old, with: new) }
            let name = path.split(separator: "/", maxSplits: 1)[1]
            try folder.write(text, to: String(name), mode: 0o644)
        }
    }

    /// What `systemd-analyze verify` says to a unit with its drop-ins: nothing to a good one. Its status is 0 for much that is bad.
    private func verify(_ unit: String, replacing edits: KeyValuePairs<String, String> = [:]) async throws -> Program.Result {
        try await TemporaryFolder.with { folder in
            try install(in: folder, replacing: edits)
            return try await analyze.run(
                ["verify", "--man=no", "\(folder.path)/\(unit)"], environment: ["SYSTEMD_UNIT_PATH": "\(folder.path):"])
        }
    }

    @Test(arguments: [
        "faxlock.service", "faxlock-backup-drill.service", "faxlock-backup-copy.service", "faxlock-backup-drill.timer",
        "faxlock-backup-copy.timer", "faxlock-secret@faxlock.key.service",
    ]) func isAccepted(unit: String) async throws {
        let result = try await verify(unit)
        #expect(result.status == 0 && result.text.isEmpty, "\(result.text)")
    }

    @Test func aMisspeltOptionIsFound() async throws {
        let result = try await verify("faxlock.service", replacing: ["ProtectSystem=strict": "ProtectSystm=strict"])
        #expect(result.text.contains("Unknown key"))
    }

    @Test func aWrongValueIsFound() async throws {
        let result = try await verify("faxlock-backup-drill.timer", replacing: ["*-*-* 04:30:00": "at half past four"])
        #expect(!result.text.isEmpty)
    }

    @Test func aMissingProgramIsFound() async throws {
        let result = try await verify("faxlock-backup-copy.service", replacing: ["copy-backups.sh": "copy-backup.sh"])
        #expect(result.text.contains("is not executable"))
    }

    /// The exposure that systemd computes, in tenths: 12 of 100 was measured for the server, 22 for what fetches secrets as root.
    @Test(arguments: zip(services, [15, 15, 15, 25])) func isConfined(path: String, limit: Int) async throws {
        try await TemporaryFolder.with { folder in
            let unit = try folder.write(try Deploy.text(path), to: String(path.split(separator: "/")[1]), mode: 0o644)
            let result = try await analyze.run(["security", "--offline=true", "--no-pager", "--threshold=\(limit)", unit])
            #expect(result.status == 0, "\(result.text)")
        }
    }

    @Test func aUnitWithLessConfinementIsFound() async throws {
        try await TemporaryFolder.with { folder in
            let text = try Deploy.text(
                "systemd/faxlock.service", replacing: ["CapabilityBoundingSet=\n": "", "SystemCallFilter=@system-service\n": ""])
            let unit = try folder.write(text, to: "faxlock.service", mode: 0o644)
            #expect(try await analyze.run(["security", "--offline=true", "--no-pager", "--threshold=15", unit]).status == 1)
        }
    }

    /// What no program checks and would cost most: a core file, a stop that cuts calls, a key on the disk or in the environment.
    @Test func theServerKeepsItsPromises() throws {
        let lines = Set(try Deploy.text("systemd/faxlock.service").split(separator: "\n").map(String.init))
        for line in ["LimitCORE=0", "MemorySwapMax=0", "KillMode=mixed", "TimeoutStopSec=75", "EnvironmentFile=/etc/faxlock/faxlock.env"] {
            #expect(lines.contains(line), "\(line)")
        }
        let environment = lines.filter { $0.hasPrefix("Environment=") }.flatMap { $0.dropFirst(12).split(separator: " ") }
        #expect(environment.count == 3)
        for variable in environment { #expect(variable.contains("_FILE=%d/"), "\(variable)") }
    }

    /// A name that the server does not know keeps it from starting.
    @Test func everySettingExists() throws {
        let text = try Deploy.text("systemd/faxlock.env")
        let names = text.split(separator: "\n").compactMap { $0.wholeMatch(of: /#?([A-Z][A-Z_]+)=\S.*/).map { String($0.1) } }
        #expect(names.count >= 12)
        let known = Dictionary(uniqueKeysWithValues: Settings.table.map { ($0.name, $0) })
        for name in names {
            guard let setting = known[name] else {
                Issue.record("deploy/systemd/faxlock.env: there is no setting \(name)")
                continue
            }
            #expect(!setting.isSecret, "\(name) is a secret: it is no matter for this file")
        }
        let unit = try Deploy.text("systemd/faxlock.service")
        for match in unit.matches(of: /([A-Z_]+)=%d\//) {
            let name = String(match.1)
            #expect(known[name] != nil || known[String(name.dropLast("_FILE".count))]?.acceptsFile == true, "\(name)")
        }
    }

    @Test(.enabled(if: sysusers.isInstalled, "systemd-sysusers is not installed")) func usersAreAccepted() async throws {
        let result = try await sysusers.run(["--dry-run", "\(Deploy.folder)/systemd/faxlock.sysusers"])
        #expect(result.status == 0, "\(result.text)")
        let broken = try await sysusers.run(
            ["--dry-run", "-"], input: try Deploy.text("systemd/faxlock.sysusers").replacing("u faxlock ", with: "y faxlock "))
        #expect(broken.status != 0)
    }

    /// With users of the empty root, since this machine has no user faxlock.
    @Test(.enabled(if: tmpfiles.isInstalled, "systemd-tmpfiles is not installed")) func foldersAreMade() async throws {
        try await TemporaryFolder.with { folder in
            let text = try Deploy.text("systemd/faxlock.tmpfiles").replacing(" faxlock faxlock ", with: " - - ")
            let file = try folder.write(text, to: "faxlock.conf", mode: 0o644)
            try folder.write("", to: "root/empty")
            let result = try await tmpfiles.run(["--root=\(folder.path)/root", "--create", file])
            #expect(result.status == 0, "\(result.text)")
            for name in ["faxlock", "faxlock-keys", "faxlock-anchors"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/root/var/backups/\(name)")
                #expect(attributes[.posixPermissions] as? Int == 0o700, "\(name)")
            }
            let broken = try folder.write(text.replacing("0700", with: "07z0"), to: "broken.conf", mode: 0o644)
            #expect(try await tmpfiles.run(["--root=\(folder.path)/root", "--create", broken]).status != 0)
        }
    }
}
