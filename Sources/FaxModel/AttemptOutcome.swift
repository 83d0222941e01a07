/// How a call ended for the fax.
package enum AttemptOutcome: Sendable, Hashable {
    /// T.30 phase E without error, and as many pages confirmed as the document has. Nothing else is a delivery.
    case delivered
    case failed(FailureCause)
    /// This side ended the call on purpose before its end (the server was told to stop). What the far machine confirmed is known, and the
    /// fax goes on from there in another call.
    case interrupted
    /// Nothing left this machine (no descriptor or process to be had, or the server was told to stop first), so the fax stays in the queue.
    case notDialled
    /// The process that held the call went away after the intent was committed.
    case unknown

    /// The outcome in the light of what was really confirmed: nothing else than every page is a delivery, and of a fax of which every page
    /// was confirmed there is no second call.
    package func judged(confirmed: Int, pages: Int) -> AttemptOutcome {
        switch self {
        case .delivered where confirmed != pages: .failed(.protocolError)
        case .interrupted where confirmed >= pages, .failed where confirmed >= pages: .unknown
        default: self
        }
    }

    /// The word in the database and the API.
    package var name: String {
        switch self {
        case .delivered: "delivered"
        case .failed: "failed"
        case .interrupted: "interrupted"
        case .notDialled: "not_dialled"
        case .unknown: "unknown"
        }
    }
}

/// Why an attempt failed, in the words of the retry table.
package enum FailureCause: String, Sendable, Hashable, Codable, CaseIterable {
    /// SIP 486 or 600.
    case busy
    /// SIP 408 or 480, or nobody answered in time.
    case noAnswer = "no_answer"
    /// SIP 404, 484, 604: no such number.
    case unallocated
    /// SIP 403, 603, 607 and the like: the far end will not take the call.
    case rejected
    /// Answered, but not by a fax machine (T.30 T0/T1 ran out).
    case notFax = "not_a_fax_machine"
    /// Answered, but no agreement on T.38.
    case media = "media_not_agreed"
    /// SIP 5xx, transport failure.
    case congestion
    /// T.30 failed in mid-call.
    case protocolError = "t30_error"
    /// The far machine does not take this resolution or page size.
    case incapable
    /// The machine that answered does not call itself what was expected; no page was sent.
    case stationMismatch = "station_mismatch"
    /// The line's own worker process died or could not be started.
    case line = "line_failure"

    /// One sentence for the job's `error`, without anything of the fax in it.
    package var sentence: String {
        switch self {
        case .busy: "The number was busy."
        case .noAnswer: "Nobody answered."
        case .unallocated: "The number does not exist."
        case .rejected: "The far end refused the call."
        case .notFax: "The call was answered, but not by a fax machine."
        case .media: "The far end answered, but no way to carry the fax (T.38) was agreed."
        case .congestion: "The telephone network could not complete the call."
        case .protocolError: "The fax call broke off."
        case .incapable: "The far machine does not take this resolution or page size."
        case .stationMismatch: "Another machine answered than was expected; no page was sent."
        case .line: "The line's worker process failed."
        }
    }
}
