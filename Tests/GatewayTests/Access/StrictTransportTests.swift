import HTTPTypes
import HummingbirdTesting
import Testing

/// Browsers are told to come over TLS only where the server speaks it (RFC 6797).
@Suite struct StrictTransportTests {
    @Test func overTLSEveryAnswerSaysSo() async throws {
        try await TestGateway.run(["FAXLOCK_TLS_CERTIFICATE": "/etc/faxlock/tls/chain.pem"]) { _, client async throws in
            for path in ["/health", "/fax", "/no-such-route", "/fax/x"] {
                #expect(try await client.get(path).headers[.strictTransportSecurity] == "max-age=31536000", "\(path)")
                #expect(try await client.get(path, [:]).headers[.strictTransportSecurity] == "max-age=31536000", "\(path)")
            }
        }
        // RFC 6797 7.2: not over plain HTTP.
        try await TestGateway.run { _, client async throws in
            #expect(try await client.get("/health").headers[.strictTransportSecurity] == nil)
        }
    }
}
