package import FaxModel

/// A fax that is not at its end, and for what it waits.
package struct WaitingFax: Sendable {
    /// For what a fax waits. The words are the API's.
    package enum Reason: Sendable, Hashable {
        /// It is in a call.
        case calling
        /// Nothing but a free line.
        case line
        /// The moment of its next call.
        case pause
        /// Nobody calls its destination before a moment, because of calls that were not answered.
        case destination
        /// Its recipient's hours.
        case hours
        /// A page worker makes pages of it.
        case rendering
        /// A page worker.
        case renderer
        /// The moment that the client named.
        case scheduled
        /// A person, who looks at it.
        case held(HoldReason?)
        /// A person, who says what came of it.
        case unknown

        package var word: String {
            switch self {
            case .calling: "calling"
            case .line: "line"
            case .pause: "pause"
            case .destination: "destination"
            case .hours: "hours"
            case .rendering: "rendering"
            case .renderer: "renderer"
            case .scheduled: "scheduled"
            case .held: "held"
            case .unknown: "unknown"
            }
        }
    }

    package let fax: FaxRecord
    package let reason: Reason
    /// Before which it does not go; nil where that is not known or is past.
    package let until: Timestamp?
    /// When anything last happened to it.
    package let movedAt: Timestamp
    /// Faxes to the same number that go after it, counted up to ``mostBehind``.
    package let behind: Int

    package static let mostBehind = 100
}

/// What ``FaxStore/waiting(_:limit:)`` is narrowed to.
package enum WaitingFilter: String, Sendable, Hashable, CaseIterable {
    /// Waits for a person's consent.
    case held
    /// Waits for a person's finding.
    case unknown
    /// Has not moved past its deadline.
    case stalled
}
