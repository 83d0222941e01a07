import Access
import Logging
import ServerSettings

/// What of the settings about access must be right before the server listens.
enum AccessRules {
    /// - Throws: ``Server/Refusal``.
    static func check(_ settings: Settings) throws {
        let host = settings.host.lowercased()
        let isLoopback = host == "localhost" || NetworkAddress(host)?.isLoopback == true
        guard settings.metrics != .open || isLoopback else {
            throw Server.Refusal(
                message: "FAXLOCK_METRICS=open works on a loopback address only, and FAXLOCK_HOST=\(settings.host) is none. Use "
                    + "FAXLOCK_METRICS=key and a key with the scope metrics:read.")
        }
        guard settings.profile == .production || isLoopback else {
            throw Server.Refusal(
                message: """
                    FAXLOCK_HOST=\(settings.host) can be reached from other machines, which the development profile does not allow. Set \
                    FAXLOCK_PROFILE=production, which insists on safe settings, or listen on 127.0.0.1.
                    """)
        }
        for proxy in settings.trustedProxies where AddressRange(proxy) == nil {
            throw Server.Refusal(
                message: "FAXLOCK_TRUSTED_PROXIES: \(proxy) is neither an IP address nor a CIDR range such as 10.0.0.0/8.")
        }
    }

    /// What verifies bearer tokens, or nil when none are accepted.
    /// - Throws: ``Server/Refusal``.
    static func tokens(_ settings: Settings, logger: Logger) throws -> BearerTokenVerifier? {
        guard settings.oauthIssuer != nil || settings.oauthAudience != nil || settings.oauthKeysURL != nil else { return nil }
        guard let issuer = settings.oauthIssuer, let audience = settings.oauthAudience, let keys = settings.oauthKeysURL else {
            throw Server.Refusal(message: "Bearer tokens take OAUTH_ISSUER, OAUTH_AUDIENCE and OAUTH_JWKS_URL, all three.")
        }
        let rules: BearerTokenSettings
        do {
            rules = try BearerTokenSettings(
                issuer: issuer, audience: audience, keySetURL: keys, grantsClaim: settings.oauthGrantsClaim)
        } catch {
            throw Server.Refusal(message: error.description)
        }
        return BearerTokenVerifier(rules, clock: SystemClock.now) { failure in
            logger.error("the issuer's keys could not be fetched", metadata: ["error": "\(failure)"])
        }
    }
}
