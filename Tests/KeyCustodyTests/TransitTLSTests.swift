import Foundation
import KeyCustody
import NIOSSL
import Subprocess
import Synchronization
import SystemPackage
import Testing
import Vault

/// The address must prove who it is: a token and a key go there.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "/usr/bin/openssl makes the certificates"))
struct TransitTLSTests {
    private let vault = TransitStandIn()
    private let context = CustodyContext(tenant: .single)

    /// A self-signed certificate and its key, as `name.pem` and `name.key`.
    private func makeCertificate(_ name: String, for subject: String = "IP:127.0.0.1", in folder: TemporaryFolder) async throws {
        // Not Foundation's Process: it has crashed when two tests started one at the same time.
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=\(name)",
            "-addext", "subjectAltName=\(subject)", "-keyout", "\(folder.path)/\(name).key", "-out", "\(folder.path)/\(name).pem",
        ]
        let result = try await Subprocess.run(
            .path("/usr/bin/openssl"), arguments: Arguments(arguments), input: .none, output: .discarded, error: .discarded)
        try #require(result.terminationStatus == .exited(0))
    }

    private func wrap(_ url: String, authority: String?) async throws {
        let custodian = try TransitCustodian(
            address: CustodyAddress(url, setting: "FAXLOCK_TRANSIT_URL"), key: "faxlock", token: "s.test-token", authority: authority,
            timeLimit: .seconds(120))
        _ = try await custodian.wrap(SecretBytes([1, 2, 3]), context: context)
    }

    private func withServer(_ name: String, in folder: TemporaryFolder, _ body: (String) async throws -> Void) async throws {
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile("\(folder.path)/\(name).pem").map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(folder.path)/\(name).key", format: .pem)))
        try await HTTPStandIn.with(tls: configuration, answer: vault.answer) { try await body("https://127.0.0.1:\($0.port)") }
    }

    private func expectNoTrust(_ url: String, authority: String?) async {
        let error = await #expect(throws: CustodyError.self) { try await wrap(url, authority: authority) }
        #expect(error?.description.contains("TLS handshake failed") == true, "\(String(describing: error))")
    }

    @Test func onlyTheCertificateThatIsTrustedIsTalkedTo() async throws {
        try await TemporaryFolder.with { folder in
            try await makeCertificate("vault", in: folder)
            try await makeCertificate("stranger", in: folder)
            try await withServer("vault", in: folder) { url in
                try await wrap(url, authority: "\(folder.path)/vault.pem")
                await expectNoTrust(url, authority: nil)
                await expectNoTrust(url, authority: "\(folder.path)/stranger.pem")
            }
            #expect(vault.state.withLock { $0.requests.count } == 1)
        }
    }

    @Test func trustedCertificateMustNameTheHost() async throws {
        try await TemporaryFolder.with { folder in
            try await makeCertificate("elsewhere", for: "DNS:vault.example.com", in: folder)
            try await withServer("elsewhere", in: folder) { url in await expectNoTrust(url, authority: "\(folder.path)/elsewhere.pem") }
            #expect(vault.state.withLock { $0.requests.count } == 0)
        }
    }

    @Test func serverWithoutTLSGetsNoToken() async throws {
        try await HTTPStandIn.with(answer: vault.answer) { server in
            await #expect(throws: CustodyError.self) { try await wrap("https://127.0.0.1:\(server.port)", authority: nil) }
        }
        #expect(vault.state.withLock { $0.requests.count } == 0)
    }
}
