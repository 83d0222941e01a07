import Access
import Testing

@Suite struct BearerTokenSettingsTests {
    private func settings(
        issuer: String = "https://login.example.org", audience: String = "faxlock", url: String = "https://login.example.org/keys",
        claim: String = "faxlock_grants", algorithms: Set<SignatureAlgorithm> = [.es256], skew: Duration = .seconds(60),
        lifetime: Duration? = nil
    ) throws(BearerTokenSettingsError) -> BearerTokenSettings {
        try BearerTokenSettings(
            issuer: issuer, audience: audience, keySetURL: url, grantsClaim: claim, algorithms: algorithms, clockSkew: skew,
            maximumLifetime: lifetime)
    }

    @Test func defaults() throws {
        let settings = try BearerTokenSettings(issuer: "i", audience: "a", keySetURL: "https://login.example.org/keys")
        #expect(settings.clockSkew == .seconds(60))
        #expect(settings.grantsClaim == "faxlock_grants")
        #expect(Set(settings.algorithms.map(\.rawValue)) == ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"])
    }

    @Test(
        arguments: [
            "https://login.example.org/keys", "HTTPS://login.example.org:8443/keys?tenant=1", "http://127.0.0.1:8080/keys",
            "http://localhost/keys", "http://[::1]:8080/keys", "http://127.9.9.9/",
        ])
    func addressesThatAreSafe(url: String) throws {
        #expect(try settings(url: url).keySetURL == url)
    }

    @Test(
        arguments: [
            "", "keys", "/keys", "http://login.example.org/keys", "http://10.0.0.1/keys", "http://localhost.example.org/keys",
            "http://127.0.0.1.example.org/keys", "http://[::2]/keys", "file:///etc/keys", "ftp://localhost/keys", "https://",
            "https://user:pass@login.example.org/keys", "https://user@login.example.org/keys", "http://localhost@login.example.org/keys",
            "http://2130706433/keys",
        ])
    func addressesThatAreNot(url: String) {
        #expect(throws: BearerTokenSettingsError.keySetURL) { try settings(url: url) }
    }

    @Test func theRestIsCheckedToo() {
        #expect(throws: BearerTokenSettingsError.issuer) { try settings(issuer: "") }
        #expect(throws: BearerTokenSettingsError.audience) { try settings(audience: "") }
        #expect(throws: BearerTokenSettingsError.grantsClaim) { try settings(claim: "") }
        #expect(throws: BearerTokenSettingsError.algorithms) { try settings(algorithms: []) }
        for skew in [Duration.seconds(-1), .seconds(301)] {
            #expect(throws: BearerTokenSettingsError.clockSkew) { try settings(skew: skew) }
        }
        #expect(throws: BearerTokenSettingsError.maximumLifetime) { try settings(lifetime: .zero) }
        #expect(Set(BearerTokenSettingsError.allCases.map(\.description)).count == BearerTokenSettingsError.allCases.count)
    }
}
