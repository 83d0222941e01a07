import FaxModel
import Foundation
import Testing

/// What holds whatever happens: thousands of faxes with causes at random, each to its end.
@Suite struct RetryPolicyPropertyTests {
    private static let start = Timestamp(milliseconds: 1_800_000_000_000)

    private struct Job {
        var policy = RetryPolicy()
        var terms = FaxTerms()
        var notAfter: Timestamp
        var pages: Int
        var routes: Int

        init(using random: inout SeededRandom) {
            let lifetimes: [Int64] = [60, 3 * 3600, 86_400, 30 * 86_400]
            notAfter = start.advanced(by: .seconds(lifetimes.randomElement(using: &random) ?? 60))
            pages = .random(in: 1...12, using: &random)
            routes = .random(in: 1...3, using: &random)
            if Bool.random(using: &random) { terms.maximumDials = .random(in: 1...50, using: &random) }
            if Bool.random(using: &random) { terms.maximumTries = .random(in: 1...20, using: &random) }
            if Bool.random(using: &random) { terms.hours = RecipientHours("Mon-Fri 08:00-17:00 America/New_York") }
            if Bool.random(using: &random) { policy.unansweredCeiling = nil }
        }
    }

    /// Mostly one cause, so that each limit is met and not only the nearest.
    private func outcome(favourite: FailureCause, using random: inout SeededRandom) -> AttemptOutcome {
        switch Int.random(in: 0..<40, using: &random) {
        case 0: .delivered
        case 1: .unknown
        case 2: .interrupted
        case 3: .notDialled
        case 4..<10: .failed(FailureCause.allCases.randomElement(using: &random) ?? .busy)
        default: .failed(favourite)
        }
    }

    @Test(arguments: FailureCause.allCases)
    func `limits hold for every fax`(favourite: FailureCause) throws {
        var random = SeededRandom(seed: 77)
        var ends: [String: Int] = [:]
        for _ in 0..<1500 {
            let job = Job(using: &random)
            var progress = RetryProgress()
            var now = Self.start
            var calls = 0
            var unanswered: [(end: Timestamp, isBusy: Bool)] = []
            life: while true {
                let outcome = outcome(favourite: favourite, using: &random)
                let end = now.advanced(by: .seconds(.random(in: 5...600, using: &random)))
                let confirmed = min(progress.page + (Int.random(in: 0..<5, using: &random) == 0 ? 1 : 0), job.pages - 1)
                let facts = AttemptFacts(confirmed: confirmed, routes: job.routes)
                let before = progress
                let decision = job.policy.decide(
                    after: outcome, facts: facts, progress: progress, terms: job.terms, notAfter: job.notAfter, now: end, using: &random)
                progress = decision.progress
                if ![.interrupted, .notDialled, .unknown].contains(outcome) { calls += 1 }

                // Counters never shrink, and every call is in them but the one whose pages are made anew.
                #expect(progress.dials == calls - (progress.isReduced ? 1 : 0))
                #expect(progress.dials >= before.dials && progress.page >= before.page && progress.failures >= before.failures)
                #expect(progress.dials <= job.terms.maximumDials ?? job.policy.maximumDials)
                #expect(progress.tries <= job.terms.maximumTries ?? job.policy.maximumTries)
                #expect(progress.humans <= job.policy.maximumHumans)
                #expect(CallMode.ladder.indices.contains(progress.rung) && (0..<job.routes).contains(progress.route))

                // Two calls in vain are followed by an hour, unless both found the number busy.
                if case .failed(let cause) = outcome {
                    switch cause {
                    case .busy, .noAnswer: unanswered.append((end, cause == .busy))
                    case .congestion, .media, .line: break
                    default: unanswered = []
                    }
                }
                guard decision.next == .again else {
                    #expect(decision.dueAt == nil && !decision.isReduced)
                    #expect((decision.next == .hold && outcome != .unknown) == (decision.hold != nil))
                    #expect(decision.reason == nil || decision.next == .noMore)
                    ends["\(outcome.name) \(decision.next)", default: 0] += 1
                    break life
                }
                #expect(outcome.mayBeFollowed)
                #expect(decision.hold == nil && decision.reason == nil)
                let due = try #require(decision.dueAt)
                #expect(due >= end && due <= job.notAfter)
                if let hours = job.terms.hours { #expect(hours.next(at: due) == due) }
                if let lane = decision.laneDueAt { #expect(lane >= end && lane <= due) }
                if job.policy.unansweredCeiling != nil, unanswered.count >= 2, !unanswered.allSatisfy(\.isBusy),
                    let last = unanswered.last, last.end == end
                {
                    #expect(due.milliseconds - end.milliseconds >= 3_600_000)
                }
                if due.milliseconds - end.milliseconds >= 3_600_000 { unanswered = [] }
                now = due
                // The test's own end: what never counts could go on for ever.
                guard calls < 200 else { break life }
            }
            #expect(calls <= (job.terms.maximumDials ?? job.policy.maximumDials) + 1)
        }
        #expect(ends.keys.contains("delivered noMore") && ends.keys.contains("failed noMore") && ends.count >= 3, "\(ends)")
    }

    @Test func `the same seed decides the same`() {
        func run() -> [RetryDecision] {
            var random = SeededRandom(seed: 9)
            return (0..<500).map { _ in
                let job = Job(using: &random)
                return job.policy.decide(
                    after: outcome(favourite: .busy, using: &random), facts: AttemptFacts(), progress: RetryProgress(), terms: job.terms,
                    notAfter: job.notAfter, now: Self.start, using: &random)
            }
        }
        #expect(run() == run())
    }
}

extension AttemptOutcome {
    fileprivate var mayBeFollowed: Bool {
        switch self {
        case .delivered, .unknown, .failed(.unallocated), .failed(.rejected), .failed(.stationMismatch): false
        default: true
        }
    }
}
