import FoundationEssentials
import Glibc
import Testing

private let postconf = Program(name: "postconf")
private let postfix = Program(name: "postfix")
private let postmap = Program(name: "postmap")

/// deploy/postfix by Postfix's own programs, in a folder of its own.
@Suite(.enabled(if: postconf.isInstalled && postmap.isInstalled, "postfix is not installed"), .timeLimit(.minutes(10)))
struct PostfixTests {
    /// The arguments follow the folder of a copy of the configuration.
    private func run(
        _ program: Program, _ arguments: [String], replacing edits: KeyValuePairs<String, String> = [:]
    ) async throws -> Program.Result {
        try await TemporaryFolder.with { folder in
            let folders = "queue_directory = \(folder.path)/queue\ndata_directory = \(folder.path)/data\n"
            try folder.write(try Deploy.text("postfix/main.cf", replacing: edits) + folders, to: "main.cf", mode: 0o644)
            try FileManager.default.copyItem(atPath: "/usr/share/postfix/master.cf.dist", toPath: "\(folder.path)/master.cf")
            for name in ["queue", "data"] {
                try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: false)
            }
            return try await program.run(["-c", folder.path] + arguments)
        }
    }

    @Test func everyParameterIsKnown() async throws {
        let result = try await run(postconf, ["-n"])
        #expect(result.status == 0 && result.complaints.isEmpty, "\(result.complaints)")
    }

    @Test func aMisspeltParameterIsFound() async throws {
        let result = try await run(postconf, ["-n"], replacing: ["\nsmtp_tls_security_level =": "\nsmtp_tls_securty_level ="])
        #expect(result.complaints.contains("unused parameter: smtp_tls_securty_level"))
    }

    @Test(.enabled(if: getuid() == 0, "`postfix check` is for root")) func startWouldAcceptIt() async throws {
        let result = try await run(postfix, ["check"])
        #expect(result.status == 0, "\(result.text)")
        #expect(try await run(postfix, ["check"], replacing: ["myhostname = faxlock.example.org": "myhostname"]).status == 1)
    }

    /// As Postfix reads them, not as they are written: a later line would win.
    @Test(arguments: [
        ("smtp_tls_security_level", "secure"), ("smtp_tls_mandatory_protocols", ">=TLSv1.2"), ("inet_interfaces", "loopback-only"),
        ("smtp_sasl_security_options", "noanonymous, noplaintext"), ("relayhost", "[relay.example.org]:587"),
    ]) func valueInForce(parameter: String, value: String) async throws {
        #expect(try await run(postconf, ["-x", "-h", parameter]).output == "\(value)\n")
    }

    /// The policy of the relay is found by the very text of `relayhost`, and is no weaker than the default.
    @Test func theRelayHasAPolicy() async throws {
        let map = "texthash:\(Deploy.folder)/postfix/tls_policy"
        let relay = try await run(postconf, ["-h", "relayhost"]).output.split(separator: "\n")[0]
        let found = try await run(postmap, ["-q", String(relay), map])
        #expect(found.output.hasPrefix("secure ") && found.output.contains("protocols=>=TLSv1.2"))
        #expect(try await run(postmap, ["-q", "[other.example.org]:587", map]).status == 1)
    }
}
