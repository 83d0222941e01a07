extension RetryPolicy {
    /// How long after a failed call the next one may begin, and whether that holds for every fax to the number. Counts the call in `progress`.
    func wait(
        after cause: FailureCause, facts: AttemptFacts, progress: inout RetryProgress, using generator: inout some RandomNumberGenerator
    ) -> (delay: Duration, isForAll: Bool) {
        switch cause {
        case .busy:
            progress.busy += 1
            return (waitUnanswered(grown(busyDelay, times: progress.busy - 1), facts, &progress, using: &generator), true)
        case .noAnswer:
            progress.noAnswer += 1
            return (waitUnanswered(grown(noAnswerDelay, times: progress.noAnswer - 1), facts, &progress, using: &generator), true)
        case .notFax:
            progress.humans += 1
            progress.endSeries()
            // Whoever was called twice for this fax is not to be called for the next one a moment later.
            guard progress.humans < maximumHumans || unansweredCeiling == nil else { return (paused(using: &generator), true) }
            return (jittered(grown(notFaxDelay, times: progress.humans - 1), using: &generator), true)
        case .protocolError:
            progress.endSeries()
            progress.rung = min(max(progress.rung, 0) + 1, CallMode.ladder.count - 1)
            return (jittered(protocolErrorDelay, using: &generator), false)
        case .congestion, .media, .line:
            return (waitForRoute(cause, facts, &progress, using: &generator), false)
        case .stationMismatch, .incapable:
            progress.endSeries()
            return (.zero, false)
        case .unallocated, .rejected: return (.zero, false)
        }
    }

    /// 47 CFR 68.318(b): two successive attempts, thirteen more if each of them finds the number busy, then an hour's pause.
    private func waitUnanswered(
        _ delay: Duration, _ facts: AttemptFacts, _ progress: inout RetryProgress, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let attempts = progress.busy + progress.noAnswer + max(facts.othersUnanswered, 0)
        let ceiling = progress.noAnswer == 0 ? busyCeiling : unansweredCeiling
        guard let ceiling, attempts >= ceiling else { return jittered(delay, using: &generator) }
        progress.endSeries()
        return paused(using: &generator)
    }

    /// The next route is taken soon. The wait grows with every round over all of them; a far end's wish is heeded where there is no other.
    private func waitForRoute(
        _ cause: FailureCause, _ facts: AttemptFacts, _ progress: inout RetryProgress, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let routes = max(facts.routes, 1)
        progress.route = (max(progress.route, 0) % routes + 1) % routes
        if cause == .media, progress.route == 0, let audio = CallMode.ladder.firstIndex(where: { $0.media == .audio }) {
            // No route agreed on T.38: it is not offered any more.
            progress.rung = max(progress.rung, audio)
        }
        let delay = jittered(grown(congestionDelay, times: (progress.failures - 1) / routes), using: &generator)
        guard routes == 1, let wish = facts.retryAfter else { return delay }
        return max(delay, min(wish, longestDelay))
    }

    private func grown(_ delay: Duration, times: Int) -> Duration {
        var delay = delay
        for _ in 0..<max(times, 0) where delay < longestDelay { delay = delay * max(growth, 1) }
        return min(delay, longestDelay)
    }

    /// Within ``jitter`` of `delay`, on both sides.
    func jittered(_ delay: Duration, using generator: inout some RandomNumberGenerator) -> Duration {
        let share = min(max(jitter, 0), 0.5)
        return delay * Double.random(in: 1 - share...1 + share, using: &generator)
    }

    /// ``pause`` or a little longer: the rule says "at least".
    private func paused(using generator: inout some RandomNumberGenerator) -> Duration {
        pause * Double.random(in: 1...1 + min(max(jitter, 0), 0.5), using: &generator)
    }
}

extension RetryProgress {
    /// Successive calls in vain are counted anew: somebody answered, or the number was left alone for long.
    mutating func endSeries() {
        busy = 0
        noAnswer = 0
    }

    /// Takes note of how far the document got. A try counts for the page at which it ended.
    mutating func advance(to confirmed: Int, isTry: Bool) {
        if confirmed > page {
            page = confirmed
            tries = 0
        }
        if isTry { tries += 1 }
    }
}
