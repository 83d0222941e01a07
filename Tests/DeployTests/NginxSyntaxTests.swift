import Testing

/// deploy/nginx by `nginx -t`.
@Suite(
    .enabled(if: Program.nginx.isInstalled, "nginx is not installed"),
    .enabled(if: Program.openssl.isInstalled, Comment(rawValue: ThrowawayCertificate.reason)), .timeLimit(.minutes(10)))
struct NginxSyntaxTests {
    /// What nginx says to a copy of the configuration with other text in place of some of it.
    private func check(replacing edits: KeyValuePairs<String, String> = [:]) async throws -> Program.Result {
        try await TemporaryFolder.with { folder in
            let site = try NginxSite(folder)
            try await ThrowawayCertificate.make(for: "fax.example.org", in: folder)
            try site.write(replacing: edits)
            return try await site.nginx("-t")
        }
    }

    @Test func isAccepted() async throws {
        let result = try await check()
        #expect(result.status == 0, "\(result.complaints)")
        #expect(!result.complaints.contains("[warn]"), "\(result.complaints)")
    }

    @Test func aMisspeltDirectiveIsFound() async throws {
        let result = try await check(replacing: ["proxy_request_buffering off": "proxy_request_bufering off"])
        #expect(result.status == 1)
        #expect(result.complaints.contains("unknown directive"))
    }

    @Test func aMissingBraceIsFound() async throws {
        #expect(try await check(replacing: ["    location / {": "    location /"]).status == 1)
    }

    /// The certificate is the one thing that has no default: without it nginx does not start, and never in the clear.
    @Test func refusesWithoutCertificate() async throws {
        let result = try await check(replacing: ["certificate.pem": "missing.pem"])
        #expect(result.status == 1)
        #expect(result.complaints.contains("cannot load certificate"))
    }
}
