import FaxModel
import Store
import Testing

@testable import Webhooks

@Suite struct DeliveryScheduleTests {
    private static let now = Timestamp(milliseconds: 1_795_336_200_000)

    private func pause(after attempts: Int, _ answer: WebhookAnswer) -> Duration? {
        var generator = SystemRandomNumberGenerator()
        let verdict = DeliverySchedule.verdict(after: attempts, answer, now: Self.now, using: &generator)
        guard case .again(let due, _, _) = verdict else { return nil }
        return .milliseconds(due.milliseconds - Self.now.milliseconds)
    }

    /// 5 s, 25 s, 2 m, 10 m, 52 m, 4 h, 22 h, each a tenth more or less.
    @Test func `delays grow, and then it is given up`() throws {
        let seconds: [Int64] = [5, 25, 120, 600, 3120, 14_400, 79_200]
        for (index, expected) in seconds.enumerated() {
            var all: Set<Duration> = []
            for _ in 0..<50 {
                let wait = try #require(pause(after: index + 1, .status(500, retryAfter: nil)))
                #expect(wait >= .milliseconds(expected * 899) && wait <= .milliseconds(expected * 1101), "\(index)")
                all.insert(wait)
            }
            #expect(all.count > 10)
        }
        #expect(pause(after: 8, .status(500, retryAfter: nil)) == nil)
        var generator = SystemRandomNumberGenerator()
        #expect(
            DeliverySchedule.verdict(after: 8, .failed(.timeout), now: Self.now, using: &generator)
                == .dead(status: nil, failure: "timeout"))
    }

    @Test func `a receiver that asks for time gets it, up to the next step`() {
        #expect(pause(after: 1, .status(429, retryAfter: .seconds(20))) == .seconds(20))
        #expect(pause(after: 1, .status(503, retryAfter: .seconds(86_400))) == .seconds(25))
        #expect(pause(after: 3, .status(503, retryAfter: .seconds(599))) == .seconds(599))
        let soon = pause(after: 2, .status(429, retryAfter: .seconds(1)))
        #expect(soon.map { $0 > .seconds(22) } == true)
        #expect(pause(after: 7, .status(429, retryAfter: .seconds(1_000_000))).map { $0 <= .seconds(88_000) } == true)
    }

    @Test func `statuses`() {
        var generator = SystemRandomNumberGenerator()
        func verdict(_ status: Int) -> WebhookVerdict {
            DeliverySchedule.verdict(after: 1, .status(status, retryAfter: nil), now: Self.now, using: &generator)
        }
        for status in [200, 201, 204, 299] { #expect(verdict(status) == .delivered(status: status)) }
        #expect(verdict(410) == .gone)
        for status in [300, 302, 307, 400, 401, 404, 429, 500, 503, 599] {
            guard case .again(_, status, nil) = verdict(status) else {
                Issue.record("\(status)")
                continue
            }
        }
    }

    @Test(arguments: [
        ("0", 0), ("120", 120), ("99999999999999999999999", 31_622_400), ("Sun, 22 Nov 2026 08:30:07 GMT", 7),
        ("Sun, 22 Nov 2026 08:29:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 31_622_400),
    ])
    func retryAfter(text: String, seconds: Int) {
        #expect(RetryAfter.duration(text, now: Self.now) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "-1", "1.5", "+5", " 5", "soon", "Sun, 31 Feb 2026 08:30:07 GMT", "Sunday, 22-Nov-26 08:30:07 GMT", "Sun Nov 22 08:30:07 2026",
        "Sun, 22 Nov 2026 08:30:07 CET", "Sun, 22 Nov 2026 8:30 GMT", "Sun, 22 Xyz 2026 08:30:07 GMT", "\u{665}",
        "Sun, \u{661}\u{662} Nov 2026 08:30:07 GMT",
    ])
    func notRetryAfter(text: String) {
        #expect(RetryAfter.duration(text, now: Self.now) == nil)
    }
}
