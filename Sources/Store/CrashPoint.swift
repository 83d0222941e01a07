#if DEBUG
    import Glibc
    import Synchronization
#endif

/// Instants in the life of a fax at which a power cut tells most: the crash campaign (`make campaign`) ends the server at each of them and
/// looks at what the next start makes of it.
///
/// In debug builds the environment variable `FAXLOCK_CRASH_POINT` names one (`name`, or `name:3` for the third time it is reached). In
/// release builds ``reach(_:)`` is nothing, and the variable is refused like every other name that is no setting.
package enum CrashPoint: String, CaseIterable, Sendable {
    /// An upload's blob is durable, and no row names it.
    case uploadSealed = "upload_sealed"
    /// The fax is in the database; nobody was told.
    case acceptCommitted = "accept_committed"
    /// The answer 202 is made and not yet written to the client.
    case acceptAnswered = "accept_answered"
    /// The fax is marked as being rendered.
    case renderingStarted = "rendering_started"
    /// The pages' blob is durable, and no row names it.
    case pagesSealed = "pages_sealed"
    /// The fax has its pages and waits for a line.
    case renderCommitted = "render_committed"
    /// A fax was taken from the queue; nothing of that is in the database.
    case claimed = "claim"
    /// The image that will be transmitted is durable, and no row names it.
    case imageSealed = "image_sealed"
    /// All is ready for the intent's commit.
    case beforeIntent = "before_intent"
    /// The intent is durable; no byte of the call has left.
    case intentCommitted = "intent_committed"
    /// The far end answered, and this is in the database.
    case callAnswered = "call_answered"
    /// Both machines agreed on how to talk.
    case callNegotiated = "call_negotiated"
    /// A page's confirmation is in the database.
    case pageConfirmed = "page_confirmed"
    /// The call is over; its outcome is not in the database.
    case callEnded = "call_ended"
    /// The outcome is in the database.
    case outcomeCommitted = "outcome_committed"
    /// A call's own record said what came of it, and this is in the database; the record is still there.
    case reconciled = "reconciled"
    /// The client's withdrawal is in the database; what it means for a call under way is not done.
    case cancelCommitted = "cancel_committed"
    /// What happened was made into messages to receivers.
    case webhooksMade = "webhooks_made"
    /// A receiver answered; its answer is not in the database.
    case webhookPosted = "webhook_posted"
    /// The answer is in the database.
    case webhookCommitted = "webhook_committed"
    /// A received page is durable; it was not confirmed to the sender yet.
    case inboundPageStored = "inbound_page_stored"
    /// A received fax's blob is durable, and no row names it.
    case inboundSealed = "inbound_sealed"
    /// A received fax is in the inbox; its last page was not confirmed to the sender yet.
    case inboundReceived = "inbound_received"

    /// Ends this process with SIGKILL when `FAXLOCK_CRASH_POINT` says so: no handler runs, no buffer is written, nothing is closed.
    #if DEBUG
        package static func reach(_ point: CrashPoint) {
            guard let order, order.point == point, reached.add(1, ordering: .relaxed).newValue == order.time else { return }
            kill(getpid(), SIGKILL)
        }
    #else
        @inlinable
        package static func reach(_ point: CrashPoint) {}
    #endif

    #if DEBUG
        /// The environment variable; it is no setting.
        package static let variable = "FAXLOCK_CRASH_POINT"

        private static let reached = Atomic(0)
        private static let order: (point: CrashPoint, time: Int)? = getenv(variable).flatMap { parse(String(cString: $0)) }

        /// `name` or `name:time`, `time` from 1. What is neither ends nothing, which the campaign tells from a point that was survived: the
        /// server lives on.
        static func parse(_ text: String) -> (point: CrashPoint, time: Int)? {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard let name = parts.first, let point = CrashPoint(rawValue: String(name)), parts.count <= 2 else { return nil }
            guard parts.count == 2 else { return (point, 1) }
            guard let time = Int(parts[1]), time >= 1 else { return nil }
            return (point, time)
        }
    #endif
}
