import ArgumentParser
import AsyncHTTPClient
import Doctor
import FoundationEssentials
import Ledger
import NIOCore

/// `faxlock doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Examine a running server, safeguard by safeguard.", subcommands: [Run.self, Verify.self],
        defaultSubcommand: Run.self)

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Examine the server that FAXLOCK_URL names, on its own machine.",
            discussion: """
                Run it as the server's user or root, with a key that has the scopes system:operate, audit:read and keys:manage. It makes a \
                key and revokes it, sends forged callbacks, exports the ledger and reads every file of the data folder; it changes nothing \
                else. Exit status: 0 all is well, 1 warnings, 2 something failed, 3 it could not run. docs/doctor.md lists the checks.
                """)

        @Option(help: "hipaa or dev; by default as the server's profile.") var profile: String?
        @Flag(help: "Print the report as JSON.") var json = false
        @Option(name: .shortAndLong, help: "Write the report as JSON to this file too; it must not exist.", completion: .file())
        var output: String?
        @Option(name: .customLong("log"), help: "A file of the server's log lines to look through; may be repeated.", completion: .file())
        var logs: [String] = []
        @Option(name: .customLong("temp"), help: "A folder of temporary files to look through; may be repeated.", completion: .directory)
        var temporaries: [String] = ["/tmp", "/var/tmp", "/dev/shm"]
        @Option(help: "MiB of files that are read whole; of more, only the beginnings.") var scanLimit = 4096
        @Option(help: "Your copy of the ledger's first key, as `faxlock audit export` printed it.") var ledgerKey: String?
        @Option(help: "JSON file of the server's settings, for a server that does not answer.") var config: String?

        func run() async throws {
            let profile = try profile.map { text in
                guard let profile = DoctorProfile(rawValue: text) else { throw ValidationError("The profile is hipaa or dev.") }
                return profile
            }
            guard (1...(1 << 30)).contains(scanLimit) else { throw ValidationError("The scan limit is 1 MiB or more.") }
            var local = try SettingOptions.parse([])
            local.config = config
            let options = Examination.Options(
                profile: profile, logs: logs, temporaries: temporaries, scanLimit: scanLimit << 20, ledgerKey: ledgerKey)
            let report: DoctorReport
            do {
                let settings = try local.load()
                report = try await APIClient.use { client in
                    let facts = try await Examination(client: client, options: options, localSettings: settings).facts()
                    var report = DoctorReport(version: Faxlock.version, facts: facts)
                    report.signature = try await Self.signature(of: report, client)
                    return report
                }
            } catch let failure as CommandFailure {
                throw CommandFailure(.server, failure.message)
            }
            let bytes = try report.json
            if let output { try NewFile.write(bytes, to: output) }
            print(json ? String(decoding: bytes, as: UTF8.self) : report.text, terminator: "")
            if report.exitStatus != 0 { throw ExitCode(report.exitStatus) }
        }

        private struct Recorded: Encodable {
            let sha256: String
            let profile: String
            let pass: Int
            let fail: Int
            let warn: Int
            let attest: Int
            let not_applicable: Int
        }

        /// Has the server record the report; nil where it does not: the report says so itself.
        private static func signature(of report: DoctorReport, _ client: APIClient) async throws -> DoctorReport.Signature? {
            let recorded = Recorded(
                sha256: DoctorStatement.digest(of: try report.canonicalBytes), profile: report.profile.rawValue, pass: report.summary.pass,
                fail: report.summary.fail, warn: report.summary.warn, attest: report.summary.attest,
                not_applicable: report.summary.not_applicable)
            let body = HTTPClientRequest.Body.bytes(ByteBuffer(bytes: try JSONEncoder().encode(recorded)))
            guard let answer = try? await client.call(.post, "/admin/doctor/report", body: body) else { return nil }
            return try? JSONDecoder().decode(DoctorReport.Signature.self, from: Data(answer))
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify that a report is as it was when the server recorded it; no server is asked.",
            discussion: "Exit status 0 if it is, 1 if not.")

        @Argument(help: "The report, as --output or --json wrote it.", completion: .file()) var report: String
        @Option(help: "The ledger's key of that time, from your own records.") var key: String

        func run() async throws {
            guard let key = VerifierKey(key) else {
                throw CommandFailure(.refused, "The key must be as `faxlock audit export` prints it: name+id+base64.")
            }
            guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: report)) else {
                throw CommandFailure(.refused, "\(report) cannot be read.")
            }
            guard let report = DoctorReport(json: Array(bytes)) else {
                throw CommandFailure(.failed, "This is no report as the doctor writes it, or it was changed.")
            }
            guard let signature = report.signature else { throw CommandFailure(.failed, "The report was not recorded and is not signed.") }
            let statement = DoctorStatement(digest: DoctorStatement.digest(of: try report.canonicalBytes), time: signature.at)
            guard statement?.isSigned(signature.value, by: key) == true else {
                throw CommandFailure(.failed, "The signature is not that of this key over this report.")
            }
            print("valid: recorded at \(signature.at)")
        }
    }
}
