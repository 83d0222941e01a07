package import FaxModel

/// A place where a client is told of events.
package struct WebhookEndpoint: Sendable, Equatable {
    package let id: String
    /// The key of whose faxes it is told: its id, or `bootstrap`.
    package let owner: String
    /// The key or person who made it; where it is told of all faxes, that takes their right to see all.
    package let madeBy: String
    /// Whether it is told of all faxes, sent or received.
    package let isAll: Bool
    /// The types that it is told of; empty: all but ``untold``.
    package let events: [String]
    /// Kept sealed: paths hold tokens.
    package let url: String
    package let createdAt: Timestamp
    /// Since when nothing goes there, because it answered 410.
    package let disabledAt: Timestamp?

    /// Told only to who asks for it: there is one a page.
    package static let untold: Set = [FaxEventType.pageConfirmed.rawValue]

    package init(
        id: String, owner: String, madeBy: String, isAll: Bool, events: [String], url: String, createdAt: Timestamp,
        disabledAt: Timestamp? = nil
    ) {
        self.id = id
        self.owner = owner
        self.madeBy = madeBy
        self.isAll = isAll
        self.events = events
        self.url = url
        self.createdAt = createdAt
        self.disabledAt = disabledAt
    }

    /// Whether somebody who asked for `events` is told of this type.
    static func isTold(_ type: String, of events: [String]) -> Bool {
        events.isEmpty ? !untold.contains(type) : events.contains(type)
    }
}
