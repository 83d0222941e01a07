/// When a number is called again, how, and when no more.
///
/// Two counters are kept apart: dials (every call) and tries (calls in which a fax machine answered and the same page failed). A pure function
/// of what is known: it has no clock and no randomness of its own.
package struct RetryPolicy: Sendable, Hashable {
    /// How long a fax lives that names no end itself, counted from its acceptance or its `sendAt`.
    package var lifetime = Duration.seconds(3 * 3600)
    /// Calls at most, unless the request says otherwise.
    package var maximumDials = 12
    /// Calls at most that fail at the same page, unless the request says otherwise.
    package var maximumTries = 3
    /// After so many calls that a person or a voice mail answered, a person is asked.
    package var maximumHumans = 2

    /// The wait after the first call that found the number busy.
    package var busyDelay = Duration.seconds(180)
    /// The wait after the first call that nobody answered.
    package var noAnswerDelay = Duration.seconds(300)
    /// The wait after a person answered.
    package var notFaxDelay = Duration.seconds(300)
    /// The wait after a call that broke off.
    package var protocolErrorDelay = Duration.seconds(60)
    /// The wait before the next route is taken.
    package var congestionDelay = Duration.seconds(60)
    /// The wait after a call that could not begin on this machine.
    package var notDialledDelay = Duration.seconds(10)
    /// What a wait is multiplied by each time that the same happens again, 1 or more.
    package var growth = 1.5
    /// No wait grows beyond it; nor is a far end heeded that asks for more.
    package var longestDelay = Duration.seconds(3600)
    /// A wait differs by so much at random, 0 to 0.5, so that what failed together does not come back together.
    package var jitter = 0.1

    /// Successive calls to a number that does not answer, before it is left alone for ``pause`` (47 CFR 68.318(b)); nil: no limit.
    package var unansweredCeiling: Int? = 2
    /// The same where every one of them found it busy; nil: no limit.
    package var busyCeiling: Int? = 15
    /// How long a number is left alone then, at least.
    package var pause = Duration.seconds(3600)

    package init() {}

    /// The same with all waits and the pause shortened: for the sandbox, where nobody is disturbed.
    /// - Parameter percent: of each wait, 1 to 100.
    package func shortened(to percent: Int) -> RetryPolicy {
        var policy = self
        for wait in [
            \RetryPolicy.busyDelay, \.noAnswerDelay, \.notFaxDelay, \.protocolErrorDelay, \.congestionDelay, \.notDialledDelay,
            \.longestDelay,
            \.pause,
        ] {
            policy[keyPath: wait] = policy[keyPath: wait] * percent / 100
        }
        return policy
    }

    /// What follows a call that is over.
    /// - Parameters:
    ///   - progress: the counters before this call.
    ///   - notAfter: no call begins after it.
    ///   - now: when the call ended.
    ///   - generator: for the jitter; one number is drawn at most.
    package func decide(
        after outcome: AttemptOutcome, facts: AttemptFacts, progress: RetryProgress, terms: FaxTerms, notAfter: Timestamp, now: Timestamp,
        using generator: inout some RandomNumberGenerator
    ) -> RetryDecision {
        var progress = progress
        switch outcome {
        case .delivered:
            progress.dials += 1
            // The rung stays: what worked is remembered for the destination.
            progress.endSeries()
            return RetryDecision(next: .noMore, progress: progress)
        case .unknown:
            // The call is counted when it is known what came of it.
            return RetryDecision(next: .hold, progress: progress)
        case .interrupted, .notDialled:
            progress.advance(to: facts.confirmed, isTry: false)
            let delay = outcome == .notDialled ? jittered(notDialledDelay, using: &generator) : .zero
            return again(after: delay, progress: progress, terms: terms, notAfter: notAfter, now: now)
        case .failed(.incapable):
            return afterRefusal(facts: facts, progress: progress, terms: terms, notAfter: notAfter, now: now)
        case .failed(let cause):
            progress.dials += 1
            progress.failures += 1
            progress.advance(to: facts.confirmed, isTry: cause == .protocolError)
            let (delay, isForAll) = wait(after: cause, facts: facts, progress: &progress, using: &generator)
            var decision = afterFailure(cause, delay: delay, progress: progress, terms: terms, notAfter: notAfter, now: now)
            if isForAll { decision.laneDueAt = now.advanced(by: delay) }
            return decision
        }
    }

    // MARK: - Limits

    private func afterFailure(
        _ cause: FailureCause, delay: Duration, progress: RetryProgress, terms: FaxTerms, notAfter: Timestamp, now: Timestamp
    ) -> RetryDecision {
        func noMore(_ reason: String?) -> RetryDecision { RetryDecision(next: .noMore, progress: progress, reason: reason) }
        let maximumDials = terms.maximumDials ?? maximumDials
        let maximumTries = terms.maximumTries ?? maximumTries
        switch cause {
        case .unallocated, .rejected: return noMore(nil)
        case .stationMismatch: return RetryDecision(next: .hold, progress: progress, hold: .stationMismatch)
        case .notFax where progress.humans >= maximumHumans: return RetryDecision(next: .hold, progress: progress, hold: .notFax)
        case .protocolError where progress.tries >= maximumTries:
            let calls = progress.tries == 1 ? "1 call" : "\(progress.tries) calls"
            return noMore("Page \(progress.page + 1) was not confirmed in \(calls).")
        case _ where progress.dials >= maximumDials: return noMore("\(callsWereMade(progress.dials)), as many as it may take.")
        default: return again(after: delay, progress: progress, terms: terms, notAfter: notAfter, now: now)
        }
    }

    /// The far machine does not take these pages: they are made anew once, and this call counts for nothing.
    private func afterRefusal(
        facts: AttemptFacts, progress: RetryProgress, terms: FaxTerms, notAfter: Timestamp, now: Timestamp
    ) -> RetryDecision {
        var progress = progress
        progress.endSeries()
        progress.advance(to: facts.confirmed, isTry: false)
        guard facts.isReducible, !progress.isReduced else {
            progress.dials += 1
            progress.failures += 1
            return RetryDecision(next: .noMore, progress: progress)
        }
        progress.isReduced = true
        var decision = again(after: .zero, progress: progress, terms: terms, notAfter: notAfter, now: now)
        decision.isReduced = decision.next == .again
        return decision
    }

    private func again(
        after delay: Duration, progress: RetryProgress, terms: FaxTerms, notAfter: Timestamp, now: Timestamp
    ) -> RetryDecision {
        let earliest = max(now.advanced(by: delay), terms.sendAt ?? now)
        let due = terms.hours?.next(at: earliest) ?? earliest
        guard due <= notAfter else {
            let reason = "The next call would begin after the fax's last moment, \(notAfter). \(callsWereMade(progress.dials))."
            return RetryDecision(next: .noMore, progress: progress, reason: reason)
        }
        return RetryDecision(next: .again, progress: progress, dueAt: due)
    }

    private func callsWereMade(_ count: Int) -> String { count == 1 ? "1 call was made" : "\(count) calls were made" }
}
