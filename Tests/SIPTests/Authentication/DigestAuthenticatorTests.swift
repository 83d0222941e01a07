import Testing

@testable import SIP

@Suite struct DigestAuthenticatorTests {
    private let credentials = SIPCredentials(username: "fax01", password: "s3cret")
    private var request = SIPRequest(method: .invite, uri: SIPURI(user: "+15551230101", host: "192.0.2.1"))

    private func refusal(_ status: Int, _ challenges: String...) -> SIPResponse {
        var response = request.response(status)
        for challenge in challenges {
            response.headers.add(status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate", "Digest " + challenge)
        }
        return response
    }

    private func parameter(_ name: String, _ field: String = "Authorization", of request: SIPRequest) -> [String] {
        request.headers.values(field).compactMap { AuthenticationScheme.all(in: $0).first?[name] }
    }

    @Test func theFirstKnownAlgorithmIsTaken() {
        var authenticator = DigestAuthenticator(credentials: credentials)
        var request = request
        let response = refusal(
            401, "realm=\"a\", nonce=\"1\", algorithm=FUTURE", "realm=\"a\", nonce=\"2\", algorithm=SHA-256",
            "realm=\"a\", nonce=\"3\", algorithm=MD5")
        #expect(authenticator.answer(response, in: &request, clientNonce: "c"))
        #expect(parameter("algorithm", of: request) == ["SHA-256"])
        #expect(parameter("nonce", of: request) == ["2"])
    }

    @Test func aRealmIsAnsweredOnceARequest() {
        var authenticator = DigestAuthenticator(credentials: credentials)
        var request = request
        #expect(authenticator.answer(refusal(401, "realm=\"a\", nonce=\"1\""), in: &request, clientNonce: "c"))
        let before = request
        #expect(!authenticator.answer(refusal(401, "realm=\"a\", nonce=\"2\""), in: &request, clientNonce: "c"))
        #expect(request == before)
        // A new request starts with the nonce known, and may answer one more.
        authenticator.begin(&request)
        #expect(!authenticator.answer(refusal(401, "realm=\"a\", nonce=\"1\""), in: &request, clientNonce: "c"))
        #expect(authenticator.answer(refusal(401, "realm=\"a\", nonce=\"3\""), in: &request, clientNonce: "c"))
        #expect(parameter("nonce", of: request) == ["3"])
    }

    @Test func aStaleNonceIsReplacedOnce() {
        var authenticator = DigestAuthenticator(credentials: credentials)
        var request = request
        #expect(authenticator.answer(refusal(401, "realm=\"a\", nonce=\"1\""), in: &request, clientNonce: "c"))
        #expect(!authenticator.answer(refusal(401, "realm=\"a\", nonce=\"1\", stale=true"), in: &request, clientNonce: "c"))
        #expect(authenticator.answer(refusal(401, "realm=\"a\", nonce=\"2\", stale=true"), in: &request, clientNonce: "c"))
        #expect(!authenticator.answer(refusal(401, "realm=\"a\", nonce=\"3\", stale=true"), in: &request, clientNonce: "c"))
    }

    @Test func aProxyAndTheServerHaveTheirOwnCredentials() {
        var authenticator = DigestAuthenticator(credentials: credentials)
        var request = request
        let both = refusal(407, "realm=\"p1\", nonce=\"1\", qop=auth", "realm=\"p2\", nonce=\"2\", qop=auth")
        #expect(authenticator.answer(both, in: &request, clientNonce: "c"))
        let server = refusal(401, "realm=\"a\", nonce=\"3\", qop=auth")
        #expect(authenticator.answer(server, in: &request, clientNonce: "c"))
        #expect(parameter("realm", "Proxy-Authorization", of: request) == ["p1", "p2"])
        #expect(parameter("nc", "Proxy-Authorization", of: request) == ["00000002", "00000002"])
        #expect(parameter("realm", of: request) == ["a"])
        #expect(parameter("nc", of: request) == ["00000001"])
    }

    @Test func anotherRealmIsNotAnswered() {
        var authenticator = DigestAuthenticator(
            credentials: SIPCredentials(username: "fax01", password: "s3cret", realm: "trunk.example"))
        var request = request
        #expect(!authenticator.answer(refusal(401, "realm=\"evil\", nonce=\"1\""), in: &request, clientNonce: "c"))
        #expect(request.headers["Authorization"] == nil)
        let both = refusal(401, "realm=\"evil\", nonce=\"1\"", "realm=\"trunk.example\", nonce=\"2\"")
        #expect(authenticator.answer(both, in: &request, clientNonce: "c"))
        #expect(parameter("realm", of: request) == ["trunk.example"])
    }

    /// Somebody in between who rewrites a challenge must not get an MD5 digest of a password that SHA-256 protected.
    @Test func aStrongHashIsNotGivenUp() {
        var authenticator = DigestAuthenticator(credentials: credentials)
        var request = request
        let strong = refusal(401, "realm=\"a\", nonce=\"1\", algorithm=SHA-256")
        #expect(authenticator.answer(strong, in: &request, clientNonce: "c"))
        authenticator.begin(&request)
        #expect(!authenticator.answer(refusal(401, "realm=\"a\", nonce=\"2\""), in: &request, clientNonce: "c"))
    }

    @Test func otherResponsesAndEndlessRealmsAreNotAnswered() {
        var authenticator = DigestAuthenticator(credentials: credentials)
        var request = request
        var forbidden = refusal(401, "realm=\"a\", nonce=\"1\"")
        forbidden.status = 403
        #expect(!authenticator.answer(forbidden, in: &request, clientNonce: "c"))
        #expect(!authenticator.answer(refusal(401), in: &request, clientNonce: "c"))
        for number in 0..<8 {
            let response = refusal(407, "realm=\"r\(number)\", nonce=\"1\"")
            #expect(authenticator.answer(response, in: &request, clientNonce: "c"))
        }
        #expect(!authenticator.answer(refusal(407, "realm=\"r8\", nonce=\"1\""), in: &request, clientNonce: "c"))
    }
}
