import Foundation
import Testing

extension EndToEnd {
    /// TLS of the server itself, as OpenSSL and the own command meet it (45 CFR 164.312(e)).
    @Suite(.enabled(if: Command.find("openssl") != nil, "openssl makes the certificates")) struct TLSTests {
        /// A certificate for 127.0.0.1 and its key.
        private struct Identity {
            let certificate: String
            let key: String

            /// - Parameter serial: by which the tests tell one from another.
            static func make(_ folder: TemporaryFolder, _ name: String, serial: Int) async throws -> Identity {
                let identity = Identity(certificate: "\(folder.path)/\(name).pem", key: "\(folder.path)/\(name)-key.pem")
                let result = try await openssl(
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-set_serial",
                    "\(serial)",
                    "-subj", "/CN=Faxlock test \(name)", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", identity.key, "-out",
                    identity.certificate)
                try #require(result.status == 0, "\(result.complaints)")
                return identity
            }

            var settings: [String: String] { ["FAXLOCK_TLS_CERTIFICATE": certificate, "FAXLOCK_TLS_KEY": key] }
        }

        private static func openssl(_ arguments: String...) async throws -> Command {
            try await Command.run(try #require(Command.find("openssl")), arguments)
        }

        /// What a handshake came to.
        private func handshake(_ server: ServerProcess, _ options: String...) async throws -> Command {
            let address = String(server.client.url.dropFirst("https://".count))
            return try await Command.run(
                try #require(Command.find("openssl")), ["s_client", "-connect", address, "-showcerts"] + options)
        }

        private func list(_ server: ServerProcess, _ environment: [String: String] = [:]) async throws -> Command {
            try await Command.faxlock(
                "list",
                environment: ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": ServerProcess.key].merging(environment) { $1 })
        }

        @Test func whatIsSpokenAndWhatIsNot() async throws {
            try await TemporaryFolder.with { folder async throws in
                let identity = try await Identity.make(folder, "server", serial: 1001)
                try await ServerProcess.with(folder, settings: identity.settings) { server async throws in
                    #expect(server.client.url.hasPrefix("https://127.0.0.1:"))
                    for (options, protocolName) in [(["-tls1_2"], "TLSv1.2"), (["-tls1_3"], "TLSv1.3")] {
                        let result = try await handshake(server, options[0])
                        #expect(result.status == 0 && result.output.contains(protocolName), "\(result.output) \(result.complaints)")
                    }
                    // What is refused, with a client that would take it.
                    for options in [
                        ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], ["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
                        ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"],
                        ["-tls1_2", "-cipher", "AES128-GCM-SHA256:AES256-SHA:@SECLEVEL=0"],
                    ] {
                        let address = String(server.client.url.dropFirst("https://".count))
                        let result = try await Command.run(
                            try #require(Command.find("openssl")), ["s_client", "-connect", address] + options)
                        #expect(result.status != 0 && result.output.contains("Cipher is (NONE)"), "\(options) \(result.output)")
                        // It was the server that refused.
                        #expect(result.complaints.contains("alert"), "\(options) \(result.complaints)")
                    }
                    // No plaintext beside it.
                    let plain = try await Command.faxlock(
                        "list",
                        environment: [
                            "FAXLOCK_URL": server.client.url.replacing("https://", with: "http://"), "FAXLOCK_API_KEY": ServerProcess.key,
                        ])
                    #expect(plain.status == 3)
                    // Who does not know the certificate does not talk to it.
                    #expect(try await list(server).status == 3)
                    let trusted = ["FAXLOCK_CA": identity.certificate]
                    #expect(try await list(server, trusted).status == 0)
                    #expect(try await list(server, ["FAXLOCK_CA": identity.key]).status == 78)

                    // A refusal reaches a client that is still sending: the connection is closed in order under TLS too.
                    let large = try folder.write(SampleDocuments.text(String(repeating: "Sealed.\n", count: 500_000)), to: "large.txt")
                    let refused = try await Command.faxlock(
                        "send", "+15551230100", large,
                        environment: [
                            "FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": "wrong", "FAXLOCK_CA": identity.certificate,
                        ])
                    #expect(refused.status == 2, "\(refused.complaints)")
                    #expect(refused.complaints.contains("Invalid or missing API key"))
                }
            }
        }

        @Test func aNewCertificateIsTakenWithoutARestart() async throws {
            try await TemporaryFolder.with { folder async throws in
                let live = try await Identity.make(folder, "live", serial: 2001)
                let next = try await Identity.make(folder, "next", serial: 2002)
                try await ServerProcess.with(folder, settings: live.settings) { server async throws in
                    func serves(_ identity: String) async throws -> Bool {
                        let output = try await handshake(server, "-tls1_3").output
                        // OpenSSL writes it with and without blanks.
                        return output.replacing(" = ", with: "=").contains("CN=Faxlock test \(identity)")
                    }
                    #expect(try await serves("live"))
                    // Half of a change: certificate and key do not belong together.
                    try FileManager.default.removeItem(atPath: live.certificate)
                    try FileManager.default.copyItem(atPath: next.certificate, toPath: live.certificate)
                    _ = try await eventually("the broken pair is reported", every: .milliseconds(100)) {
                        server.log.contains("the old one stays") ? true : nil
                    }
                    #expect(try await serves("live"))
                    try FileManager.default.removeItem(atPath: live.key)
                    try FileManager.default.copyItem(atPath: next.key, toPath: live.key)
                    _ = try await eventually("the new certificate is served", every: .milliseconds(500)) {
                        try await serves("next") ? true : nil
                    }
                    #expect(server.log.contains("the TLS certificate was read again"))
                }
            }
        }

        @Test func clientsMayBeAskedForACertificate() async throws {
            try await TemporaryFolder.with { folder async throws in
                let identity = try await Identity.make(folder, "server", serial: 3001)
                let member = try await Identity.make(folder, "member", serial: 3002)
                let stranger = try await Identity.make(folder, "stranger", serial: 3003)
                let settings = identity.settings.merging(["FAXLOCK_TLS_CLIENT_CA": member.certificate]) { $1 }
                try await ServerProcess.with(folder, settings: settings) { server async throws in
                    func list(as client: Identity?) async throws -> Int32? {
                        var environment = ["FAXLOCK_CA": identity.certificate]
                        environment["FAXLOCK_CLIENT_CERTIFICATE"] = client?.certificate
                        environment["FAXLOCK_CLIENT_KEY"] = client?.key
                        return try await self.list(server, environment).status
                    }
                    #expect(try await list(as: nil) == 3)
                    #expect(try await list(as: stranger) == 3)
                    #expect(try await list(as: member) == 0)
                }
            }
        }

        @Test func filesThatCannotBeUsed() async throws {
            try await TemporaryFolder.with { folder async throws in
                let one = try await Identity.make(folder, "one", serial: 4001)
                let other = try await Identity.make(folder, "other", serial: 4002)
                let garbage = try folder.write(Array("garbage".utf8), to: "garbage.pem")
                for (settings, words) in [
                    (["FAXLOCK_TLS_CERTIFICATE": one.certificate], "FAXLOCK_TLS_KEY, both"),
                    (["FAXLOCK_TLS_CLIENT_CA": one.certificate], "FAXLOCK_TLS_KEY, both"),
                    (["FAXLOCK_TLS_CERTIFICATE": one.certificate, "FAXLOCK_TLS_KEY": other.key], "not that of the first certificate"),
                    (["FAXLOCK_TLS_CERTIFICATE": folder.path + "/absent.pem", "FAXLOCK_TLS_KEY": one.key], "absent.pem"),
                    (["FAXLOCK_TLS_CERTIFICATE": one.certificate, "FAXLOCK_TLS_KEY": garbage], "both in PEM form"),
                    (one.settings.merging(["FAXLOCK_TLS_CLIENT_CA": garbage]) { $1 }, "holds no certificate"),
                    (["FAXLOCK_HOST": "0.0.0.0"], "FAXLOCK_PROFILE=production"),
                    (["FAXLOCK_HOST": "192.0.2.1"], "FAXLOCK_PROFILE=production"),
                    (["FAXLOCK_TRUSTED_PROXIES": "10.0.0.0/8,proxy"], "FAXLOCK_TRUSTED_PROXIES: proxy"),
                    (["OAUTH_ISSUER": "https://id.example.org"], "OAUTH_JWKS_URL, all three"),
                ] {
                    let result = try await Command.faxlock(
                        "serve", "--port", "0", "--data", folder.path + "/data", environment: settings)
                    #expect(result.status == 78, "\(settings) \(result.complaints)")
                    #expect(result.complaints.contains(words), "\(settings) \(result.complaints)")
                    #expect(!FileManager.default.fileExists(atPath: folder.path + "/data"))
                }
            }
        }
    }
}
