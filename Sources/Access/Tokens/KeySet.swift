/// The keys that an issuer publishes: a JWK Set (RFC 7517).
struct KeySet: Sendable {
    private struct Entry: Sendable {
        let id: String
        let key: VerificationKey
        /// The JWK's own `alg`. A key that names one is used with no other: nobody but the issuer chooses.
        let algorithm: String?
        let isForSignatures: Bool
    }

    /// More keys than any issuer has.
    private static let most = 100

    private let entries: [Entry]

    var count: Int { entries.count }

    /// Keys without `kid` and of unknown types are left out (RFC 7517, 5), symmetric ones among them.
    /// - Returns: nil when the bytes are no JWK Set, or one without any key that could check a token.
    init?(json bytes: [UInt8]) {
        guard let keys = JSONValue(json: bytes)?.object?["keys"]?.array, keys.count <= Self.most else { return nil }
        entries = keys.compactMap { key in
            guard let members = key.object, let id = members["kid"]?.string, !id.isEmpty, let key = VerificationKey(members) else {
                return nil
            }
            if let algorithm = members["alg"], algorithm.string == nil { return nil }
            let use = members["use"]
            let operations = members["key_ops"]
            return Entry(
                id: id, key: key, algorithm: members["alg"]?.string,
                isForSignatures: (use == nil || use == .string("sig"))
                    && (operations == nil || operations?.array?.contains(.string("verify")) == true))
        }
        guard entries.contains(where: \.isForSignatures) else { return nil }
    }

    func contains(_ id: String) -> Bool {
        entries.contains { Self.isSame($0.id, id) }
    }

    /// The one key of that name and for that algorithm.
    func key(_ id: String, for algorithm: SignatureAlgorithm) throws(TokenRefusal) -> VerificationKey {
        let named = entries.filter { Self.isSame($0.id, id) }
        guard !named.isEmpty else { throw .keyUnknown }
        let forSignatures = named.filter(\.isForSignatures)
        guard !forSignatures.isEmpty else { throw .keyNotForSigning }
        let fitting = forSignatures.filter { $0.key.fits(algorithm) && ($0.algorithm ?? algorithm.rawValue) == algorithm.rawValue }
        guard let entry = fitting.first else { throw .keyMismatch }
        guard fitting.count == 1 else { throw .keyAmbiguous }
        return entry.key
    }

    /// Byte for byte: `==` of strings takes composed and decomposed characters for the same.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }
}
