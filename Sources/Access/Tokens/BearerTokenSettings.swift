import FoundationEssentials

/// Whose bearer tokens are accepted.
package struct BearerTokenSettings: Sendable, Hashable {
    package let issuer: String
    package let audience: String
    package let keySetURL: String
    package let grantsClaim: String
    package let algorithms: Set<SignatureAlgorithm>
    package let clockSkew: Duration
    package let maximumLifetime: Duration?

    /// - Parameters:
    ///   - issuer: what `iss` must be, character for character.
    ///   - audience: what `aud` must be or contain.
    ///   - keySetURL: where the issuer publishes its JWK Set: `https`, or `http` to the host itself.
    ///   - grantsClaim: the claim with `mailbox:role` words.
    ///   - algorithms: at least one.
    ///   - clockSkew: by how much the clocks of issuer and server may differ, 0 to 300 seconds.
    ///   - maximumLifetime: from `iat` to `exp`, which makes `iat` necessary; nil for any.
    package init(
        issuer: String, audience: String, keySetURL: String, grantsClaim: String = "faxlock_grants",
        algorithms: Set<SignatureAlgorithm> = Set(SignatureAlgorithm.allCases), clockSkew: Duration = .seconds(60),
        maximumLifetime: Duration? = nil
    ) throws(BearerTokenSettingsError) {
        guard !issuer.isEmpty else { throw .issuer }
        guard !audience.isEmpty else { throw .audience }
        guard !grantsClaim.isEmpty else { throw .grantsClaim }
        guard !algorithms.isEmpty else { throw .algorithms }
        guard (.zero ... .seconds(300)).contains(clockSkew) else { throw .clockSkew }
        guard maximumLifetime.map({ $0 > .zero }) ?? true else { throw .maximumLifetime }
        guard Self.isAcceptable(keySetURL) else { throw .keySetURL }
        self.issuer = issuer
        self.audience = audience
        self.keySetURL = keySetURL
        self.grantsClaim = grantsClaim
        self.algorithms = algorithms
        self.clockSkew = clockSkew
        self.maximumLifetime = maximumLifetime
    }

    /// Keys that come over a line which others can write to are everybody's keys.
    private static func isAcceptable(_ text: String) -> Bool {
        guard let url = URL(string: text), let host = url.host(), !host.isEmpty, url.user() == nil, url.password() == nil else {
            return false
        }
        switch url.scheme?.lowercased() {
        case "https": return true
        case "http":
            let name = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
            return name.lowercased() == "localhost" || NetworkAddress(name)?.isLoopback == true
        default: return false
        }
    }
}

/// A setting for bearer tokens that cannot be used.
package enum BearerTokenSettingsError: Error, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case issuer, audience, keySetURL, grantsClaim, algorithms, clockSkew, maximumLifetime

    package var description: String {
        switch self {
        case .issuer: "The issuer of bearer tokens must not be empty: give what its tokens have as iss."
        case .audience: "The audience of bearer tokens must not be empty: give what tokens for this server have as aud."
        case .keySetURL:
            "The address of the issuer's keys must be an https URL without user and password; http is for this host itself only."
        case .grantsClaim: "The name of the claim that holds mailbox roles must not be empty."
        case .algorithms: "At least one signature algorithm must be allowed for bearer tokens."
        case .clockSkew: "The clock skew for bearer tokens must be between 0 and 300 seconds."
        case .maximumLifetime: "The longest lifetime of bearer tokens must be more than 0 seconds."
        }
    }
}
