/// What can happen to an outbound fax.
package enum FaxEvent: Sendable, Hashable {
    case renderingStarted
    /// The process stopped while rendering.
    case renderingInterrupted
    /// Its pages are ready.
    case rendered(Wait)
    /// The document has no pages that can be faxed.
    case notFaxable
    /// The time that the client named has come.
    case due
    /// Committed before the first network byte of a call.
    case attemptIntended
    /// A call is over, and what the retry policy makes of it.
    case attemptEnded(AttemptOutcome, AfterAttempt)
    /// The far machine does not take these pages: they are made anew.
    case rerenderingNeeded
    /// Its last moment passed before a call succeeded.
    case lapsed
    case held
    /// A person lets it go.
    case released
    case cancelled
    /// An unknown outcome is known now.
    case reconciled(Finding)
    /// A backup was put in place of what the server knew after it.
    case restoredFromBackup

    /// For what a fax waits whose pages are ready.
    package enum Wait: Sendable, Hashable, CaseIterable {
        case line, time, person

        var state: FaxState {
            switch self {
            case .line: .queued
            case .time: .scheduled
            case .person: .held
            }
        }
    }

    /// What follows a call that did not deliver.
    package enum AfterAttempt: Sendable, Hashable, CaseIterable {
        /// Another call, at its time.
        case again
        /// No other call.
        case noMore
        /// A person must look.
        case hold
        /// The client withdrew it during the call.
        case cancelled

        /// `delivered` and `unknown` are facts, whatever is wished.
        func state(after outcome: AttemptOutcome) -> FaxState {
            switch (outcome, self) {
            case (.delivered, _): .delivered
            case (.unknown, _): .unknown
            case (_, .cancelled): .cancelled
            case (_, .again): .queued
            case (.interrupted, .hold), (.notDialled, .hold): .queued
            case (.interrupted, .noMore), (.notDialled, .noMore): .failed
            case (.failed, .hold): .held
            case (.failed, .noMore): .failed
            }
        }
    }

    /// What a call record or a person found out about an unknown outcome.
    package enum Finding: String, Sendable, Hashable, CaseIterable {
        /// Every page arrived.
        case delivered
        /// It did not arrive whole, and what is left may be sent.
        case notDelivered = "not_delivered"
        /// It did not arrive, or nobody can say, and it is not to be sent.
        case abandoned

        var state: FaxState {
            switch self {
            case .delivered: .delivered
            case .notDelivered: .queued
            case .abandoned: .failed
            }
        }
    }
}
