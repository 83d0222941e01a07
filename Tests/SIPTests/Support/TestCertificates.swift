import FoundationEssentials
import Glibc
import SIP
import Testing

/// An authority for one test and the certificates that it signed, made by openssl.
struct TestCertificates {
    static let openssl = "/usr/bin/openssl"
    static let isPossible = access(openssl, X_OK) == 0

    private let folder: String

    /// Makes the certificates, runs a test and removes them.
    static func with(_ body: (TestCertificates) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "faxlock-sip-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let certificates = TestCertificates(folder: folder)
        for name in ["authority", "stranger"] { try await certificates.makeAuthority(name) }
        try await body(certificates)
    }

    /// The file of the authority that signs, or of one that does not.
    func authority(_ name: String = "authority") -> String { "\(folder)/\(name).pem" }

    /// Signs a certificate with these names.
    func identity(_ name: String, names: String = "IP:127.0.0.1", days: Int = 2) async throws -> SIPTLSConfiguration.Identity {
        let file = "\(folder)/\(name)"
        try Data("subjectAltName=\(names)\nbasicConstraints=CA:FALSE\n".utf8).write(to: URL(filePath: "\(file).ext"))
        try await Self.run(["req"] + Self.newKey + ["-keyout", "\(file).key", "-out", "\(file).csr", "-subj", "/CN=\(name)"])
        try await Self.run([
            "x509", "-req", "-in", "\(file).csr", "-CA", authority(), "-CAkey", "\(folder)/authority.key", "-CAcreateserial",
            "-out", "\(file).pem", "-days", "\(days)", "-extfile", "\(file).ext",
        ])
        return SIPTLSConfiguration.Identity(chain: "\(file).pem", key: "\(file).key")
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]

    private func makeAuthority(_ name: String) async throws {
        let file = "\(folder)/\(name)"
        try await Self.run(
            ["req", "-x509"] + Self.newKey + [
                "-keyout", "\(file).key", "-out", "\(file).pem", "-subj", "/CN=\(name)", "-days", "2", "-addext",
                "keyUsage=critical,keyCertSign,cRLSign",
            ])
    }

    private static func run(_ arguments: [String]) async throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in 0...2 { posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0) }
        var words: [UnsafeMutablePointer<CChar>?] = ([openssl] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), nil]
        defer { free(environment[0]) }
        var id: pid_t = 0
        let code = posix_spawn(&id, openssl, &actions, nil, &words, &environment)
        try #require(code == 0, "openssl does not start: errno \(code)")
        var status: Int32 = 0
        // No test may block one of the few threads.
        while waitpid(id, &status, WNOHANG) == 0 { try? await Task.sleep(for: .milliseconds(5)) }
        try #require(status == 0, "openssl \(arguments.first ?? "") failed")
    }
}
