/// One digest challenge of a server that this agent can answer (RFC 3261 22.4, RFC 7616 3.3, RFC 8760).
struct DigestChallenge: Sendable, Equatable {
    /// What the response covers besides the secret and the nonce.
    enum Protection: String, Sendable {
        /// Method and Request-URI.
        case authentication = "auth"
        /// The body too.
        case integrity = "auth-int"
    }

    /// Who asks: each realm of proxies, and of the server, has its own credentials and nonces (RFC 3261 22.1).
    struct Space: Sendable, Hashable {
        let isProxy: Bool
        let realm: String
    }

    /// The longest realm, nonce or opaque value answered, bytes: they come back in every request, which must fit a datagram.
    private static let maximumValue = 1_024

    /// A challenge of a proxy, or of the server itself.
    let isProxy: Bool
    /// The realm between its quotes, escapes as they stand: that is what both sides hash (RFC 7616 3.4).
    let realm: String
    /// The nonce between its quotes.
    let nonce: String
    /// To be returned as it came.
    let opaque: String?
    let algorithm: DigestAlgorithm
    /// The `-sess` variant.
    let isSession: Bool
    /// Whether the server named an algorithm, which is then named in the answer.
    let namesAlgorithm: Bool
    /// What will be used of the server's `qop`; nil when it offered none (RFC 2069).
    let protection: Protection?
    /// The nonce answered before was too old; the password was right.
    let isStale: Bool

    var space: Space { Space(isProxy: isProxy, realm: realm) }

    /// The challenges of a response in the server's order, without those that this agent cannot answer.
    static func all(in headers: SIPHeaders) -> [DigestChallenge] {
        var challenges: [DigestChallenge] = []
        for field in headers.fields {
            let isProxy = field.name.equalsIgnoringCase("Proxy-Authenticate")
            guard isProxy || field.name.equalsIgnoringCase("WWW-Authenticate") else { continue }
            for scheme in AuthenticationScheme.all(in: field.value) {
                if let challenge = DigestChallenge(scheme, isProxy: isProxy) { challenges.append(challenge) }
            }
        }
        return challenges
    }

    /// Nil for another scheme, an unknown algorithm or protection, and for what is malformed or too long.
    init?(_ scheme: AuthenticationScheme, isProxy: Bool) {
        guard scheme.name.equalsIgnoringCase("Digest"), !scheme.isMalformed, let realm = scheme["realm"],
            let nonce = scheme["nonce"], !nonce.isEmpty
        else { return nil }
        let opaque = scheme["opaque"]
        guard [realm, nonce, opaque ?? ""].allSatisfy({ $0.utf8.count <= Self.maximumValue }) else { return nil }

        let algorithmName = scheme["algorithm"]
        var name = algorithmName ?? DigestAlgorithm.md5.rawValue
        isSession = name.utf8.count > 5 && String(name.suffix(5)).equalsIgnoringCase("-sess")
        if isSession { name = String(name.dropLast(5)) }
        guard let algorithm = DigestAlgorithm.allCases.first(where: { $0.rawValue.equalsIgnoringCase(name) }) else { return nil }

        let offered = scheme["qop"].map(SIPHeaders.splitAtCommas) ?? []
        protection = [Protection.authentication, .integrity].first { known in
            offered.contains { $0.equalsIgnoringCase(known.rawValue) }
        }
        guard offered.isEmpty || protection != nil else { return nil }
        self.isProxy = isProxy
        self.realm = realm
        self.nonce = nonce
        self.opaque = opaque
        self.algorithm = algorithm
        namesAlgorithm = algorithmName != nil
        isStale = scheme["stale"]?.equalsIgnoringCase("true") ?? false
    }
}
