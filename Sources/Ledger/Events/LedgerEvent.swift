/// Something that happened, before it has a place in the ledger. No PHI is in it: numbers and names only as pseudonyms.
package struct LedgerEvent: Sendable, Hashable {
    package let initiator: Initiator
    package let action: LedgerAction
    /// What it happened to, as `fax/0193...` or `key/5f...`.
    package let object: String
    package let outcome: Outcome
    /// Facts about the event by name; printed sorted by name.
    package let details: [String: LedgerValue]

    package init(
        _ action: LedgerAction, object: String, by initiator: Initiator, outcome: Outcome = .success,
        details: [String: LedgerValue] = [:]
    ) {
        self.action = action
        self.object = object
        self.initiator = initiator
        self.outcome = outcome
        self.details = details
    }

    /// How it ended.
    package enum Outcome: String, Sendable, Hashable {
        case success
        case failure
        /// Refused by a rule of access.
        case denied
        /// It cannot be known: a call that a crash cut.
        case unknown
    }
}

/// A fact in the details of an event.
package enum LedgerValue: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    case text(String)
    case integer(Int64)
    case boolean(Bool)

    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
}
