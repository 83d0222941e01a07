import Access
import FaxModel
import Testing

@Suite struct GoodTokenTests {
    private let issuer = TestIssuer.shared

    @Test(
        arguments: [
            ("RS256", "rsa", .rs256), ("RS256", "rsa-rs256", .rs256), ("RS384", "rsa", .rs384), ("RS512", "rsa", .rs512),
            ("PS256", "rsa", .ps256), ("ES256", "p256", .es256), ("ES384", "p384", .es384), ("EdDSA", "ed", .edDSA),
        ] as [(String, String, TestIssuer.Signer)])
    func everyAlgorithm(algorithm: String, kid: String, signer: TestIssuer.Signer) async throws {
        let token = issuer.token(#"{"alg":"\#(algorithm)","kid":"\#(kid)"}"#, signer)
        #expect(try await issuer.verifier().verify(token).subject == "u-1")
    }

    @Test(arguments: SignatureAlgorithm.allCases) func onlyTheAllowedAlgorithms(allowed: SignatureAlgorithm) async throws {
        let verifier = try issuer.verifier(algorithms: [allowed])
        let token = issuer.token()
        if allowed == .es256 {
            #expect(try await verifier.verify(token).subject == "u-1")
        } else {
            await #expect(throws: TokenRefusal.algorithmNotAllowed) { try await verifier.verify(token) }
        }
    }

    @Test func whatItSaysComesOut() async throws {
        let token = try await issuer.verifier().verify(
            issuer.token([
                "jti": "\"t-1\"", "iat": "1764999990.25", "exp": "1765000600.5", "aud": "[\"x\",\"faxlock\"]", "nbf": "1764999990",
                "scope": "\"fax:send  fax:read fax:send\"", "scp": "[\"fax:read\",\"audit:read\"]",
                "faxlock_grants": "[\"radiology:reader\",\"*:auditor\",\"radiology:reader\"]",
                "email": "\"nobody@example.org\"",
            ]))
        #expect(token.subject == "u-1")
        #expect(token.issuer == TestIssuer.issuer)
        #expect(token.id == "t-1")
        #expect(token.issuedAt == Timestamp(milliseconds: 1_764_999_990_250))
        #expect(token.expiresAt == Timestamp(milliseconds: 1_765_000_600_500))
        #expect(token.scopes == ["fax:send", "fax:read", "audit:read"])
        #expect(token.grants == Grants(["radiology:reader", "*:auditor"].compactMap { Grant($0) }))
    }

    @Test func littleIsNecessary() async throws {
        let token = try await issuer.verifier().verify(issuer.token(["iat": nil]))
        #expect(token.id == nil)
        #expect(token.issuedAt == nil)
        #expect(token.scopes.isEmpty)
        #expect(token.grants == Grants())
    }

    @Test(
        arguments: [("\"a b\"", ["a", "b"]), ("\"\"", []), ("[\"a\",\"b c\"]", ["a", "b", "c"]), ("[]", [])] as [(String, [String])],
        ["scope", "scp"])
    func scopesInEitherForm(value: (text: String, scopes: [String]), name: String) async throws {
        let changes: KeyValuePairs<String, String?> = name == "scope" ? ["scope": value.text] : ["scp": value.text]
        #expect(try await issuer.verifier().verify(issuer.token(changes)).scopes == value.scopes)
    }

    /// To take one of these for no claim at all would lift the bounds that it was to set.
    @Test(
        arguments: [
            "{}", "null", "7", "\"\"", "\" \"", "[\"\"]", "[[\"radiology:reader\"]]", "[\"radiology:READER\"]", "[\"radiology:reader\",7]",
            "[\"radiology:reader\",null]", "[\"radiology:reader\",\"radiology:owner\"]", "\"radiology:reader,lab:reader\"",
            "\"radiology:reader  lab:reader\"",
        ])
    func grantsThatCannotBeRead(value: String) async throws {
        await #expect(throws: TokenRefusal.claimsMalformed) {
            try await issuer.verifier().verify(issuer.token(["faxlock_grants": value]))
        }
    }

    @Test func grantsInOneString() async throws {
        let token = issuer.token(["faxlock_grants": "\"radiology:reader *:auditor\""])
        let grants = try await issuer.verifier().verify(token).grants
        #expect(grants == Grants(["radiology:reader", "*:auditor"].compactMap { Grant($0) }))
        #expect(grants.isBinding)
    }

    @Test func anEmptyListBinds() async throws {
        let grants = try await issuer.verifier().verify(issuer.token(["faxlock_grants": "[]"])).grants
        #expect(grants == .nothing && grants.isBinding && grants.all.isEmpty)
        #expect(!(try await issuer.verifier().verify(issuer.token()).grants.isBinding))
    }

    @Test func grantsClaimHasAnyName() async throws {
        let token = issuer.token(["https://example.org/fax": "[\"radiology:reader\"]", "faxlock_grants": "[\"*:administrator\"]"])
        let verified = try await issuer.verifier(grantsClaim: "https://example.org/fax").verify(token)
        #expect(verified.grants == Grants([Grant("radiology:reader")].compactMap { $0 }))
    }

    @Test(arguments: ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"]) func typesOfAccessTokens(type: String) async throws {
        let token = issuer.token(#"{"typ":"\#(type)","alg":"ES256","kid":"p256","unknown":{"a":[1,-2.5e3,true,null]}}"#, .es256)
        #expect(try await issuer.verifier().verify(token).subject == "u-1")
    }

    @Test func skewIsGranted() async throws {
        let verifier = try issuer.verifier()
        for changes in [["exp": "1764999940.001"], ["nbf": "1765000060"], ["iat": "1765000060"]] as [KeyValuePairs<String, String?>] {
            #expect(try await verifier.verify(issuer.token(changes)).subject == "u-1")
        }
    }

    @Test func expiryComesWithTime() async throws {
        let clock = TestClock(TestIssuer.now)
        let verifier = try issuer.verifier(clock: clock)
        let token = issuer.token()
        clock.advance(by: .milliseconds(3_659_999))
        #expect(try await verifier.verify(token).subject == "u-1")
        clock.advance(by: .milliseconds(1))
        await #expect(throws: TokenRefusal.expired) { try await verifier.verify(token) }
    }

    @Test func lifetimeCanBeLimited() async throws {
        let verifier = try issuer.verifier(maximumLifetime: .seconds(3600))
        #expect(try await verifier.verify(issuer.token(["iat": "1765000000"])).subject == "u-1")
        for changes in [["iat": "1764999999.9"], ["iat": nil]] as [KeyValuePairs<String, String?>] {
            await #expect(throws: TokenRefusal.lifetimeTooLong) { try await verifier.verify(issuer.token(changes)) }
        }
    }
}
