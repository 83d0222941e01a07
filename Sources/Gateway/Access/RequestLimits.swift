import Access
package import FaxModel
import HTTPTypes
package import ServerSettings

/// How often who may ask (45 CFR 164.308(a)(5)(ii)(C)): credentials that are refused and requests of an address before its credential is
/// looked at, requests of a key or person after.
package struct RequestLimits: Sendable {
    private let refusals: RateLimiter
    private let requests: RateLimiter?
    private let principals: RateLimiter?

    /// - Parameter clock: need not be the time of day.
    package init(settings: Settings, clock: @escaping @Sendable () -> Timestamp) {
        func limiter(_ count: Int) -> RateLimiter? {
            count == 0 ? nil : RateLimiter(RateLimit(count, per: .seconds(60)), clock: clock)
        }
        refusals = RateLimiter(RateLimit(settings.refusalsPerMinute, per: .seconds(60)), clock: clock)
        requests = limiter(settings.addressRequestsPerMinute)
        principals = limiter(settings.requestsPerMinute)
    }

    /// Before anything of a request is believed.
    /// - Throws: 429.
    func admit(_ address: NetworkAddress?) throws(Problem) {
        try Self.require(refusals.peek(Self.name(address)))
        if let requests { try Self.require(requests.check(Self.name(address))) }
    }

    /// Once it is known who asks.
    /// - Throws: 429.
    func admit(_ principal: Principal) throws(Problem) {
        if let principals { try Self.require(principals.check(principal.id)) }
    }

    /// A credential was wrong.
    /// - Throws: 429 when it was one too many: requests that are under way at the same time all come past ``admit(_:)``.
    func refused(_ address: NetworkAddress?) throws(Problem) {
        try Self.require(refusals.check(Self.name(address)))
    }

    private static func require(_ decision: RateLimiter.Decision) throws(Problem) {
        guard case .refused(let seconds) = decision else { return }
        throw Problem(
            .tooManyRequests, "Too many requests. Try again in \(seconds) s.", retryAfter: seconds, closesConnection: true)
    }

    private static func name(_ address: NetworkAddress?) -> String { address?.subscriber.description ?? "" }
}
