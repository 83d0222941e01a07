/// Answers challenges for one call, or for one row of requests outside of calls (RFC 3261 22.2, 22.3). It remembers nonces,
/// so that later requests carry credentials at once, and counts answers, so that a wrong password is not tried twice.
struct DigestAuthenticator: Sendable {
    /// A nonce in use.
    private struct Known {
        var challenge: DigestChallenge
        let clientNonce: String
        var count: UInt32 = 0
    }

    /// What the request in progress has been through.
    private struct Attempt {
        var answers = 0
        var nonces: Set<String> = []
    }

    /// Proxies that may challenge one request.
    private static let maximumSpaces = 8

    private let credentials: SIPCredentials
    private var known: [DigestChallenge.Space: Known] = [:]
    private var attempts: [DigestChallenge.Space: Attempt] = [:]

    init(credentials: SIPCredentials) {
        self.credentials = credentials
    }

    /// Prepares a new request: it gets credentials of every realm that has asked before.
    mutating func begin(_ request: inout SIPRequest) {
        attempts = known.mapValues { Attempt(nonces: [$0.challenge.nonce]) }
        addCredentials(to: &request)
    }

    /// Prepares a request anew after a 401 or 407; false when there is nothing to answer, or nothing that was not refused
    /// before: each nonce is answered once, and a realm once, or twice when it calls the first nonce stale.
    /// - Parameter clientNonce: unpredictable; one for all new nonces of the response.
    mutating func answer(_ response: SIPResponse, in request: inout SIPRequest, clientNonce: String) -> Bool {
        guard response.status == 401 || response.status == 407 else { return false }
        var answered: Set<DigestChallenge.Space> = []
        for challenge in DigestChallenge.all(in: response.headers) where !answered.contains(challenge.space) {
            let space = challenge.space
            guard credentials.answers(realm: challenge.realm), known[space] != nil || known.count < Self.maximumSpaces else {
                continue
            }
            // The server's first choice is taken (RFC 8760 2.4), but who offered a strong hash before and now wants a weak
            // one may be somebody in between.
            if challenge.algorithm.isWeak, known[space]?.challenge.algorithm.isWeak == false { continue }
            var attempt = attempts[space] ?? Attempt()
            guard !attempt.nonces.contains(challenge.nonce), attempt.answers == 0 || (attempt.answers == 1 && challenge.isStale)
            else { continue }
            attempt.answers += 1
            attempt.nonces.insert(challenge.nonce)
            attempts[space] = attempt
            known[space] = Known(challenge: challenge, clientNonce: clientNonce)
            answered.insert(space)
        }
        guard !answered.isEmpty else { return false }
        addCredentials(to: &request)
        return true
    }

    private mutating func addCredentials(to request: inout SIPRequest) {
        request.headers.remove("Authorization")
        request.headers.remove("Proxy-Authorization")
        // The order has no meaning; it is fixed so that equal runs send equal bytes.
        let spaces = known.keys.sorted { ($0.isProxy ? 1 : 0, $0.realm) < ($1.isProxy ? 1 : 0, $1.realm) }
        for space in spaces {
            guard var entry = known[space] else { continue }
            entry.count &+= 1
            known[space] = entry
            let response = DigestResponse(
                credentials: credentials, challenge: entry.challenge, method: request.method, uri: request.uri.text,
                body: request.body, clientNonce: entry.clientNonce, count: entry.count)
            request.headers.add(response.field.name, response.field.value)
        }
    }
}
