package import FaxModel

/// What is known of a number, or of all numbers that begin alike. PHI: it is stored sealed, and prints itself without the number.
package struct RecipientRecord: Sendable, Equatable, CustomStringConvertible {
    /// Whether faxes may go there.
    package enum Status: String, Sendable, Hashable, CaseIterable {
        /// In the directory; the rules decide.
        case known
        /// An operator vouches for it.
        case allowed
        case denied
        /// The recipient asked not to get faxes (47 CFR 64.1200(a)(4)).
        case doNotFax = "do_not_fax"
        /// The recipient has another number now.
        case changed
        /// The number is nobody's any more, or somebody else's.
        case retired

        /// Whether nothing goes there.
        package var isRefused: Bool { self != .known && self != .allowed }
    }

    /// As it is dialled; of a prefix, `+` and the first digits.
    package let number: String
    package let isPrefix: Bool
    package var status: Status
    package var name: String?
    /// What the machine that answers there calls itself.
    package var expectedStation: String?
    /// Why it has its status.
    package var reason: String?
    /// Where faxes go instead, if somebody knows.
    package var newNumber: String?
    /// Since when it has its status: for ``Status/doNotFax``, the day of the request.
    package var since: Timestamp
    /// The key or person who confirmed that this is the recipient's number.
    package var confirmedBy: String?
    package var confirmedAt: Timestamp?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp

    package var description: String { "recipient (\(status.rawValue))" }
}

/// What somebody wants to be known of a number; what is nil stays as it is, and an empty text goes.
package struct RecipientChange: Sendable, Equatable {
    package let number: String
    package let isPrefix: Bool
    package var status: RecipientRecord.Status?
    package var name: String?
    package var expectedStation: String?
    package var reason: String?
    package var newNumber: String?
    package var since: Timestamp?

    package init(number: String, isPrefix: Bool = false, status: RecipientRecord.Status? = nil) {
        self.number = number
        self.isPrefix = isPrefix
        self.status = status
    }
}

/// What the rules on recipients ask of the store about one number.
package struct RecipientFacts: Sendable, Equatable {
    package var entry: RecipientRecord?
    /// Of the longest prefix of the number that is listed.
    package var prefix: RecipientRecord?
    /// A fax from this mailbox was delivered there before.
    package var wasReached = false
    /// It differs by one digit, or by two neighbours changing places, from a number in use.
    package var isOneDigitOff = false

    package init() {}
}
