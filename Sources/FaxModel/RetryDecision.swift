/// What is known of a call when it is over, beside its outcome.
package struct AttemptFacts: Sendable, Hashable {
    /// The first page that was not confirmed after the call, counted from 0 in the whole document.
    package var confirmed: Int
    /// How long the far end asked to be left alone (SIP Retry-After, HTTP 429).
    package var retryAfter: Duration?
    /// How many routes lead to the number.
    package var routes: Int
    /// Calls to the number by other faxes since it last answered or was left alone for ``RetryPolicy/pause``.
    package var othersUnanswered: Int
    /// Whether the pages can be made anew at a lower resolution.
    package var isReducible: Bool

    package init(
        confirmed: Int = 0, retryAfter: Duration? = nil, routes: Int = 1, othersUnanswered: Int = 0,
        isReducible: Bool = true
    ) {
        self.confirmed = confirmed
        self.retryAfter = retryAfter
        self.routes = routes
        self.othersUnanswered = othersUnanswered
        self.isReducible = isReducible
    }
}

/// What follows a call, as ``RetryPolicy`` has it.
package struct RetryDecision: Sendable, Hashable {
    package var next: FaxEvent.AfterAttempt
    /// The counters with this call in them.
    package var progress: RetryProgress
    /// When the next call may begin: within the recipient's hours and not after the fax's last moment. Set when `next` is `again`.
    package var dueAt: Timestamp?
    /// For what a person is asked. Set when `next` is `hold` after a failed call.
    package var hold: HoldReason?
    /// What kept the next call from being made (calls, tries, time), where the cause of the last one does not say it all: sentences for the
    /// job's `error`, without number, name or text.
    package var reason: String?
    /// Whether the pages are to be made anew at standard resolution before the next call.
    package var isReduced: Bool
    /// No fax at all calls this number before: nobody answered it, it was busy, or a person was disturbed.
    package var laneDueAt: Timestamp?

    package init(
        next: FaxEvent.AfterAttempt, progress: RetryProgress, dueAt: Timestamp? = nil, hold: HoldReason? = nil, reason: String? = nil,
        isReduced: Bool = false, laneDueAt: Timestamp? = nil
    ) {
        self.next = next
        self.progress = progress
        self.dueAt = dueAt
        self.hold = hold
        self.reason = reason
        self.isReduced = isReduced
        self.laneDueAt = laneDueAt
    }
}
