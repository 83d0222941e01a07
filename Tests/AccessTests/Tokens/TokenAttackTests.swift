import Access
import CryptoExtras
import Testing

/// Tokens that must not be accepted, each with the exact reason.
@Suite struct TokenAttackTests {
    struct Attack: Sendable, CustomTestStringConvertible {
        let name: String
        let token: String
        let refusal: TokenRefusal

        init(_ name: String, _ token: String, _ refusal: TokenRefusal) {
            self.name = name
            self.token = token
            self.refusal = refusal
        }

        var testDescription: String { name }
    }

    private static let issuer = TestIssuer.shared
    private static let es256 = #""alg":"ES256","kid":"p256""#

    @Test(arguments: algorithms + keys + structure + claims) func attackIsRefused(attack: Attack) async throws {
        let verifier = try Self.issuer.verifier()
        await #expect(throws: attack.refusal) { try await verifier.verify(attack.token) }
        // The good one still passes.
        #expect(try await verifier.verify(Self.issuer.token()).subject == "u-1")
    }

    static let algorithms: [Attack] = {
        let pem = Array(issuer.rsa.publicKey.pemRepresentation.utf8)
        let der = Array(issuer.rsa.publicKey.derRepresentation)
        var attacks = ["none", "None", "NONE", "nOnE", "noNe", "nonE", ""].flatMap { name in
            [
                Attack("alg \(name), unsigned", issuer.token(#"{"alg":"\#(name)","kid":"p256"}"#, .fixed([])), .algorithmNotAllowed),
                Attack("alg \(name), signed", issuer.token(#"{"alg":"\#(name)","kid":"p256"}"#, .es256), .algorithmNotAllowed),
            ]
        }
        for (name, secret) in [("PEM", pem), ("PEM without end", pem.dropLast()), ("DER", der), ("nothing", [])] {
            for algorithm in ["HS256", "HS384", "HS512", "hs256"] {
                attacks.append(
                    Attack(
                        "\(algorithm) with the public key's \(name)",
                        issuer.token(#"{"alg":"\#(algorithm)","kid":"rsa"}"#, .hs256(secret)), .algorithmNotAllowed))
            }
            attacks.append(
                Attack("RS256 that is HS256 with \(name)", issuer.token(#"{"alg":"RS256","kid":"rsa"}"#, .hs256(secret)), .signatureInvalid)
            )
        }
        attacks += [
            Attack("no alg", issuer.token(#"{"kid":"p256"}"#, .es256), .algorithmNotAllowed),
            Attack("alg is no string", issuer.token(#"{"alg":["ES256"],"kid":"p256"}"#, .es256), .algorithmNotAllowed),
            Attack("alg null", issuer.token(#"{"alg":null,"kid":"p256"}"#, .es256), .algorithmNotAllowed),
            Attack("alg in small letters", issuer.token(#"{"alg":"es256","kid":"p256"}"#, .es256), .algorithmNotAllowed),
            Attack("alg with a blank", issuer.token(#"{"alg":"ES256 ","kid":"p256"}"#, .es256), .algorithmNotAllowed),
            Attack("PS512", issuer.token(#"{"alg":"PS512","kid":"rsa"}"#, .rs256), .algorithmNotAllowed),
            Attack("key agreement", issuer.token(#"{"alg":"dir","enc":"A256GCM","kid":"rsa"}"#, .rs256), .algorithmNotAllowed),
        ]
        return attacks
    }()

    static let keys: [Attack] = [
        Attack("unknown kid", issuer.token(#"{"alg":"ES256","kid":"p257"}"#, .es256), .keyUnknown),
        Attack("kid in other letters", issuer.token(#"{"alg":"ES256","kid":"P256"}"#, .es256), .keyUnknown),
        Attack("kid is a path", issuer.token(#"{"alg":"ES256","kid":"../../dev/null"}"#, .es256), .keyUnknown),
        Attack("kid of a symmetric key", issuer.token(#"{"alg":"ES256","kid":"shared"}"#, .es256), .keyUnknown),
        Attack("no kid", issuer.token(#"{"alg":"ES256"}"#, .es256), .keyIDMissing),
        Attack("empty kid", issuer.token(#"{"alg":"ES256","kid":""}"#, .es256), .keyIDMissing),
        Attack("kid is a number", issuer.token(#"{"alg":"ES256","kid":256}"#, .es256), .keyIDMissing),
        Attack("jku", issuer.token("{\(es256),\"jku\":\"https://evil.example/keys\"}", .foreignES256), .keyInHeader),
        Attack("jku, well signed", issuer.token("{\(es256),\"jku\":\"https://evil.example/keys\"}", .es256), .keyInHeader),
        Attack("jku null", issuer.token("{\(es256),\"jku\":null}", .es256), .keyInHeader),
        Attack("embedded jwk", issuer.token("{\(es256),\"jwk\":\(issuer.p256Key)}}", .foreignES256), .keyInHeader),
        Attack("x5u", issuer.token("{\(es256),\"x5u\":\"https://evil.example/cert\"}", .es256), .keyInHeader),
        Attack("x5c", issuer.token("{\(es256),\"x5c\":[\"MIIB\"]}", .es256), .keyInHeader),
        Attack("crit", issuer.token("{\(es256),\"crit\":[\"exp\"],\"exp\":1}", .es256), .criticalHeader),
        Attack("empty crit", issuer.token("{\(es256),\"crit\":[]}", .es256), .criticalHeader),
        Attack("logout token", issuer.token("{\(es256),\"typ\":\"logout+jwt\"}", .es256), .typeNotAllowed),
        Attack("typ is no string", issuer.token("{\(es256),\"typ\":1}", .es256), .typeNotAllowed),
        Attack("ES256 under an RSA key's kid", issuer.token(#"{"alg":"ES256","kid":"rsa"}"#, .es256), .keyMismatch),
        Attack("RS256 under an EC key's kid", issuer.token(#"{"alg":"RS256","kid":"p256"}"#, .rs256), .keyMismatch),
        Attack("ES384 under a P-256 key's kid", issuer.token(#"{"alg":"ES384","kid":"p256"}"#, .es384), .keyMismatch),
        Attack("ES256 under a P-384 key's kid", issuer.token(#"{"alg":"ES256","kid":"p384"}"#, .es256), .keyMismatch),
        Attack("EdDSA under an EC key's kid", issuer.token(#"{"alg":"EdDSA","kid":"p256"}"#, .edDSA), .keyMismatch),
        Attack("PS256 with a key for RS256", issuer.token(#"{"alg":"PS256","kid":"rsa-rs256"}"#, .ps256), .keyMismatch),
        Attack("RS512 with a key for RS256", issuer.token(#"{"alg":"RS512","kid":"rsa-rs256"}"#, .rs512), .keyMismatch),
        Attack("key for encryption", issuer.token(#"{"alg":"RS256","kid":"enc"}"#, .rs256), .keyNotForSigning),
        Attack("key that only derives", issuer.token(#"{"alg":"ES256","kid":"derive"}"#, .es256), .keyNotForSigning),
        Attack("signed by somebody else", issuer.token("{\(es256)}", .foreignES256), .signatureInvalid),
        Attack("RS256 signed as RS384", issuer.token(#"{"alg":"RS256","kid":"rsa"}"#, .rs384), .signatureInvalid),
        Attack("RS256 signed as PS256", issuer.token(#"{"alg":"RS256","kid":"rsa"}"#, .ps256), .signatureInvalid),
        Attack("zero signature", issuer.token("{\(es256)}", .fixed([UInt8](repeating: 0, count: 64))), .signatureInvalid),
        Attack("empty signature", issuer.token("{\(es256)}", .fixed([])), .signatureInvalid),
        Attack("empty RSA signature", issuer.token(#"{"alg":"RS256","kid":"rsa"}"#, .fixed([])), .signatureInvalid),
        Attack("empty EdDSA signature", issuer.token(#"{"alg":"EdDSA","kid":"ed"}"#, .fixed([])), .signatureInvalid),
        Attack("signature of 10 kB", issuer.token("{\(es256)}", .fixed([UInt8](repeating: 1, count: 10_000))), .signatureInvalid),
        Attack("signature one byte longer", resigned { $0 + [0] }, .signatureInvalid),
    ]

    static let structure: [Attack] = {
        let good = issuer.token()
        let parts = good.split(separator: ".").map(String.init)
        let header = base64URL(Array("{\(es256)}".utf8))
        return [
            Attack("nothing", "", .malformed),
            Attack("dots", "..", .malformed),
            Attack("one part", parts[0], .malformed),
            Attack("two parts", parts[0] + "." + parts[1], .malformed),
            Attack("four parts", good + ".", .malformed),
            Attack("JWE", "\(parts[0])..\(parts[1]).\(parts[2]).\(parts[2])", .encrypted),
            Attack("JSON serialisation", #"{"payload":"\#(parts[1])","signature":"\#(parts[2])"}"#, .malformed),
            Attack("no payload", "\(parts[0])..\(parts[2])", .malformed),
            Attack("no header", ".\(parts[1]).\(parts[2])", .malformed),
            Attack("cut signature", resigned { $0.dropLast(4) }, .signatureInvalid),
            Attack("signature cut to an impossible length", String(good.dropLast()), .malformed),
            Attack(
                "changed payload", "\(parts[0]).\(base64URL(Array(TestIssuer.claims(["sub": "\"u-2\""]).utf8))).\(parts[2])",
                .signatureInvalid),
            Attack("changed header", "\(header).\(parts[1]).\(parts[2])", .signatureInvalid),
            Attack("padding", good + "==", .malformed),
            Attack("padding in the header", "\(parts[0])=.\(parts[1]).\(parts[2])", .malformed),
            Attack("blank before", " " + good, .malformed),
            Attack("line end after", good + "\n", .malformed),
            Attack("NUL after", good + "\0", .malformed),
            Attack("base64 instead of base64url", "\(parts[0]).\(parts[1]).\(String(repeating: "+/", count: 43))", .malformed),
            Attack("letters of another alphabet", "\(parts[0]).\(parts[1])é.\(parts[2])", .malformed),
            Attack("full-width letters", "\(parts[0]).\(parts[1]).ＡＡＡＡ", .malformed),
            Attack("16 KiB and one", String(repeating: "A", count: 16_385), .tooLarge),
            Attack("well signed, huge", issuer.token(["x": "\"\(String(repeating: "x", count: 20_000))\""]), .tooLarge),
            Attack("ten megabytes", String(repeating: ".", count: 10_000_000), .tooLarge),
            Attack("header no JSON", "AAAA.\(parts[1]).\(parts[2])", .headerMalformed),
            Attack("header an array", issuer.token("[]", .es256), .headerMalformed),
            Attack("header cut", issuer.token("{\(es256)", .es256), .headerMalformed),
            Attack("two headers", issuer.token("{\(es256)}{}", .es256), .headerMalformed),
            Attack("header with a comma at its end", issuer.token("{\(es256),}", .es256), .headerMalformed),
            Attack("alg twice", issuer.token(#"{"alg":"none","alg":"ES256","kid":"p256"}"#, .es256), .headerMalformed),
            Attack(
                "alg twice, once in escapes", issuer.token(#"{"alg":"ES256","\u0061lg":"none","kid":"p256"}"#, .es256), .headerMalformed),
            Attack("deep header", issuer.token("{\(es256),\"x\":\(String(repeating: "[", count: 5000))", .es256), .headerMalformed),
            Attack(
                "header not in UTF-8",
                "\(base64URL(Array("{\(es256),\"x\":\"".utf8) + [0xff] + Array("\"}".utf8))).\(parts[1]).\(parts[2])", .headerMalformed),
            Attack(
                "header in UTF-16", "\(base64URL("{\(es256)}".utf16.flatMap { [UInt8($0 & 0xff), 0] })).\(parts[1]).\(parts[2])",
                .headerMalformed),
            Attack("header with a byte order mark", issuer.token("\u{feff}{\(es256)}", .es256), .headerMalformed),
        ]
    }()

    static let claims: [Attack] = [
        Attack("foreign issuer", issuer.token(["iss": "\"https://evil.example\""]), .issuerForeign),
        Attack("issuer with a slash more", issuer.token(["iss": "\"https://login.example.org/\""]), .issuerForeign),
        Attack("issuer in other letters", issuer.token(["iss": "\"https://LOGIN.example.org\""]), .issuerForeign),
        Attack("no issuer", issuer.token(["iss": nil]), .issuerForeign),
        Attack("issuer in an array", issuer.token(["iss": "[\"https://login.example.org\"]"]), .claimsMalformed),
        Attack("foreign audience", issuer.token(["aud": "\"payroll\""]), .audienceForeign),
        Attack("foreign audiences", issuer.token(["aud": "[\"payroll\",\"faxlock2\"]"]), .audienceForeign),
        Attack("no audience", issuer.token(["aud": nil]), .audienceForeign),
        Attack("empty audience", issuer.token(["aud": "[]"]), .audienceForeign),
        Attack("audience part of a word", issuer.token(["aud": "\"my faxlock server\""]), .audienceForeign),
        Attack("audience an object", issuer.token(["aud": "{\"faxlock\":1}"]), .claimsMalformed),
        Attack("audience with a number", issuer.token(["aud": "[\"faxlock\",1]"]), .claimsMalformed),
        Attack("expired", issuer.token(["exp": "1764990000"]), .expired),
        Attack("expired just as the skew ends", issuer.token(["exp": "1764999940"]), .expired),
        Attack("no expiry", issuer.token(["exp": nil]), .expiryMissing),
        Attack("expiry a string", issuer.token(["exp": "\"1765003600\""]), .claimsMalformed),
        Attack("expiry null", issuer.token(["exp": "null"]), .claimsMalformed),
        Attack("expiry never", issuer.token(["exp": "1e300"]), .claimsMalformed),
        Attack("expiry infinite", issuer.token(["exp": "1e999"]), .claimsMalformed),
        Attack("expiry negative", issuer.token(["exp": "-1"]), .claimsMalformed),
        Attack("expiry in milliseconds", issuer.token(["exp": "1765003600000"]), .claimsMalformed),
        Attack("not yet valid", issuer.token(["nbf": "1765000061"]), .notYetValid),
        Attack("nbf a string", issuer.token(["nbf": "\"0\""]), .claimsMalformed),
        Attack("issued in the future", issuer.token(["iat": "1765000061"]), .issuedInFuture),
        Attack("iat a string", issuer.token(["iat": "\"0\""]), .claimsMalformed),
        Attack("no subject", issuer.token(["sub": nil]), .subjectUnusable),
        Attack("empty subject", issuer.token(["sub": "\"\""]), .subjectUnusable),
        Attack("subject a number", issuer.token(["sub": "1"]), .claimsMalformed),
        Attack("subject with a line end", issuer.token(["sub": "\"u-1\\nu-2\""]), .subjectUnusable),
        Attack("subject with NUL", issuer.token(["sub": "\"u-1\\u0000\""]), .subjectUnusable),
        Attack("subject not in ASCII", issuer.token(["sub": "\"ｕ-1\""]), .subjectUnusable),
        Attack("subject of 256 characters", issuer.token(["sub": "\"\(String(repeating: "u", count: 256))\""]), .subjectUnusable),
        Attack("jti a number", issuer.token(["jti": "1"]), .claimsMalformed),
        Attack("jti of 256 characters", issuer.token(["jti": "\"\(String(repeating: "j", count: 256))\""]), .claimsMalformed),
        Attack("scope a number", issuer.token(["scope": "1"]), .claimsMalformed),
        Attack(
            "thousands of scopes", issuer.token(["scope": "\"\((0..<2000).map(String.init).joined(separator: " "))\""]), .claimsMalformed),
        Attack("subject twice", issuer.token(["sub\":\"u-2\",\"sub": "\"u-1\""]), .claimsMalformed),
        Attack("claims an array", issuer.token("{\(es256)}", "[]", .es256), .claimsMalformed),
        Attack("claims no JSON", issuer.token("{\(es256)}", "sub=u-1", .es256), .claimsMalformed),
    ]

    private static func resigned(_ change: ([UInt8]) -> [UInt8]) -> String {
        let message = base64URL(Array("{\(es256)}".utf8)) + "." + base64URL(Array(TestIssuer.claims().utf8))
        return message + "." + base64URL(change(issuer.signature(Array(message.utf8), .es256)))
    }

    @Test func refusalsSayNothingOfTheToken() {
        #expect(Set(TokenRefusal.allCases.map(\.code)).count == TokenRefusal.allCases.count)
        for refusal in TokenRefusal.allCases {
            #expect(refusal.description.hasSuffix("."))
            #expect(refusal.code.allSatisfy { $0 == "_" || $0.isLowercase })
            #expect(refusal.isTemporary == (refusal == .keysUnavailable))
        }
    }
}
