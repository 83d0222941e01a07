import Testing

@testable import SIP

@Suite struct DigestTests {
    private static func challenge(_ text: String, isProxy: Bool = false) throws -> DigestChallenge {
        let headers = SIPHeaders([SIPHeaders.Field(isProxy ? "Proxy-Authenticate" : "WWW-Authenticate", text)])
        return try #require(DigestChallenge.all(in: headers).first)
    }

    private static func digest(
        _ credentials: SIPCredentials, _ challenge: DigestChallenge, _ method: String, _ uri: String,
        clientNonce: String, count: UInt32 = 1, body: String = ""
    ) -> String {
        DigestResponse(
            credentials: credentials, challenge: challenge, method: SIPMethod(rawValue: method), uri: uri,
            body: Array(body.utf8), clientNonce: clientNonce, count: count
        ).digest
    }

    /// The examples of RFC 7616 3.9.1.
    @Test(arguments: [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ])
    func theExamplesOfRFC7616(algorithm: String, expected: String) throws {
        let challenge = try Self.challenge(
            """
            Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=\(algorithm), \
            nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
            """)
        let credentials = SIPCredentials(username: "Mufasa", password: "Circle of Life")
        let digest = Self.digest(
            credentials, challenge, "GET", "/dir/index.html",
            clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
        #expect(digest == expected)
    }

    /// The example of RFC 2617 3.5, and the same without qop as RFC 2069 has it.
    @Test(arguments: [
        ("qop=\"auth,auth-int\",", "6629fae49393a05397450978507c4ef1"), ("", "670fd8c2df070c60b045671b8b24ff02"),
    ])
    func theExampleOfRFC2617(qop: String, expected: String) throws {
        let challenge = try Self.challenge(
            "Digest realm=\"testrealm@host.com\",\(qop) nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc0\"")
        let credentials = SIPCredentials(username: "Mufasa", password: "Circle Of Life")
        #expect(Self.digest(credentials, challenge, "GET", "/dir/index.html", clientNonce: "0a4f113b") == expected)
    }

    /// Computed with Python's hashlib from the definition of RFC 7616 3.4.
    @Test(arguments: [
        ("MD5-sess", "a1104e8b1aa9f7ba28ac461f7b03b472"),
        ("sha-256-SESS", "5e5bd2fc419f204a7cd02dbb72496f50ad15a52a880f53193fae0f652a4da4a0"),
    ])
    func sessionsAndBodiesAreCovered(algorithm: String, expected: String) throws {
        let challenge = try Self.challenge(
            "Digest realm=\"trunk.example\", nonce=\"nonce1\", algorithm=\(algorithm), qop=\"auth-int\"")
        let credentials = SIPCredentials(username: "fax01", password: "s3cret")
        let digest = Self.digest(
            credentials, challenge, "INVITE", "sip:+15551230101@trunk.example", clientNonce: "cnonce1", count: 2,
            body: "body")
        #expect(digest == expected)
    }

    /// FIPS 180-4: the hash of "abc".
    @Test func theTruncatedHashIsKnown() {
        let expected = "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"
        #expect(DigestAlgorithm.sha512Truncated.hash("abc".utf8) == expected)
    }

    @Test func theFieldHasEverythingOfTheChallenge() throws {
        let challenge = try Self.challenge(
            "Digest realm=\"a \\\"b\\\"\", nonce=\"n\", opaque=\"\", algorithm=MD5, qop=auth, future=1", isProxy: true)
        let field = DigestResponse(
            credentials: SIPCredentials(username: "x\"y", password: "p"), challenge: challenge, method: .invite,
            uri: "sip:a@192.0.2.1", body: [], clientNonce: "c", count: 26
        ).field
        #expect(field.name == "Proxy-Authorization")
        let digest = try #require(AuthenticationScheme.all(in: field.value).first?["response"])
        #expect(
            field.value
                == "Digest username=\"x\\\"y\", realm=\"a \\\"b\\\"\", nonce=\"n\", uri=\"sip:a@192.0.2.1\", "
                + "response=\"\(digest)\", algorithm=MD5, cnonce=\"c\", opaque=\"\", qop=auth, nc=0000001a")
    }

    @Test func severalChallengesInOneFieldAreTold() throws {
        let text = """
            Basic realm="x", Digest realm="a, b", nonce = "1" , algorithm=SHA-512-256,digest realm=c,nonce=2,stale=TRUE, \
            NTLM abc/def==, Digest realm="d", nonce="3", algorithm=FUTURE, Digest nonce="4", Digest realm="e", nonce=""
            """
        let challenges = DigestChallenge.all(in: SIPHeaders([SIPHeaders.Field("WWW-Authenticate", text)]))
        #expect(challenges.map(\.realm) == ["a, b", "c"])
        #expect(challenges.map(\.algorithm) == [.sha512Truncated, .md5])
        #expect(challenges.map(\.isStale) == [false, true])
    }

    @Test(arguments: [
        "", "Digest", "Digest realm=\"a", "Digest realm=\"a\\", "Digest realm=\"a\", realm=\"b\", nonce=\"1\"",
        "Digest realm=\"a\", nonce=\"1\", qop=\"auth-conf\"", "Digest realm=a\"b, nonce=1", "Digest realm=a, nonce=1\\",
        "realm=\"a\", nonce=\"1\"", "Digest realm=\"a\", nonce=\"1\", algorithm=-sess", ",,,=,\"", "Digest =, = ,\"=",
    ])
    func whatCannotBeAnsweredIsLeftOut(text: String) {
        let headers = SIPHeaders([SIPHeaders.Field("WWW-Authenticate", text)])
        #expect(DigestChallenge.all(in: headers).isEmpty)
    }

    @Test func longTextsAreLeftOut() {
        let nonce = String(repeating: "n", count: 1_025)
        let headers = SIPHeaders([SIPHeaders.Field("WWW-Authenticate", "Digest realm=\"a\", nonce=\"\(nonce)\"")])
        #expect(DigestChallenge.all(in: headers).isEmpty)
    }

    /// Mutated challenges never trap, and the answer to whatever is read is one field of well-formed parameters.
    @Test func mutatedChallengesNeverTrap() {
        var random = SeededGenerator(seed: 7)
        let sample = Array(
            "Digest realm=\"a\\\"b\", nonce=\"1\", opaque=\"x\", qop=\"auth,auth-int\", algorithm=SHA-256-sess, stale=true".utf8)
        var read = 0
        for _ in 0..<4_000 {
            let text = String(decoding: random.mutated(sample), as: UTF8.self)
            let headers = SIPHeaders([SIPHeaders.Field("Proxy-Authenticate", text)])
            for challenge in DigestChallenge.all(in: headers) {
                read += 1
                let field = DigestResponse(
                    credentials: SIPCredentials(username: "u", password: "p"), challenge: challenge, method: .invite,
                    uri: "sip:a@192.0.2.1", body: [], clientNonce: "c", count: 1
                ).field
                let schemes = AuthenticationScheme.all(in: field.value)
                #expect(schemes.count == 1 && !schemes[0].isMalformed && schemes[0]["nonce"] == challenge.nonce)
            }
        }
        #expect(read > 500)
    }

    @Test func credentialsShowNothing() {
        let credentials = SIPCredentials(username: "fax01", password: "s3cret", realm: "trunk.example")
        var text = "\(credentials) \(String(reflecting: credentials)) \(String(describing: Optional(credentials)))"
        dump(credentials, to: &text)
        dump(DigestAuthenticator(credentials: credentials), to: &text)
        var configuration = UserAgentConfiguration(bindHost: "127.0.0.1")
        configuration.credentials = credentials
        dump(configuration, to: &text)
        text += "\(configuration)"
        #expect(!text.contains("s3cret") && !text.contains("fax01"))
        #expect(text.contains("redacted"))
    }
}
