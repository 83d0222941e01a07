package import FaxModel

/// What an entry of `fax_events` tells: the words of webhooks and event streams. They are never renamed.
package enum FaxEventType: String, Sendable, Hashable, CaseIterable {
    case accepted = "fax.accepted"
    case rendering = "fax.rendering"
    case scheduled = "fax.scheduled"
    case queued = "fax.queued"
    case held = "fax.held"
    case sending = "fax.sending"
    case pageConfirmed = "fax.page_confirmed"
    case attemptEnded = "fax.attempt_ended"
    case delivered = "fax.delivered"
    case failed = "fax.failed"
    case cancelled = "fax.cancelled"
    case unknown = "fax.unknown"
    case disabled = "fax.disabled"
    /// It has not moved past its deadline.
    case stalled = "fax.stalled"
    case inboundReceived = "inbound.received"

    /// Told when a fax comes into `state`.
    package init(_ state: FaxState) {
        self =
            switch state {
            case .accepted: .accepted
            case .rendering: .rendering
            case .scheduled: .scheduled
            case .queued: .queued
            case .held: .held
            case .sending: .sending
            case .delivered: .delivered
            case .failed: .failed
            case .cancelled: .cancelled
            case .unknown: .unknown
            case .disabled: .disabled
            }
    }
}

/// One entry of `fax_events`.
package struct FaxEventRecord: Sendable, Hashable {
    /// Grows with time.
    package let id: Int64
    /// The fax, sent or received.
    package let fax: FaxID
    package let at: Timestamp
    /// A ``FaxEventType``'s word.
    package let type: String
    /// A flat JSON object without PHI.
    package let data: String
}
