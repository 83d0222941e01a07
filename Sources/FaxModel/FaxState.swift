/// Where an outbound fax is. The only way from one state to another is ``applying(_:)``.
package enum FaxState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Durable; the client has its 202.
    case accepted
    /// A page worker makes fax pages of the document.
    case rendering
    /// Pages are ready; waits for a line.
    case queued
    /// An attempt is under way: its intent is committed and the far machine may be reading.
    case sending
    /// The far machine confirmed every page (T.30 MCF). Terminal.
    case delivered
    /// It will not be delivered, and why is known. Terminal.
    case failed
    /// Withdrawn before a call was made. Terminal.
    case cancelled
    /// Its outcome was lost with a server or a restored database: it may have been delivered. Never dialled again by itself.
    case unknown
    /// Accepted while `FAX_DISABLED` was set: kept, not sent. Terminal.
    case disabled

    /// Terminal states never change; a late or repeated report is evidence only.
    package var isTerminal: Bool {
        switch self {
        case .delivered, .failed, .cancelled, .disabled: true
        case .accepted, .rendering, .queued, .sending, .unknown: false
        }
    }

    /// The state after `event`, or nil where the event changes nothing here.
    package func applying(_ event: FaxEvent) -> FaxState? {
        switch (self, event) {
        case (.accepted, .renderingStarted): .rendering
        case (.rendering, .rendered): .queued
        case (.accepted, .notFaxable), (.rendering, .notFaxable): .failed
        // A restart finds documents in mid-rendering; nothing has left the house, so it begins again.
        case (.rendering, .renderingInterrupted): .accepted
        case (.queued, .attemptIntended): .sending
        case (.sending, .attemptEnded(let outcome)): outcome.state
        case (.accepted, .cancelled), (.rendering, .cancelled), (.queued, .cancelled): .cancelled
        // What waited when the backup was made may have been sent since: a person must find out.
        case (.accepted, .restoredFromBackup), (.rendering, .restoredFromBackup), (.queued, .restoredFromBackup),
            (.sending, .restoredFromBackup):
            .unknown
        default: nil
        }
    }

    /// The word that clients of the Faxbot contract know.
    ///
    /// `unknown` is shown as `in_progress`: a client that saw `FAILED` might send a second copy by itself.
    package var contractStatus: String {
        switch self {
        case .accepted, .rendering, .queued: "queued"
        case .sending, .unknown: "in_progress"
        case .delivered: "SUCCESS"
        case .failed, .cancelled: "FAILED"
        case .disabled: "disabled"
        }
    }
}

/// What can happen to an outbound fax.
package enum FaxEvent: Sendable, Hashable {
    case renderingStarted
    /// The process stopped while rendering.
    case renderingInterrupted
    case rendered
    /// The document has no pages that can be faxed.
    case notFaxable
    /// Committed before the first network byte of a call.
    case attemptIntended
    case attemptEnded(AttemptOutcome)
    case cancelled
    /// A backup was put in place of what the server knew after it.
    case restoredFromBackup
}
