import FoundationEssentials
import Glibc
import Testing

/// deploy/nginx as it behaves: what the client gets, what the server behind it gets, what stays in the logs.
@Suite(
    .enabled(if: Program.nginx.isInstalled, "nginx is not installed"), .enabled(if: Program.curl.isInstalled, "curl is not installed"),
    .enabled(if: Program.openssl.isInstalled, Comment(rawValue: ThrowawayCertificate.reason)), .timeLimit(.minutes(10)))
struct NginxRunTests {
    /// A running proxy whose list has the address that every client of a Unix socket has.
    private func withProxy(
        replacing edits: KeyValuePairs<String, String> = ["allow 192.0.2.0/24": "allow unix:"], _ body: (NginxSite) async throws -> Void
    ) async throws {
        try await TemporaryFolder.with { folder in
            let site = try NginxSite(folder)
            try await ThrowawayCertificate.make(for: "fax.example.org", in: folder)
            try site.write(replacing: edits)
            try await site.run { try await body(site) }
        }
    }

    @Test func anAddressThatIsNotListedGetsNothing() async throws {
        try await withProxy(replacing: [:]) { site in
            let answer = try await site.get("/health")
            #expect(answer.output.hasPrefix("HTTP/2 403"), "\(answer.text)")
        }
    }

    @Test func clientsCannotClaimAnAddress() async throws {
        try await withProxy { site in
            let answer = try await site.get(
                "/health",
                options: ["-H", "X-Forwarded-For: 203.0.113.9", "-H", "Forwarded: for=203.0.113.9", "-H", "X-Real-IP: 203.0.113.9"])
            #expect(answer.output.hasPrefix("HTTP/2 200"))
            #expect(answer.output.contains("strict-transport-security: max-age=63072000"))
            #expect(answer.output.hasSuffix("for=[unix:] forwarded=[] real=[]"))
        }
    }

    @Test func aFloodIsToldWhenToComeBack() async throws {
        try await withProxy { site in
            // 41 at once, then 20 a second: of 400 on one connection most are too many, unless they took 18 seconds.
            let answers = try await site.get("/health", times: 400).output
            #expect(answers.contains("HTTP/2 200"))
            let refusals = answers.split(separator: "HTTP/2 ").filter { $0.hasPrefix("429") }
            #expect(refusals.count > 20)
            for refusal in refusals {
                #expect(refusal.contains("retry-after: 5") && refusal.contains("strict-transport-security"))
                #expect(refusal.contains("\"status\":429"))
            }
        }
    }

    /// Neither a good answer, nor a refusal, nor a server that is away may write the token of a link to a log.
    @Test(arguments: [("server unix:", ["200", "429"]), ("server unix:/nowhere", ["502", "429"])])
    func noTokenReachesALog(server: String, statuses: [String]) async throws {
        let token = "t0ken-of-a-link"
        try await withProxy(replacing: ["allow 192.0.2.0/24": "allow unix:", "server unix:": server]) { site in
            _ = try await site.get("/fax/1/pdf?token=\(token)", options: ["-e", "https://fax.example.org/?token=\(token)"], times: 400)
            let log = try site.folder.text("log/faxlock.log")
            for status in statuses { #expect(log.contains("GET /fax/1/pdf \(status) ")) }
            for name in try FileManager.default.contentsOfDirectory(atPath: "\(site.folder.path)/log") {
                let log = try site.folder.text("log/\(name)")
                #expect(log.firstRange(of: token) == nil, "\(name)")
            }
        }
    }

    /// A document above the limit is refused; one below it passes, and no part of it is put down on the proxy's disk.
    @Test(arguments: [(99 << 20, "200"), (102 << 20, "413")]) func documentsStreamThrough(bytes: Int, status: String) async throws {
        try await withProxy { site in
            let document = try site.folder.write("", to: "document")
            try #require(truncate(document, bytes) == 0)
            let answer = try await site.get("/fax", options: ["--http1.1", "-X", "POST", "-T", document])
            #expect(answer.output.contains("HTTP/1.1 \(status) "), "\(answer.text)")
            for name in ["client_body", "proxy"] {
                #expect(try FileManager.default.contentsOfDirectory(atPath: "\(site.folder.path)/\(name)").isEmpty, "\(name)")
            }
        }
    }

    @Test(arguments: [["--tls-max", "1.1"], ["--tls-max", "1.2", "--ciphers", "AES128-SHA:AES256-GCM-SHA384"]])
    func oldProtocolsAndSuitesAreRefused(options: [String]) async throws {
        try await withProxy { site in
            let answer = try await site.get("/health", options: options)
            #expect(answer.status == 35, "\(answer.text)")
            #expect(answer.output.isEmpty)
        }
    }

    @Test func anotherNameGetsNoAnswer() async throws {
        try await withProxy { site in
            let answer = try await site.get("/health", host: "other.example.org")
            #expect(answer.status == 35 && answer.output.isEmpty, "\(answer.text)")
        }
    }
}
