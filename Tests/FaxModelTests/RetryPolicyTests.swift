import FaxModel
import Foundation
import Testing

/// Each line of the table of delays and limits.
@Suite struct RetryPolicyTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private static let far = now.advanced(by: .seconds(30 * 86_400))

    /// No randomness: what a delay is without its jitter.
    private static var exact: RetryPolicy {
        var policy = RetryPolicy()
        policy.jitter = 0
        return policy
    }

    private func decide(
        _ outcome: AttemptOutcome, _ facts: AttemptFacts = AttemptFacts(), progress: RetryProgress = RetryProgress(),
        terms: FaxTerms = FaxTerms(), notAfter: Timestamp = far, policy: RetryPolicy = exact
    ) -> RetryDecision {
        var random = SeededRandom(seed: 1)
        return policy.decide(
            after: outcome, facts: facts, progress: progress, terms: terms, notAfter: notAfter, now: Self.now, using: &random)
    }

    private func seconds(_ moment: Timestamp?) -> Int64? { moment.map { ($0.milliseconds - Self.now.milliseconds) / 1000 } }

    private func progress(_ change: (inout RetryProgress) -> Void) -> RetryProgress {
        var progress = RetryProgress()
        change(&progress)
        return progress
    }

    /// Delays of successive calls with the same end, until no other follows.
    private func delays(_ cause: FailureCause, policy: RetryPolicy = exact, terms: FaxTerms = FaxTerms()) -> [Int64] {
        var progress = RetryProgress()
        var delays: [Int64] = []
        while delays.count < 60 {
            let decision = decide(.failed(cause), AttemptFacts(), progress: progress, terms: terms, policy: policy)
            progress = decision.progress
            guard decision.next == .again, let delay = seconds(decision.dueAt) else { break }
            delays.append(delay)
        }
        return delays
    }

    @Test func `busy: 180 s, growing up to an hour, twelve calls`() {
        #expect(delays(.busy) == [180, 270, 405, 607, 911, 1366, 2050, 3075, 3600, 3600, 3600])
    }

    @Test func `busy fifteen times: an hour's pause, then again from the beginning`() {
        var terms = FaxTerms()
        terms.maximumDials = 18
        var policy = Self.exact
        policy.longestDelay = .seconds(200)
        #expect(delays(.busy, policy: policy, terms: terms) == [180] + Array(repeating: 200, count: 13) + [3600, 180, 200])
    }

    @Test func `no answer: two calls, then an hour's pause`() {
        #expect(delays(.noAnswer) == [300, 3600, 300, 3600, 300, 3600, 300, 3600, 300, 3600, 300])
    }

    @Test func `no answer without the ceiling: 300 s, growing`() {
        var policy = Self.exact
        policy.unansweredCeiling = nil
        #expect(delays(.noAnswer, policy: policy) == [300, 450, 675, 1012, 1518, 2278, 3417, 3600, 3600, 3600, 3600])
    }

    @Test func `busy once and then no answer are two calls in vain`() {
        let decision = decide(.failed(.noAnswer), progress: progress { $0.busy = 1 })
        #expect(seconds(decision.dueAt) == 3600)
        #expect(seconds(decide(.failed(.busy), progress: progress { $0.noAnswer = 1 }).dueAt) == 3600)
        #expect(seconds(decide(.failed(.busy), progress: progress { $0.busy = 1 }).dueAt) == 270)
    }

    @Test func `calls by other faxes count against the ceiling too`() {
        let decision = decide(.failed(.noAnswer), AttemptFacts(othersUnanswered: 1))
        #expect(seconds(decision.dueAt) == 3600)
        #expect(seconds(decision.laneDueAt) == 3600)
    }

    @Test func `who answers ends the series of calls in vain`() {
        let series = progress {
            $0.busy = 3; $0.noAnswer = 1
        }
        for outcome: AttemptOutcome in [.failed(.notFax), .failed(.protocolError), .failed(.incapable), .delivered] {
            let counted = decide(outcome, AttemptFacts(), progress: series).progress
            #expect(counted.busy == 0 && counted.noAnswer == 0, "\(outcome)")
        }
        // The network's own failures say nothing of the number.
        #expect(decide(.failed(.congestion), progress: series).progress.busy == 3)
    }

    @Test func `a person answers: 300 s, and after the second a person here is asked`() {
        let first = decide(.failed(.notFax))
        #expect(first.next == .again && seconds(first.dueAt) == 300 && first.progress.humans == 1 && first.progress.dials == 1)
        let second = decide(.failed(.notFax), progress: first.progress)
        #expect(second.next == .hold && second.hold == .notFax && second.dueAt == nil)
        // Released by hand: one more call, and the question comes again.
        #expect(decide(.failed(.notFax), progress: second.progress).next == .hold)
    }

    @Test func `a call breaks off: 60 s, next rung, three tries for a page`() {
        #expect(delays(.protocolError) == [60, 60])
        var progress = RetryProgress()
        for rung in 1...2 {
            let decision = decide(.failed(.protocolError), AttemptFacts(confirmed: 0), progress: progress)
            progress = decision.progress
            #expect(progress.rung == rung && progress.tries == rung)
        }
        let last = decide(.failed(.protocolError), AttemptFacts(confirmed: 0), progress: progress)
        #expect(last.next == .noMore && last.reason == "Page 1 was not confirmed in 3 calls.")
        // The rung stays on the ladder.
        #expect(decide(.failed(.protocolError), progress: self.progress { $0.rung = 4 }).progress.rung == 4)
    }

    @Test func `pages that get through give back the tries`() {
        let start = progress {
            $0.tries = 2; $0.page = 1
        }
        let further = decide(.failed(.protocolError), AttemptFacts(confirmed: 3), progress: start)
        #expect(further.next == .again && further.progress.page == 3 && further.progress.tries == 1)
        // A report of fewer pages than are known takes nothing back.
        let fewer = decide(.failed(.protocolError), AttemptFacts(confirmed: 0), progress: further.progress)
        #expect(fewer.progress.page == 3 && fewer.progress.tries == 2)
    }

    /// Its training fails, so both never agree, but it is a fax machine: people and voice mail are another cause.
    @Test func `a machine that breaks off before a page is a try too`() {
        let decision = decide(.failed(.protocolError), AttemptFacts(), progress: progress { $0.tries = 2 })
        #expect(decision.next == .noMore && decision.progress.tries == 3)
    }

    @Test func `the resolution is refused: made anew at once, once, and nothing is counted`() {
        let first = decide(.failed(.incapable), AttemptFacts())
        #expect(first.next == .again && first.isReduced && first.dueAt == Self.now)
        #expect(first.progress == progress { $0.isReduced = true })
        let second = decide(.failed(.incapable), AttemptFacts(), progress: first.progress)
        #expect(second.next == .noMore && !second.isReduced && second.reason == nil)
        #expect(decide(.failed(.incapable), AttemptFacts(isReducible: false)).next == .noMore)
        let late = decide(.failed(.incapable), notAfter: Timestamp(milliseconds: Self.now.milliseconds - 1))
        #expect(late.next == .noMore && !late.isReduced)
    }

    @Test(arguments: [FailureCause.congestion, .media, .line])
    func `the network fails: the next route soon, and longer waits with each round`(cause: FailureCause) {
        #expect(delays(cause) == [60, 90, 135, 202, 303, 455, 683, 1025, 1537, 2306, 3459])
        var progress = RetryProgress()
        var seen: [Int64] = []
        var routes: [Int] = []
        for _ in 0..<6 {
            let decision = decide(.failed(cause), AttemptFacts(routes: 3), progress: progress)
            progress = decision.progress
            routes.append(progress.route)
            seen.append(seconds(decision.dueAt) ?? -1)
        }
        #expect(routes == [1, 2, 0, 1, 2, 0])
        #expect(seen == [60, 60, 60, 90, 90, 90])
        #expect(progress.dials == 6 && progress.tries == 0)
    }

    @Test func `a far end's wish is heeded where there is no other route, within reason`() {
        let wish = { (seconds: Int64, routes: Int) in
            self.seconds(self.decide(.failed(.congestion), AttemptFacts(retryAfter: .seconds(seconds), routes: routes)).dueAt)
        }
        #expect(wish(120, 1) == 120)
        #expect(wish(5, 1) == 60)
        #expect(wish(.max, 1) == 3600)
        #expect(wish(.min, 1) == 60)
        #expect(wish(120, 2) == 60)
        #expect(wish(120, 0) == 120)
    }

    @Test func `no route agrees on T.38: it is not offered again`() {
        #expect(CallMode.rung(decide(.failed(.media)).progress.rung).media == .audio)
        #expect(decide(.failed(.media), AttemptFacts(routes: 2)).progress.rung == 0)
        #expect(decide(.failed(.media), progress: progress { $0.rung = 4 }).progress.rung == 4)
        #expect(decide(.failed(.congestion)).progress.rung == 0)
    }

    @Test(arguments: [FailureCause.unallocated, .rejected])
    func `a number that does not exist or does not want it is not called again`(cause: FailureCause) {
        let decision = decide(.failed(cause))
        #expect(decision.next == .noMore && decision.reason == nil && decision.dueAt == nil && decision.progress.dials == 1)
    }

    @Test func `another machine than expected: a person is asked`() {
        let decision = decide(.failed(.stationMismatch), AttemptFacts())
        #expect(decision.next == .hold && decision.hold == .stationMismatch && decision.dueAt == nil)
    }

    @Test(arguments: [AttemptOutcome.interrupted, .notDialled])
    func `a call that ended here does not count, but what it delivered does`(outcome: AttemptOutcome) {
        let start = progress {
            $0.dials = 11; $0.tries = 2; $0.failures = 11
        }
        let decision = decide(outcome, AttemptFacts(confirmed: 2), progress: start)
        #expect(decision.next == .again && decision.reason == nil)
        #expect(
            decision.progress
                == progress {
                    $0.dials = 11; $0.failures = 11; $0.page = 2
                })
        #expect(seconds(decision.dueAt) == (outcome == .notDialled ? 10 : 0))
    }

    @Test func `an unknown outcome is never followed by a call`() {
        let decision = decide(.unknown)
        #expect(decision.next != .again && decision.dueAt == nil && decision.progress == RetryProgress())
    }

    @Test func `delivery counts the call and keeps the rung that worked`() {
        let decision = decide(
            .delivered, AttemptFacts(confirmed: 5),
            progress: progress {
                $0.rung = 2; $0.dials = 1
            })
        #expect(
            decision.next == .noMore && decision.reason == nil
                && decision.progress
                    == progress {
                        $0.rung = 2; $0.dials = 2
                    }
        )
    }

    @Test func `the twelfth call is the last`() {
        let decision = decide(.failed(.busy), progress: progress { $0.dials = 11 })
        #expect(decision.next == .noMore)
        #expect(decision.reason == "12 calls were made, as many as it may take.")
        // Others must leave the number alone none the less.
        #expect(decision.laneDueAt != nil)
        var terms = FaxTerms()
        terms.maximumDials = 1
        #expect(decide(.failed(.busy), terms: terms).reason?.hasPrefix("1 call was made, ") == true)
        terms.maximumTries = 1
        #expect(decide(.failed(.protocolError), AttemptFacts(), terms: terms).next == .noMore)
    }

    @Test func `no call begins after the last moment`() {
        let end = Self.now.advanced(by: .seconds(180))
        #expect(decide(.failed(.busy), notAfter: end).dueAt == end)
        let decision = decide(.failed(.busy), notAfter: Timestamp(milliseconds: end.milliseconds - 1))
        #expect(decision.next == .noMore && decision.dueAt == nil)
        #expect(
            decision.reason == "The next call would begin after the fax's last moment, 2027-01-15T08:02:59.999Z. 1 call was made.")
        // That counts for calls that never began, too.
        #expect(decide(.notDialled, notAfter: Self.now).next == .noMore)
        #expect(decide(.interrupted, notAfter: Self.now).dueAt == Self.now)
    }

    @Test func `the next call waits for the recipient's hours and the client's moment`() {
        var terms = FaxTerms()
        // 1,800,000,000 s is a Friday, 08:00 UTC.
        terms.hours = RecipientHours("Mon-Fri 07:00-08:02 UTC")
        let monday = Timestamp(iso8601: "2027-01-18T07:00:00Z")
        #expect(decide(.failed(.busy), terms: terms).dueAt == monday)
        #expect(decide(.failed(.protocolError), terms: terms).dueAt == Self.now.advanced(by: .seconds(60)))
        // The hours are this recipient's terms: the lane opens earlier.
        #expect(seconds(decide(.failed(.busy), terms: terms).laneDueAt) == 180)
        #expect(decide(.failed(.busy), terms: terms, notAfter: Self.now.advanced(by: .seconds(86_400))).next == .noMore)
        terms.hours = nil
        terms.sendAt = Self.now.advanced(by: .seconds(999))
        #expect(decide(.notDialled, terms: terms).dueAt == terms.sendAt)
    }

    @Test(arguments: FailureCause.allCases)
    func `others leave a number alone that is busy, silent or a person's`(cause: FailureCause) {
        #expect((decide(.failed(cause)).laneDueAt != nil) == [.busy, .noAnswer, .notFax].contains(cause))
    }

    @Test func `delays differ at random within a tenth, and a pause is never shorter`() {
        let policy = RetryPolicy()
        var random = SeededRandom(seed: 5)
        var seen: Set<Int64> = []
        for _ in 0..<500 {
            let busy = policy.decide(
                after: .failed(.busy), facts: AttemptFacts(), progress: RetryProgress(), terms: FaxTerms(), notAfter: Self.far,
                now: Self.now, using: &random)
            let delay = (busy.dueAt?.milliseconds ?? 0) - Self.now.milliseconds
            #expect((162_000...198_000).contains(delay))
            seen.insert(delay)
            let silent = policy.decide(
                after: .failed(.noAnswer), facts: AttemptFacts(), progress: progress { $0.noAnswer = 1 }, terms: FaxTerms(),
                notAfter: Self.far, now: Self.now, using: &random)
            #expect((3_600_000...3_960_000).contains((silent.dueAt?.milliseconds ?? 0) - Self.now.milliseconds))
        }
        #expect(seen.count > 400)
    }
}
