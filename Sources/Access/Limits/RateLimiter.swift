import Crypto
package import FaxModel
import Synchronization

/// Holds each key (an API key, an address, a user) to a ``RateLimit``: a token bucket per key, kept as the one moment at which it will
/// be full again (the generic cell rate algorithm of ITU-T I.371).
///
/// Memory is bounded: beyond the capacity, the entry that is full or nearest to it goes first, so that a flood of new keys pushes out
/// its own kind and not those who used up their limit.
package final class RateLimiter: Sendable {
    package enum Decision: Sendable, Hashable {
        case allowed
        /// - Parameter retryAfter: seconds, at least 1: the value of `Retry-After` (RFC 9110, 10.2.3).
        case refused(retryAfter: Int)
    }

    private struct State {
        var debts = DebtHeap()
        var latest = Int64.min
    }

    private let limit: RateLimit
    private let capacity: Int
    private let clock: @Sendable () -> Timestamp
    private let state = Mutex(State())

    /// - Parameters:
    ///   - capacity: keys at a time, at least 1.
    ///   - clock: need not be the time of day; a monotonic one is better. When it goes back, nobody waits longer than the burst takes
    ///     to refill.
    package init(_ limit: RateLimit, capacity: Int = 65_536, clock: @escaping @Sendable () -> Timestamp) {
        self.limit = limit
        self.capacity = max(1, capacity)
        self.clock = clock
    }

    /// Takes `cost` happenings from the bucket of `key`, or none when it does not hold so many.
    /// - Parameter cost: 1 to the burst; what is outside is brought inside, so that a full bucket allows anything.
    package func check(_ key: String, cost: Int = 1) -> Decision {
        decide(key, cost: cost, charges: true)
    }

    /// What ``check(_:cost:)`` would say, without taking anything: for limits that only failures use up.
    package func peek(_ key: String, cost: Int = 1) -> Decision {
        decide(key, cost: cost, charges: false)
    }

    /// Keys that are not known to be full.
    package var count: Int { state.withLock { $0.debts.count } }

    private func decide(_ key: String, cost: Int, charges: Bool) -> Decision {
        let key = Self.bounded(key)
        let price = limit.interval * Int64(min(max(cost, 1), limit.burst))
        return state.withLock { state in
            // Read inside, so that two callers cannot make it look as if the clock went back.
            let now = min(max(clock().milliseconds, -Self.longestTime), Self.longestTime) * 1000
            if now < state.latest { state.debts.forgive(after: now + limit.capacity) }
            state.latest = now
            // Two a call: the heap shrinks faster than it grows.
            for _ in 0..<2 {
                guard let first = state.debts.first, first.freeAt <= now else { break }
                state.debts.removeFirst()
            }
            let freeAt = max(state.debts[key] ?? now, now) + price
            let excess = freeAt - now - limit.capacity
            guard excess <= 0 else { return .refused(retryAfter: Int((excess + 999_999) / 1_000_000)) }
            guard charges else { return .allowed }
            if state.debts.count >= capacity, state.debts[key] == nil { state.debts.removeFirst() }
            state.debts.set(key, freeAt: freeAt)
            return .allowed
        }
    }

    /// Milliseconds, 142,000 years: sums with it cannot overflow.
    private static let longestTime: Int64 = 1 << 52

    /// A long key would make the bound on the number of keys worthless: its hash stands for it.
    private static func bounded(_ key: String) -> String {
        guard key.utf8.count > 64 else { return key }
        return SHA256.hash(data: Array(key.utf8)).map { String($0, radix: 16) }.joined(separator: ".")
    }
}
