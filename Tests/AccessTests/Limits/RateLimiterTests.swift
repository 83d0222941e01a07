import Access
import FaxModel
import Synchronization
import Testing

@Suite struct RateLimiterTests {
    private let clock = TestClock()

    private func limiter(_ limit: RateLimit, capacity: Int = 1000) -> RateLimiter {
        RateLimiter(limit, capacity: capacity) { [clock] in clock.now }
    }

    @Test func burstThenAverage() {
        let limiter = limiter(RateLimit(60, per: .seconds(60), burst: 3))
        for _ in 0..<3 { #expect(limiter.check("a") == .allowed) }
        #expect(limiter.check("a") == .refused(retryAfter: 1))
        #expect(limiter.check("b") == .allowed)
        clock.advance(by: .milliseconds(999))
        #expect(limiter.check("a") == .refused(retryAfter: 1))
        clock.advance(by: .milliseconds(1))
        #expect(limiter.check("a") == .allowed)
        #expect(limiter.check("a") == .refused(retryAfter: 1))
        clock.advance(by: .seconds(1000))
        for _ in 0..<3 { #expect(limiter.check("a") == .allowed) }
        #expect(limiter.check("a") != .allowed)
    }

    @Test func retryAfterIsRoundedUp() {
        let limiter = limiter(RateLimit(1, per: .milliseconds(10_500)))
        #expect(limiter.check("a") == .allowed)
        #expect(limiter.check("a") == .refused(retryAfter: 11))
        clock.advance(by: .milliseconds(9_500))
        #expect(limiter.check("a") == .refused(retryAfter: 1))
        clock.advance(by: .milliseconds(999))
        #expect(limiter.check("a") == .refused(retryAfter: 1))
        clock.advance(by: .milliseconds(1))
        #expect(limiter.check("a") == .allowed)
    }

    @Test func costIsTakenWholeOrNotAtAll() {
        let limiter = limiter(RateLimit(1, per: .seconds(1), burst: 10))
        #expect(limiter.check("a", cost: 7) == .allowed)
        #expect(limiter.check("a", cost: 5) == .refused(retryAfter: 2))
        #expect(limiter.check("a", cost: 3) == .allowed)
        #expect(limiter.check("a") == .refused(retryAfter: 1))
    }

    @Test func costOutsideTheBurstIsBroughtInside() {
        let limiter = limiter(RateLimit(1, per: .seconds(1), burst: 10))
        #expect(limiter.check("a", cost: .max) == .allowed)
        #expect(limiter.check("a", cost: .max) == .refused(retryAfter: 10))
        #expect(limiter.check("b", cost: .min) == .allowed)
        #expect(limiter.check("b", cost: 9) == .allowed)
        #expect(limiter.check("b", cost: 0) == .refused(retryAfter: 1))
    }

    @Test func peekTakesNothing() {
        let limiter = limiter(RateLimit(1, per: .seconds(5), burst: 1))
        for _ in 0..<10 { #expect(limiter.peek("a") == .allowed) }
        #expect(limiter.count == 0)
        #expect(limiter.check("a") == .allowed)
        #expect(limiter.peek("a") == .refused(retryAfter: 5))
        clock.advance(by: .seconds(5))
        #expect(limiter.peek("a") == .allowed)
    }

    @Test func refusalsDoNotPunish() {
        let limiter = limiter(RateLimit(1, per: .seconds(5)))
        #expect(limiter.check("a") == .allowed)
        for _ in 0..<100 { #expect(limiter.check("a") == .refused(retryAfter: 5)) }
        clock.advance(by: .seconds(5))
        #expect(limiter.check("a") == .allowed)
    }

    @Test(arguments: [Duration.milliseconds(-1), .seconds(-3600), .seconds(-4_000_000_000)])
    func clockThatGoesBackLocksNobodyOut(step: Duration) {
        let limiter = limiter(RateLimit(10, per: .seconds(10), burst: 5))
        for _ in 0..<5 { #expect(limiter.check("a") == .allowed) }
        clock.advance(by: step)
        // Neither free nor locked out for as long as the clock went back.
        guard case .refused(let wait) = limiter.check("a") else {
            Issue.record("allowed")
            return
        }
        #expect(wait <= 2)
        clock.advance(by: .seconds(5))
        for _ in 0..<5 { #expect(limiter.check("a") == .allowed) }
        #expect(limiter.check("a") != .allowed)
    }

    @Test func clockThatGoesBackDoesNotFillTheMemoryWithTheDead() {
        let limiter = limiter(RateLimit(1, per: .seconds(1), burst: 2), capacity: 10)
        for key in 0..<10 { #expect(limiter.check("old \(key)") == .allowed) }
        clock.advance(by: .seconds(-86_400))
        #expect(limiter.check("new") == .allowed)
        clock.advance(by: .seconds(2))
        // All of the old ones are full: they make room instead of one another's successors.
        for key in 0..<5 {
            for _ in 0..<2 { #expect(limiter.check("newer \(key)") == .allowed) }
        }
        for key in 0..<5 { #expect(limiter.check("newer \(key)") != .allowed) }
    }

    @Test(arguments: [Int64.min, -1, 0, 1, Int64.max])
    func absurdClocksDoNotTrap(milliseconds: Int64) {
        let limiter = RateLimiter(RateLimit(.max, per: .seconds(Int64.max), burst: .max)) { Timestamp(milliseconds: milliseconds) }
        #expect(limiter.check("a", cost: .max) == .allowed)
        #expect(limiter.check("a") != .allowed)
        let other = RateLimiter(RateLimit(.min, per: .seconds(-5), burst: .min)) { Timestamp(milliseconds: milliseconds) }
        #expect(other.check("a") == .allowed)
        #expect(other.check("a") == .refused(retryAfter: 1))
    }

    @Test func floodOfNewKeysStaysWithinTheCapacity() {
        let limiter = limiter(RateLimit(1, per: .seconds(10), burst: 5), capacity: 100)
        for _ in 0..<5 { #expect(limiter.check("exhausted") == .allowed) }
        for key in 0..<20_000 {
            #expect(limiter.check("flood \(key)") == .allowed)
            if key % 1000 == 0 { #expect(limiter.count <= 100) }
        }
        #expect(limiter.count == 100)
        // The flood did not wash its debt away.
        #expect(limiter.check("exhausted") != .allowed)
    }

    @Test func fullBucketsAreForgottenFirst() {
        let limiter = limiter(RateLimit(1, per: .seconds(10), burst: 5), capacity: 3)
        for _ in 0..<5 { #expect(limiter.check("a") == .allowed) }
        #expect(limiter.check("b") == .allowed)
        for _ in 0..<3 { #expect(limiter.check("c") == .allowed) }
        clock.advance(by: .seconds(10))
        #expect(limiter.check("d") == .allowed)
        #expect(limiter.count == 3)
        // a: 4 taken; c: 2; d: 1; b was full.
        #expect(limiter.check("a", cost: 2) != .allowed)
        #expect(limiter.check("c", cost: 4) != .allowed)
        #expect(limiter.check("d", cost: 5) != .allowed)
    }

    @Test func memoryShrinksAgain() {
        let limiter = limiter(RateLimit(1, per: .seconds(1)), capacity: 10_000)
        for key in 0..<1000 { #expect(limiter.check("\(key)") == .allowed) }
        #expect(limiter.count == 1000)
        clock.advance(by: .seconds(1))
        for _ in 0..<1001 { _ = limiter.check("a") }
        #expect(limiter.count <= 1)
    }

    @Test func longKeysAreKeptApart() {
        let limiter = limiter(RateLimit(1, per: .seconds(1)))
        let long = String(repeating: "k", count: 1_000_000)
        #expect(limiter.check(long) == .allowed)
        #expect(limiter.check(long + "x") == .allowed)
        #expect(limiter.check(long) != .allowed)
    }

    @Test func threadsShareOneBucket() async {
        let limiter = limiter(RateLimit(1, per: .seconds(60), burst: 500))
        let allowed = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<200).count { _ in limiter.check("a") == .allowed } }
            }
            return await group.reduce(0, +)
        }
        #expect(allowed == 500)
    }

    /// In no stretch of time is more allowed than the burst and what flows in meanwhile, and who waits as told is allowed.
    @Test(arguments: 0..<20) func neverMoreThanTheLimitInAnyWindow(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let count = Int.random(in: 1...20, using: &random)
        let period = Int64.random(in: 500...20_000, using: &random)
        let burst = Int.random(in: 1...30, using: &random)
        let limiter = limiter(RateLimit(count, per: .milliseconds(period), burst: burst))
        var allowed: [(moment: Int64, cost: Int)] = []
        for _ in 0..<400 {
            clock.advance(by: .milliseconds(Int64.random(in: 0...period / 4, using: &random)))
            let cost = Int.random(in: 1...min(3, burst), using: &random)
            let decision = limiter.peek("a", cost: cost)
            #expect(limiter.check("a", cost: cost) == decision)
            if case .refused(let wait) = decision {
                #expect(wait >= 1)
                guard Bool.random(using: &random) else { continue }
                if wait > 1 {
                    clock.advance(by: .seconds(wait - 1))
                    #expect(limiter.peek("a", cost: cost) != .allowed)
                    clock.advance(by: .seconds(1))
                } else {
                    clock.advance(by: .seconds(wait))
                }
                #expect(limiter.check("a", cost: cost) == .allowed)
            }
            allowed.append((clock.now.milliseconds, cost))
        }
        for first in allowed.indices {
            var sum = 0
            for (moment, cost) in allowed[first...] {
                sum += cost
                // One millisecond more for the interval that is rounded down to microseconds.
                let inflow = Double((moment - allowed[first].moment + 1) * Int64(count)) / Double(period)
                #expect(Double(sum) <= Double(burst) + inflow * 1.01)
            }
        }
    }
}
