import Testing

private let rsyslogd = Program(name: "rsyslogd")

private func hasDriver() async -> Bool {
    guard rsyslogd.isInstalled else { return false }
    return (try? await Program.shell.run(["-c", "ls /usr/lib/*/rsyslog/lmnsd_ossl.so"]).status) == 0
}

/// deploy/rsyslog by `rsyslogd -N1`, which loads the modules and opens the certificates.
@Suite(
    .enabled("rsyslogd with its TLS driver is not installed") { await hasDriver() },
    .enabled(if: Program.openssl.isInstalled, Comment(rawValue: ThrowawayCertificate.reason)), .timeLimit(.minutes(10)))
struct RsyslogTests {
    private static let files = ["rsyslog/faxlock-receiver.conf", "rsyslog/faxlock-forward.conf"]

    private func check(_ path: String, replacing edits: KeyValuePairs<String, String> = [:]) async throws -> Program.Result {
        try await TemporaryFolder.with { folder in
            try await ThrowawayCertificate.make(for: "faxlock.example.org", in: folder)
            var text = try Deploy.text(path, replacing: edits)
            for (name, made) in [("ca.pem", "certificate"), ("receiver.pem", "certificate"), ("faxlock.pem", "certificate")] {
                text = text.replacing("/etc/rsyslog-tls/\(name)", with: "\(folder.path)/\(made).pem")
            }
            for name in ["receiver.key", "faxlock.key"] {
                text = text.replacing("/etc/rsyslog-tls/\(name)", with: "\(folder.path)/key.pem")
            }
            text = text.replacing("/var/spool/rsyslog", with: folder.path)
            return try await rsyslogd.run(["-N1", "-f", try folder.write(text, to: "rsyslog.conf")])
        }
    }

    @Test(arguments: files) func isAccepted(path: String) async throws {
        let result = try await check(path)
        #expect(result.status == 0, "\(result.text)")
        #expect(!result.text.contains("error") && !result.text.contains("warning"), "\(result.text)")
    }

    @Test(arguments: [
        (files[0], "permittedPeer=", "permitedPeer="), (files[0], "load=\"imtcp\"", "load=\"imtls\""),
        (files[0], "    stop\n}", "    stop\n"),
        (files[1], "streamDriverPermittedPeers=", "streamDriverPermittedPears="),
    ]) func aMistakeIsFound(path: String, old: String, new: String) async throws {
        #expect(try await check(path, replacing: [old: new]).status == 1)
    }

    @Test(arguments: files) func refusesWithoutCertificates(path: String) async throws {
        let result = try await check(path, replacing: ["/etc/rsyslog-tls/ca.pem": "/nowhere/ca.pem"])
        #expect(result.status == 1 && result.text.contains("could not be accessed"))
    }

    /// What rsyslog accepts either way: TLS alone, proven names at both ends, files for root, and their age.
    @Test func receiverTrustsNobody() throws {
        let text = try Deploy.text(Self.files[0])
        for line in [
            "streamDriver.mode=\"1\"", "streamDriver.authMode=\"x509/name\"", "fileCreateMode=\"0600\"", "disableLFDelimiter=\"on\"",
        ] {
            #expect(text.contains(line), "\(line)")
        }
        let days = try #require(text.firstMatch(of: /-mtime \+(\d+) -delete/).flatMap { Int($0.1) })
        #expect(days >= 2192)
        #expect(try Deploy.text(Self.files[1]).contains("streamDriverAuthMode=\"x509/name\""))
    }
}
