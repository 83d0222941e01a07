import Foundation
import Glibc
import NIOHTTP1
import Testing

extension EndToEnd {
    /// `faxlock doctor` on a real server: each thing that is broken shows on its line.
    @Suite struct DoctorTests {
        private struct Report: Decodable {
            struct Check: Decodable {
                let id: String
                let status: String
                let evidence: String
            }
            struct Signature: Decodable { let key: String }

            let profile: String
            let checks: [Check]
            let signature: Signature?

            func status(_ id: String) -> String { checks.first { $0.id == id }?.status ?? "" }
            var statuses: [String: String] { Dictionary(uniqueKeysWithValues: checks.map { ($0.id, $0.status) }) }
            /// The lines that differ from another report's.
            func changes(from other: Report) -> [String: String] { statuses.filter { other.status($0.key) != $0.value } }
        }

        private static func doctor(
            _ server: ServerProcess, _ arguments: String..., environment: [String: String] = [:]
        ) async throws -> (report: Report, command: Command) {
            let temporary = server.folder + "/temporary"
            if !FileManager.default.fileExists(atPath: temporary) { mkdir(temporary, 0o700) }
            let command = try await Command.run(
                BuiltProducts.faxlock, ["doctor", "--json", "--temp", temporary] + arguments,
                environment: ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": ServerProcess.key].merging(environment) { $1 })
            do {
                return (try JSONDecoder().decode(Report.self, from: Data(command.output.utf8)), command)
            } catch {
                throw DeadlineMissed(description: "no report: \(command.output.prefix(300)) \(command.complaints)")
            }
        }

        @Test func whatIsBrokenOnDisk() async throws {
            try await TemporaryFolder.with { folder async throws in
                try await ServerProcess.with(folder) { server async throws in
                    let good = try await Self.doctor(server).report
                    #expect(good.profile == "dev" && good.checks.count == 42)
                    for id in [
                        "vault.modes", "vault.plaintext", "process.core_limit", "ledger.verifies", "access.disabled_key", "process.sockets",
                        "workers.sandboxed",
                    ] {
                        #expect(good.status(id) == "PASS", "\(id)")
                    }
                    // A key file beside the data: a warning where things are tried, a failure with patients' records.
                    #expect(good.status("keys.separated") == "WARN")
                    let strict = try await Self.doctor(server, "--profile", "hipaa")
                    #expect(strict.report.status("keys.separated") == "FAIL" && strict.report.status("backup.age") == "FAIL")
                    #expect(strict.command.status == 2)

                    chmod(server.dataFolder, 0o755)
                    let open = try await Self.doctor(server)
                    #expect(open.report.changes(from: good) == ["vault.modes": "FAIL"] && open.command.status == 2)
                    chmod(server.dataFolder, 0o700)

                    let planted = server.dataFolder + "/note"
                    try Data("to=+15551230142\n".utf8).write(to: URL(fileURLWithPath: planted))
                    chmod(planted, 0o600)
                    let leak = try await Self.doctor(server).report
                    #expect(leak.changes(from: good) == ["vault.plaintext": "FAIL"])
                    #expect(leak.checks.first { $0.id == "vault.plaintext" }?.evidence.contains("5551230142") == false)
                    unlink(planted)

                    let temporary = server.folder + "/temporary/Jane Invented.pdf"
                    try Data("%PDF-1.4\n".utf8).write(to: URL(fileURLWithPath: temporary))
                    let left = try await Self.doctor(server)
                    #expect(left.report.changes(from: good) == ["vault.plaintext": "FAIL"] && !left.command.output.contains("Jane"))
                    unlink(temporary)

                    let log = try folder.write(Array("calling +15551230142\n".utf8), to: "a.log")
                    let shown = try await Self.doctor(server, "--log", log).report
                    #expect(shown.changes(from: good) == ["logs.phi": "FAIL"])
                    let own = try await Self.doctor(server, "--log", folder.path + "/server.log").report
                    // No invented record is in it: it can be shown.
                    let lines = try String(contentsOfFile: folder.path + "/server.log", encoding: .utf8)
                    #expect(own.changes(from: good) == ["logs.phi": "PASS"], "\(lines)")
                    #expect(try await Self.doctor(server).report.changes(from: good).isEmpty)
                }
            }
        }

        /// CAP_SYS_RESOURCE, of which many containers deprive root.
        private static var mayRaiseLimits: Bool {
            let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
            let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
            return line.flatMap { UInt64($0.dropFirst(7).drop(while: \.isWhitespace), radix: 16) }.map { $0 >> 24 & 1 == 1 } ?? false
        }

        @Test(
            .enabled(if: Self.mayRaiseLimits && Command.find("prlimit") != nil, "raising a hard limit takes CAP_SYS_RESOURCE and prlimit"))
        func aRaisedCoreLimit() async throws {
            try await ServerProcess.with { server async throws in
                let good = try await Self.doctor(server).report
                let raised = try await Command.run(
                    try #require(Command.find("prlimit")), ["--pid", "\(server.id)", "--core=unlimited:unlimited"])
                try #require(raised.status == 0, "\(raised.complaints)")
                #expect(try await Self.doctor(server).report.changes(from: good) == ["process.core_limit": "FAIL"])
            }
        }

        @Test func anOpenServer() async throws {
            try await ServerProcess.with(settings: ["REQUIRE_API_KEY": "false", "PHAXIO_API_SECRET": "changeme"]) { server async throws in
                let report = try await Self.doctor(server).report
                #expect(report.status("access.key_required") == "FAIL")
                // Where things are tried a weak secret is a warning.
                #expect(report.status("access.default_secrets") == "WARN")
                #expect(report.checks.filter { $0.status == "FAIL" }.map(\.id) == ["access.key_required"])
            }
        }

        @Test func whatWasDoneLatelyPasses() async throws {
            try await TemporaryFolder.with { folder async throws in
                let key = "\(folder.path)/backup.key"
                #expect(try await Command.faxlock("backup", "new-key", key).status == 0)
                let settings = [
                    "FAXLOCK_BACKUP_DIR": "\(folder.path)/backups", "FAXLOCK_BACKUP_KEYS_DIR": "\(folder.path)/keys",
                    "FAXLOCK_BACKUP_KEY_FILE": key, "FAXLOCK_BACKUP_INTERVAL_HOURS": "0",
                ]
                try await ServerProcess.with(folder, settings: settings) { server async throws in
                    let environment = ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": ServerProcess.key]
                    let before = try await Self.doctor(server).report
                    for command in [["fsck"], ["backup"], ["backup", "drill"], ["audit", "review", "--done"]] {
                        let result = try await Command.run(BuiltProducts.faxlock, command, environment: environment)
                        #expect(result.status == 0, "\(command): \(result.complaints)")
                    }
                    let changes = try await Self.doctor(server).report.changes(from: before)
                    #expect(
                        changes == [
                            "vault.fsck_age": "PASS", "backup.age": "PASS", "backup.drill_age": "PASS", "ledger.reviewed": "PASS",
                        ])
                    #expect(before.status("backup.keys_apart") == "WARN")
                }
            }
        }

        @Test func theReportIsSignedAndRecorded() async throws {
            try await TemporaryFolder.with { folder async throws in
                try await ServerProcess.with(folder) { server async throws in
                    let file = folder.path + "/report.json"
                    let (report, command) = try await Self.doctor(server, "--output", file)
                    let key = try #require(report.signature?.key)
                    #expect(try String(decoding: TemporaryFolder.read(file), as: UTF8.self) == command.output)
                    let good = try await Command.faxlock("doctor", "verify", file, "--key", key)
                    #expect(good.status == 0 && good.output.hasPrefix("valid"), "\(good.complaints)")
                    let changed = try folder.write(Array(command.output.replacing("\"WARN\"", with: "\"PASS\"").utf8), to: "changed.json")
                    #expect(try await Command.faxlock("doctor", "verify", changed, "--key", key).status == 1)
                    let events = try await server.client.call(.GET, "/admin/audit/events?action=doctor.reported")
                    #expect(events.status == 200 && events.body.split(separator: 10).count == 1)
                    // The key that was made for the check opens nothing any more.
                    let keys = try await server.client.call(.GET, "/admin/api-keys").decode([APIKey].self)
                    #expect(keys.filter { $0.name == "faxlock doctor" }.map { $0.revoked_at != nil } == [true])
                }
            }
        }

        private struct APIKey: Decodable {
            let name: String?
            let revoked_at: String?
        }

        @Test func itCannotRunOrNobodyIsThere() async throws {
            try await ServerProcess.with { server async throws in
                let refused = try await Command.faxlock(
                    "doctor", environment: ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": "wrong"])
                #expect(refused.status == 3 && refused.complaints.contains("system:operate"), "\(refused.complaints)")
            }
            // Nothing listens on the port of tcpmux.
            let down = try await Command.faxlock("doctor", "--profile", "hipaa", environment: ["FAXLOCK_URL": "http://127.0.0.1:1"])
            #expect(down.status == 2 && down.output.contains("FAIL    server.reachable") && down.output.contains("Not recorded"))
            #expect(!down.output.lowercased().contains("complian"))
        }

        @Test(.enabled(if: Command.find("openssl") != nil, "openssl makes the certificate"))
        func TLSOfTheServerItself() async throws {
            try await TemporaryFolder.with { folder async throws in
                let (certificate, key) = ("\(folder.path)/server.pem", "\(folder.path)/server-key.pem")
                let made = try await Command.run(
                    try #require(Command.find("openssl")),
                    [
                        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "90", "-subj",
                        "/CN=Faxlock test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
                    ])
                try #require(made.status == 0, "\(made.complaints)")
                let settings = ["FAXLOCK_TLS_CERTIFICATE": certificate, "FAXLOCK_TLS_KEY": key]
                try await ServerProcess.with(folder, settings: settings) { server async throws in
                    let trusted = try await Self.doctor(server, environment: ["FAXLOCK_CA": certificate]).report
                    let line = try #require(trusted.checks.first { $0.id == "transport.tls" })
                    #expect(line.status == "PASS" && line.evidence.contains("TLS 1.3"), "\(line)")
                    #expect(trusted.status("transport.hsts") == "PASS")
                }
                // Nobody trusts the certificate without being told: the doctor's own requests fail as others' would.
                let plain = ["FAXLOCK_TLS_CERTIFICATE": certificate, "FAXLOCK_TLS_KEY": key]
                try await ServerProcess.with(folder, settings: plain) { server async throws in
                    let report = try await Self.doctor(server, "--profile", "hipaa").report
                    #expect(report.status("transport.tls") == "FAIL" && report.status("server.reachable") == "FAIL")
                }
            }
        }
    }
}
