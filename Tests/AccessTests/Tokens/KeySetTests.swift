import Access
import Testing

/// What a JWK Set may and may not hold, seen through tokens.
@Suite struct KeySetTests {
    private let issuer = TestIssuer.shared

    private func refusal(_ keySet: String, _ token: String? = nil) async throws -> TokenRefusal? {
        let verifier = try issuer.verifier(keySet: keySet)
        do throws(TokenRefusal) {
            _ = try await verifier.verify(token ?? issuer.token())
            return nil
        } catch {
            return error
        }
    }

    private func keys(_ keys: String...) -> String { #"{"keys":[\#(keys.joined(separator: ","))]}"# }

    @Test func membersThatAreNotKnownAreIgnored() async throws {
        let set = #"{"x":1,"keys":[\#(issuer.p256Key),"kid":"p256","x5t":"AAAA","x5c":["MIIB"],"ext":true}],"y":{}}"#
        #expect(try await refusal(set) == nil)
    }

    @Test(
        arguments: [
            "", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[]}"#, #"{"keys":[1,"a",null,[]]}"#, "<html></html>",
            #"{"keys":[{"kty":"oct","kid":"p256","k":"AAAA"}]}"#,
        ])
    func setsWithoutKeysAreNone(set: String) async throws {
        #expect(try await refusal(set) == .keysUnavailable)
    }

    @Test func unusableKeysAreLeftOut() async throws {
        let good = issuer.p256Key
        let zero = String(repeating: "A", count: 43)
        let other = issuer.p384Key + #","kid":"p384"}"#
        for bad in [
            good + "}", good + #","kid":""}"#, good + #","kid":1}"#, good + #","kid":"p256","alg":1}"#,
            #"{"kty":"EC","crv":"P-256","kid":"p256"}"#, #"{"kty":"EC","crv":"P-256","kid":"p256","x":"AA","y":"AA"}"#,
            // Not on the curve.
            #"{"kty":"EC","crv":"P-256","kid":"p256","x":"\#(zero)","y":"\#(zero)"}"#,
            good.replacing("P-256", with: "P-384") + #","kid":"p256"}"#, good.replacing("P-256", with: "P-521") + #","kid":"p256"}"#,
            good.replacing("\"EC\"", with: "\"XX\"") + #","kid":"p256"}"#, good.replacing("\"EC\"", with: "\"RSA\"") + #","kid":"p256"}"#,
            #"{"kty":"OKP","crv":"Ed25519","kid":"p256","x":"AA"}"#,
            #"{"kty":"OKP","crv":"X25519","kid":"p256","x":"\#(zero)"}"#,
            #"{"kty":"RSA","kid":"p256","n":"","e":""}"#, #"{"kty":"RSA","kid":"p256","n":"AQ","e":"AQAB"}"#,
            // 1,024 bits, an exponent of 1, an even modulus, 16,384 bits.
            #"{"kty":"RSA","kid":"p256","n":"\#(base64URL([UInt8](repeating: 0xff, count: 128)))","e":"AQAB"}"#,
            #"{"kty":"RSA","kid":"p256","n":"\#(base64URL([UInt8](repeating: 0xff, count: 256)))","e":"AQ"}"#,
            #"{"kty":"RSA","kid":"p256","n":"\#(base64URL([UInt8](repeating: 0xfe, count: 256)))","e":"AQAB"}"#,
            #"{"kty":"RSA","kid":"p256","n":"\#(base64URL([UInt8](repeating: 0xff, count: 2048)))","e":"AQAB"}"#,
        ] {
            #expect(try await refusal(keys(bad, other)) == .keyUnknown, "\(bad)")
        }
    }

    @Test func setsWithDuplicateMembersAreRefusedWhole() async throws {
        #expect(try await refusal(keys(issuer.p256Key + #","kid":"p256","kid":"p256"}"#)) == .keysUnavailable)
        #expect(try await refusal(#"{"keys":[\#(issuer.p256Key),"kid":"p256"}],"keys":[]}"#) == .keysUnavailable)
    }

    @Test func tooManyKeysAreRefused() async throws {
        let key = issuer.p256Key + #","kid":"p256"}"#
        #expect(try await refusal(keys(key)) == nil)
        let others = Array(repeating: #"{"kty":"oct"}"#, count: 99).joined(separator: ",")
        #expect(try await refusal(keys(key, others)) == nil)
        #expect(try await refusal(keys(key, others, #"{"kty":"oct"}"#)) == .keysUnavailable)
    }

    /// RFC 7517, 4.5: the same name is allowed for keys of different types.
    @Test func sameNameForSeveralKeys() async throws {
        let p256 = issuer.p256Key + #","kid":"p256"}"#
        let rsa = issuer.rsaKey + #","kid":"p256"}"#
        #expect(try await refusal(keys(rsa, p256)) == nil)
        #expect(try await refusal(keys(rsa)) == .keyMismatch)
        #expect(try await refusal(keys(p256, p256)) == .keyAmbiguous)
        #expect(try await refusal(keys(issuer.p256Key + #","kid":"p256","use":"enc"}"#, p256)) == nil)
        #expect(try await refusal(keys(issuer.p256Key + #","kid":"p256","alg":"ECDH-ES"}"#, p256)) == nil)
        #expect(try await refusal(keys(issuer.p256Key + #","kid":"p256","alg":"ECDH-ES"}"#)) == .keyMismatch)
    }

    /// Swift takes composed and decomposed characters for equal; a `kid` is its bytes.
    @Test func namesAreComparedByteForByte() async throws {
        let set = keys(issuer.p256Key + ",\"kid\":\"caf\u{e9}\"}")
        #expect(try await refusal(set, issuer.token("{\"alg\":\"ES256\",\"kid\":\"caf\u{e9}\"}", .es256)) == nil)
        #expect(try await refusal(set, issuer.token("{\"alg\":\"ES256\",\"kid\":\"cafe\u{301}\"}", .es256)) == .keyUnknown)
    }
}
