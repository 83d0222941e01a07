/// Where an outbound fax is. The only way from one state to another is ``applying(_:)``.
package enum FaxState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Durable; the client has its 202.
    case accepted
    /// A page worker makes fax pages of the document.
    case rendering
    /// Pages are ready; it goes at the time that the client named.
    case scheduled
    /// Pages are ready; waits for a line.
    case queued
    /// Pages are ready, and a person must say whether it goes.
    case held
    /// An attempt is under way: its intent is committed and the far machine may be reading.
    case sending
    /// The far machine confirmed every page (T.30 MCF). Terminal.
    case delivered
    /// It will not be delivered, and why is known. Terminal.
    case failed
    /// Withdrawn. Terminal.
    case cancelled
    /// Its outcome was lost with a server, a provider or a restored database: it may have been delivered. Never dialled again by itself.
    case unknown
    /// Accepted while `FAX_DISABLED` was set: kept, not sent. Terminal.
    case disabled

    /// Terminal states never change; a late or repeated report is evidence only.
    package var isTerminal: Bool {
        switch self {
        case .delivered, .failed, .cancelled, .disabled: true
        case .accepted, .rendering, .scheduled, .queued, .held, .sending, .unknown: false
        }
    }

    /// The state after `event`, or nil where the event changes nothing here.
    package func applying(_ event: FaxEvent) -> FaxState? {
        switch (self, event) {
        case (.accepted, .renderingStarted): .rendering
        case (.rendering, .rendered(let wait)): wait.state
        case (.accepted, .notFaxable), (.rendering, .notFaxable): .failed
        // A restart finds documents in mid-rendering; nothing has left the house, so it begins again.
        case (.rendering, .renderingInterrupted): .accepted
        case (.scheduled, .due): .queued
        case (.queued, .attemptIntended): .sending
        case (.sending, .attemptEnded(let outcome, let next)): next.state(after: outcome)
        case (.queued, .rerenderingNeeded): .accepted
        case (.queued, .lapsed), (.scheduled, .lapsed): .failed
        case (.queued, .held), (.scheduled, .held): .held
        case (.held, .released): .queued
        case (.accepted, .cancelled), (.rendering, .cancelled), (.scheduled, .cancelled), (.queued, .cancelled), (.held, .cancelled):
            .cancelled
        // A record or a person says what came of it.
        case (.unknown, .reconciled(let finding)): finding.state
        // What waited when the backup was made may have been sent since: a person must find out.
        case (.accepted, .restoredFromBackup), (.rendering, .restoredFromBackup), (.scheduled, .restoredFromBackup),
            (.queued, .restoredFromBackup), (.held, .restoredFromBackup), (.sending, .restoredFromBackup):
            .unknown
        default: nil
        }
    }

    /// The word that clients of the Faxbot contract know.
    ///
    /// `unknown` is shown as `in_progress`: a client that saw `FAILED` might send a second copy by itself.
    package var contractStatus: String {
        switch self {
        case .accepted, .rendering, .scheduled, .queued, .held: "queued"
        case .sending, .unknown: "in_progress"
        case .delivered: "SUCCESS"
        case .failed, .cancelled: "FAILED"
        case .disabled: "disabled"
        }
    }
}
