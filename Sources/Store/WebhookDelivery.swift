package import FaxModel

/// A message to a receiver, and how far it got.
package struct WebhookDelivery: Sendable, Equatable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        /// It is posted, again perhaps, when it is due.
        case pending
        /// The receiver answered 2xx.
        case delivered
        /// Given up; it can be replayed.
        case dead
    }

    /// Its `webhook-id`, the same at each attempt and replay.
    package let id: String
    /// The endpoint; nil for a fax's callback_url.
    package let endpoint: String?
    package let owner: String
    package let type: String
    package let state: State
    /// Since it was made or replayed.
    package let attempts: Int
    /// When it is posted next, where it is pending.
    package let dueAt: Timestamp
    /// The last answer's status.
    package let lastStatus: Int?
    /// Why there was no answer, in a word.
    package let lastFailure: String?
    package let createdAt: Timestamp
    package let endedAt: Timestamp?
}

/// A message that is due, with all that posting it takes.
package struct WebhookJob: Sendable {
    package let id: String
    /// Receivers are told apart by it.
    package let target: String
    /// Empty where it cannot be opened.
    package let url: String
    package let body: String
    /// Attempts made so far.
    package let attempts: Int
    /// Those that sign now, the newest first.
    package let secrets: [String]
    /// Whether its owner may still be told: their key was neither revoked nor has expired, or they themselves were not revoked. For an
    /// endpoint of all faxes, whether its maker may, too.
    package let isOwnerGood: Bool
}

/// What became of an attempt to deliver a message.
package enum WebhookVerdict: Sendable, Equatable {
    case delivered(status: Int?)
    case again(at: Timestamp, status: Int?, failure: String?)
    case dead(status: Int?, failure: String?)
    /// 410: nothing more goes to that endpoint.
    case gone
}
