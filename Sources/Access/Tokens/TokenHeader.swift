/// The protected header of a token (RFC 7515, 4), checked before anything in it is used.
struct TokenHeader: Sendable {
    let algorithm: SignatureAlgorithm
    let keyID: String

    init(_ bytes: [UInt8], allowed: Set<SignatureAlgorithm>) throws(TokenRefusal) {
        guard let members = JSONValue(json: bytes)?.object else { throw .headerMalformed }
        guard let name = members["alg"]?.string, let algorithm = SignatureAlgorithm(rawValue: name), allowed.contains(algorithm) else {
            throw .algorithmNotAllowed
        }
        for name in ["jku", "jwk", "x5u", "x5c"] where members[name] != nil { throw .keyInHeader }
        guard members["crit"] == nil else { throw .criticalHeader }
        // A logout token has issuer, audience and subject too (RFC 8725, 3.11).
        if let type = members["typ"] {
            let accepted = ["jwt", "at+jwt", "application/jwt", "application/at+jwt"]
            guard let type = type.string, accepted.contains(type.lowercased()) else { throw .typeNotAllowed }
        }
        guard let keyID = members["kid"]?.string, !keyID.isEmpty else { throw .keyIDMissing }
        self.algorithm = algorithm
        self.keyID = keyID
    }
}
