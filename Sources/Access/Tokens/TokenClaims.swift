import FaxModel

/// The claims of a token (RFC 7519, 4.1) whose signature has been verified.
struct TokenClaims {
    private let members: [String: JSONValue]

    init(_ bytes: [UInt8]) throws(TokenRefusal) {
        guard let members = JSONValue(json: bytes)?.object else { throw .claimsMalformed }
        self.members = members
    }

    func verified(_ settings: BearerTokenSettings, at now: Timestamp) throws(TokenRefusal) -> VerifiedToken {
        guard let issuer = try string("iss"), issuer.utf8.elementsEqual(settings.issuer.utf8) else { throw .issuerForeign }
        guard try strings("aud").contains(where: { $0.utf8.elementsEqual(settings.audience.utf8) }) else { throw .audienceForeign }
        let early = now.advanced(by: .zero - settings.clockSkew)
        let late = now.advanced(by: settings.clockSkew)
        guard let expiresAt = try time("exp") else { throw .expiryMissing }
        guard early < expiresAt else { throw .expired }
        if let notBefore = try time("nbf"), late < notBefore { throw .notYetValid }
        let issuedAt = try time("iat")
        if let issuedAt, late < issuedAt { throw .issuedInFuture }
        if let maximum = settings.maximumLifetime {
            guard let issuedAt, expiresAt <= issuedAt.advanced(by: maximum) else { throw .lifetimeTooLong }
        }
        // OpenID Connect Core 1.0, 2, has the same bounds; the subject goes into the audit trail.
        guard let subject = try string("sub"), (1...255).contains(subject.utf8.count),
            subject.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
        else { throw .subjectUnusable }
        let id = try string("jti")
        guard (id?.utf8.count ?? 0) <= 255 else { throw .claimsMalformed }
        return VerifiedToken(
            subject: subject, issuer: issuer, id: id, issuedAt: issuedAt, expiresAt: expiresAt, scopes: try scopes(),
            grants: try grants(settings.grantsClaim))
    }

    private func scopes() throws(TokenRefusal) -> [String] {
        var scopes: [String] = []
        for name in ["scope", "scp"] {
            for words in try strings(name) {
                for word in words.split(separator: " ") where !scopes.contains(String(word)) {
                    // The search is quadratic.
                    guard scopes.count < 256 else { throw .claimsMalformed }
                    scopes.append(String(word))
                }
            }
        }
        return scopes
    }

    /// A word that is no grant may have been meant to bind: what is left of the others must not permit more than all of them.
    private func grants(_ name: String) throws(TokenRefusal) -> Grants {
        guard members[name] != nil else { return Grants() }
        let words = try strings(name).flatMap { $0.split(separator: " ", omittingEmptySubsequences: false) }
        let grants = words.compactMap { Grant($0) }
        guard grants.count == words.count else { throw .claimsMalformed }
        return grants.isEmpty ? .nothing : Grants(grants)
    }

    private func string(_ name: String) throws(TokenRefusal) -> String? {
        guard let value = members[name] else { return nil }
        guard let text = value.string else { throw .claimsMalformed }
        return text
    }

    /// A string, or an array of strings.
    private func strings(_ name: String) throws(TokenRefusal) -> [String] {
        guard let value = members[name] else { return [] }
        if let text = value.string { return [text] }
        guard let values = value.array else { throw .claimsMalformed }
        let texts = values.compactMap(\.string)
        guard texts.count == values.count else { throw .claimsMalformed }
        return texts
    }

    /// A NumericDate: seconds, which may have a fraction.
    private func time(_ name: String) throws(TokenRefusal) -> Timestamp? {
        guard let value = members[name] else { return nil }
        // Up to the year 9999: no sum with it overflows.
        guard let seconds = value.number, (0...253_402_300_799).contains(seconds) else { throw .claimsMalformed }
        return Timestamp(milliseconds: Int64((seconds * 1000).rounded(.down)))
    }
}
