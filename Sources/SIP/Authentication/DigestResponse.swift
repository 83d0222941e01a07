/// The answer to a challenge (RFC 7616 3.4): the value of Authorization or Proxy-Authorization.
struct DigestResponse {
    let credentials: SIPCredentials
    let challenge: DigestChallenge
    let method: SIPMethod
    /// The Request-URI as on the wire.
    let uri: String
    let body: [UInt8]
    /// The client's nonce; not used without `qop` unless the algorithm is a `-sess` one.
    let clientNonce: String
    /// How many requests have used the nonce, this one included.
    let count: UInt32

    private var countText: String {
        let digits = String(count, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    /// The digest, lower-case hexadecimal.
    var digest: String {
        let algorithm = challenge.algorithm
        func hash(_ text: String) -> String { algorithm.hash(text.utf8) }
        var secret = credentials.secret(realm: challenge.realm, algorithm: algorithm)
        if challenge.isSession { secret = hash("\(secret):\(challenge.nonce):\(clientNonce)") }
        let request = "\(method.rawValue):\(uri)"
        switch challenge.protection {
        case nil:
            return hash("\(secret):\(challenge.nonce):\(hash(request))")
        case .authentication:
            return hash("\(secret):\(challenge.nonce):\(countText):\(clientNonce):auth:\(hash(request))")
        case .integrity:
            let covered = hash("\(request):\(algorithm.hash(body))")
            return hash("\(secret):\(challenge.nonce):\(countText):\(clientNonce):auth-int:\(covered)")
        }
    }

    /// The header field.
    var field: SIPHeaders.Field {
        // The peer's texts were between quotes when they came, so they can stand between quotes again.
        var text = "Digest username=\"\(Self.escaped(credentials.username))\", realm=\"\(challenge.realm)\""
        text += ", nonce=\"\(challenge.nonce)\", uri=\"\(Self.escaped(uri))\", response=\"\(digest)\""
        if challenge.namesAlgorithm {
            text += ", algorithm=\(challenge.algorithm.rawValue)" + (challenge.isSession ? "-sess" : "")
        }
        if challenge.protection != nil || challenge.isSession { text += ", cnonce=\"\(clientNonce)\"" }
        if let opaque = challenge.opaque { text += ", opaque=\"\(opaque)\"" }
        if let protection = challenge.protection { text += ", qop=\(protection.rawValue), nc=\(countText)" }
        return SIPHeaders.Field(challenge.isProxy ? "Proxy-Authorization" : "Authorization", text)
    }

    private static func escaped(_ text: String) -> String {
        let bytes = text.utf8.flatMap { byte in
            byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), byte] : [byte]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
