/// How often something may happen: an average, and how much at once.
package struct RateLimit: Sendable, Hashable {
    /// What one happening takes up, in microseconds.
    let interval: Int64
    /// Happenings at once after a pause.
    package let burst: Int

    /// - Parameters:
    ///   - count: happenings in `period`, 1 to 1,000,000; what is outside is brought inside.
    ///   - period: 1 millisecond to 1 day, likewise.
    ///   - burst: at once after a pause, 1 to 1,000,000, likewise; `count` when nil.
    package init(_ count: Int, per period: Duration, burst: Int? = nil) {
        let count = min(max(count, 1), 1_000_000)
        let (seconds, attoseconds) = min(max(period, .milliseconds(1)), .seconds(86_400)).components
        interval = max(1, (seconds * 1_000_000 + attoseconds / 1_000_000_000_000) / Int64(count))
        self.burst = min(max(burst ?? count, 1), 1_000_000)
    }

    /// The most that can be taken up, in microseconds.
    var capacity: Int64 { interval * Int64(burst) }
}
