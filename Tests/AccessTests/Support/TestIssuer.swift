import Access
import Crypto
import CryptoExtras
import FaxModel
import FoundationEssentials

/// An issuer of tokens with keys that are made for the run and protect nothing.
struct TestIssuer: Sendable {
    static let shared = TestIssuer()

    static let now = Timestamp(milliseconds: 1_765_000_000_000)
    static let issuer = "https://login.example.org"
    static let audience = "faxlock"

    let rsa: _RSA.Signing.PrivateKey
    let p256 = P256.Signing.PrivateKey()
    let p384 = P384.Signing.PrivateKey()
    let ed25519 = Curve25519.Signing.PrivateKey()
    /// Of somebody who is not the issuer.
    let foreign = P256.Signing.PrivateKey()

    private init() {
        do {
            rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        } catch {
            preconditionFailure("No RSA key: \(error)")
        }
    }

    enum Signer: Sendable {
        case rs256, rs384, rs512, ps256, es256, es384, edDSA
        /// HMAC with SHA-256 under any secret.
        case hs256([UInt8])
        case foreignES256
        case fixed([UInt8])
    }

    /// The JWK of each key, without the closing brace: members can be added.
    var rsaKey: String {
        guard let numbers = try? rsa.publicKey.getKeyPrimitives() else { return "{" }
        return #"{"kty":"RSA","n":"\#(base64URL(numbers.modulus))","e":"\#(base64URL(numbers.publicExponent))""#
    }

    var p256Key: String { Self.curveKey("P-256", p256.publicKey.rawRepresentation) }
    var p384Key: String { Self.curveKey("P-384", p384.publicKey.rawRepresentation) }
    var ed25519Key: String { #"{"kty":"OKP","crv":"Ed25519","x":"\#(base64URL(ed25519.publicKey.rawRepresentation))""# }

    /// What is published: `rsa` for any algorithm of RSA, `rsa-rs256` for that one only, `p256`, `p384`, `ed`, `enc` for encryption.
    var keySet: String {
        """
        {"keys":[\(rsaKey),"kid":"rsa","use":"sig"},\(rsaKey),"kid":"rsa-rs256","alg":"RS256"},\
        \(p256Key),"kid":"p256","use":"sig","alg":"ES256","key_ops":["verify"]},\(p384Key),"kid":"p384"},\
        \(ed25519Key),"kid":"ed","alg":"EdDSA"},\(rsaKey),"kid":"enc","use":"enc"},\(p256Key),"kid":"derive","key_ops":["deriveKey"]},\
        {"kty":"oct","kid":"shared","k":"AAAA"}]}
        """
    }

    /// Claims of a good token with some changed or added (raw JSON) or left out (nil).
    static func claims(_ changes: KeyValuePairs<String, String?> = [:]) -> String {
        var members: [(String, String)] = [
            ("iss", "\"\(issuer)\""), ("aud", "\"\(audience)\""), ("sub", "\"u-1\""), ("iat", "1764999940"), ("exp", "1765003600"),
        ]
        for (name, value) in changes {
            members.removeAll { $0.0 == name }
            if let value { members.append((name, value)) }
        }
        return "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    /// A token of any header with the claims of a good one.
    func token(_ header: String, _ signer: Signer) -> String {
        token(header, Self.claims(), signer)
    }

    /// A token of any header and payload.
    func token(_ header: String, _ payload: String, _ signer: Signer) -> String {
        let message = base64URL(Array(header.utf8)) + "." + base64URL(Array(payload.utf8))
        return message + "." + base64URL(signature(Array(message.utf8), signer))
    }

    /// A good ES256 token, unless the claims are not.
    func token(_ changes: KeyValuePairs<String, String?> = [:]) -> String {
        token(#"{"alg":"ES256","kid":"p256","typ":"JWT"}"#, Self.claims(changes), .es256)
    }

    func signature(_ message: [UInt8], _ signer: Signer) -> [UInt8] {
        let bytes: (any ContiguousBytes)? =
            switch signer {
            case .rs256: try? rsa.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5).rawRepresentation
            case .rs384: try? rsa.signature(for: SHA384.hash(data: message), padding: .insecurePKCS1v1_5).rawRepresentation
            case .rs512: try? rsa.signature(for: SHA512.hash(data: message), padding: .insecurePKCS1v1_5).rawRepresentation
            case .ps256: try? rsa.signature(for: SHA256.hash(data: message), padding: .PSS).rawRepresentation
            case .es256: try? p256.signature(for: message).rawRepresentation
            case .es384: try? p384.signature(for: message).rawRepresentation
            case .edDSA: try? ed25519.signature(for: message)
            case .foreignES256: try? foreign.signature(for: message).rawRepresentation
            case .hs256(let secret): HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: secret))
            case .fixed(let bytes): bytes
            }
        return bytes?.withUnsafeBytes { Array($0) } ?? []
    }

    /// A verifier at ``now`` that knows ``keySet``.
    func verifier(
        algorithms: Set<SignatureAlgorithm> = Set(SignatureAlgorithm.allCases), grantsClaim: String = "faxlock_grants",
        maximumLifetime: Duration? = nil, keySet: String? = nil, clock: TestClock = TestClock(now)
    ) throws -> BearerTokenVerifier {
        let settings = try BearerTokenSettings(
            issuer: Self.issuer, audience: Self.audience, keySetURL: "https://login.example.org/keys", grantsClaim: grantsClaim,
            algorithms: algorithms, maximumLifetime: maximumLifetime)
        let bytes = Array((keySet ?? self.keySet).utf8)
        return BearerTokenVerifier(settings, clock: { clock.now }, fetch: { bytes }, report: { _ in })
    }

    private static func curveKey(_ curve: String, _ point: Data) -> String {
        let (x, y) = (base64URL(point.prefix(point.count / 2)), base64URL(point.suffix(point.count / 2)))
        return #"{"kty":"EC","crv":"\#(curve)","x":"\#(x)","y":"\#(y)""#
    }
}

func base64URL(_ bytes: some Sequence<UInt8>) -> String {
    String(
        Data(bytes).base64EncodedString().compactMap { character -> Character? in
            switch character {
            case "+": "-"
            case "/": "_"
            case "=": nil
            default: character
            }
        })
}
