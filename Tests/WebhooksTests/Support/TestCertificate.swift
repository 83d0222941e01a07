import Foundation
import NIOSSL
import Testing

/// A certificate that is its own authority, made by openssl.
struct TestCertificate {
    static let openssl = "/usr/bin/openssl"
    static let isPossible = FileManager.default.isExecutableFile(atPath: openssl)

    let certificates: [NIOSSLCertificate]
    let server: TLSConfiguration

    /// - Parameter names: as `DNS:hooks.example.com`.
    init(for names: String, in folder: TemporaryFolder) async throws {
        let file = folder.file("certificate")
        let status = try await ChildProcess.run([
            Self.openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=test", "-addext", "subjectAltName=\(names)", "-keyout", "\(file).key", "-out", "\(file).pem",
        ])
        try #require(status == 0)
        certificates = try NIOSSLCertificate.fromPEMFile("\(file).pem")
        server = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(file).key", format: .pem)))
    }
}
