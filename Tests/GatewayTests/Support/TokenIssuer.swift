import Access
import Crypto
import FaxModel
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore

/// An OpenID Connect issuer on the loopback: publishes a key and signs with it.
struct TokenIssuer: Sendable {
    static let issuer = "https://id.example.org/"
    static let audience = "faxlock"

    private let key: P256.Signing.PrivateKey
    let keySetURL: String

    /// Runs `body` with an issuer whose keys are served over HTTP.
    static func run(_ body: @Sendable @escaping (TokenIssuer) async throws -> Void) async throws {
        let key = P256.Signing.PrivateKey()
        let point = key.publicKey.x963Representation
        let set = """
            {"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "test-1",
                "x": "\(encode(point.dropFirst().prefix(32)))", "y": "\(encode(point.suffix(32)))"}]}
            """
        let router = Router()
        router.get("/jwks") { _, _ in
            Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(string: set)))
        }
        try await Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0))).test(.live) { client in
            try await body(TokenIssuer(key: key, keySetURL: "http://127.0.0.1:\(client.port ?? 0)/jwks"))
        }
    }

    private init(key: P256.Signing.PrivateKey, keySetURL: String) {
        self.key = key
        self.keySetURL = keySetURL
    }

    /// What the server under test verifies with.
    func verifier(_ clock: TestClock) throws -> BearerTokenVerifier {
        BearerTokenVerifier(
            try BearerTokenSettings(issuer: Self.issuer, audience: Self.audience, keySetURL: keySetURL), clock: { clock.now },
            report: { _ in })
    }

    /// A token of a person, issued at `time` and good for an hour.
    func token(
        _ subject: String, scope: String, grants: [String]? = nil, at time: Timestamp, audience: String = TokenIssuer.audience
    ) throws -> String {
        struct Claims: Encodable {
            let iss, aud, sub, scope: String
            let faxlock_grants: [String]?
            let iat, exp: Int64
        }
        let seconds = time.milliseconds / 1000
        let claims = Claims(
            iss: Self.issuer, aud: audience, sub: subject, scope: scope, faxlock_grants: grants, iat: seconds, exp: seconds + 3600)
        let head = Self.encode(Data(#"{"alg": "ES256", "kid": "test-1", "typ": "at+jwt"}"#.utf8))
        let message = "\(head).\(Self.encode(try JSONEncoder().encode(claims)))"
        return "\(message).\(Self.encode(try key.signature(for: Data(message.utf8)).rawRepresentation))"
    }

    private static func encode(_ bytes: some DataProtocol) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
