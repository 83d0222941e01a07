/// When a registration is refreshed, and when one that failed is tried again.
struct RegistrationSchedule: Sendable {
    /// The base and the limit of the waits between failures.
    let base: Duration
    let limit: Duration

    /// No registrar may make us send more often than that.
    private static let leastRefresh = Duration.seconds(5)
    /// The longest wait that a Retry-After is believed.
    private static let longestRetryAfter = Duration.seconds(3_600)

    /// The wait before the refresh of a binding. What is left then is a fifth of its life, and for short lives more: 64 s
    /// or half of it, so that a refresh without answer (32 s) leaves time for another. Up to a tenth earlier by chance,
    /// so that lines registered at once do not refresh at once.
    func refreshDelay(granted: Duration, random: inout any RandomNumberGenerator & Sendable) -> Duration {
        let margin = max(granted / 5, min(.seconds(64), granted / 2))
        return max(Self.leastRefresh, (granted - margin) * Double.random(in: 0.9...1, using: &random))
    }

    /// The wait after a failure (RFC 5626 4.5): a random half to whole of the base doubled with each failure, up to the
    /// limit; never shorter than the registrar's Retry-After.
    /// - Parameters:
    ///   - failures: how many there were in a row, this one included; at least 1.
    ///   - retryAfter: seconds.
    func retryDelay(
        failures: Int, retryAfter: Int?, random: inout any RandomNumberGenerator & Sendable
    ) -> Duration {
        let bound = min(limit, base * (1 << min(max(failures, 1), 16)))
        let wait = bound * Double.random(in: 0.5...1, using: &random)
        let asked = retryAfter.map { min(Self.longestRetryAfter, Duration.seconds(max(0, $0))) } ?? .zero
        return max(wait, asked)
    }
}
