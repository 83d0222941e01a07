package import FaxModel

/// What becomes of a fax, as far as its number goes.
package enum RecipientVerdict: Sendable, Equatable {
    /// It may go.
    case send(PhoneNumber, warnings: [RecipientWarning], expectedStation: String?)
    /// It is accepted, and waits for a person.
    case hold(PhoneNumber, HoldReason, expectedStation: String?)
    case refuse(RecipientRefusal)
}

/// Why no fax goes to a number.
package enum RecipientRefusal: Error, Sendable, Hashable {
    /// What is wrong with it, in a sentence.
    case badNumber(String)
    /// It has an extension, behind which no fax machine is reached.
    case hasExtension
    case international
    case premiumRate
    case denied
    case doNotFax
    case retired
    /// Its recipient has another number, if somebody said which.
    case changed(PhoneNumber?)
    case notListed
    /// The key has sent its faxes of the day; the next day begins after that long.
    case dailyCap(Int, next: Duration)

    /// For programs: it does not change.
    package var code: String {
        switch self {
        case .badNumber: "bad_number"
        case .hasExtension: "number_has_extension"
        case .international: "international_off"
        case .premiumRate: "premium_rate"
        case .denied: "recipient_denied"
        case .doNotFax: "do_not_fax"
        case .retired: "number_retired"
        case .changed: "number_changed"
        case .notListed: "recipient_not_listed"
        case .dailyCap: "daily_cap"
        }
    }

    /// What is wrong and what to do, without the number.
    package var sentence: String {
        switch self {
        case .badNumber(let sentence): sentence
        case .hasExtension: "A fax machine cannot be reached behind an extension. Give the number of its own line."
        case .international: "Faxes to other countries are off. An administrator can allow them (FAXLOCK_INTERNATIONAL)."
        case .premiumRate: "Calls to this number cost extra. An administrator can put it on the list of allowed recipients."
        case .denied: "An administrator has barred this number."
        case .doNotFax: "The recipient asked not to get faxes at this number."
        case .retired: "This number is not the recipient's any more. Find out the new one."
        case .changed(nil): "The recipient has another number now. Find out which."
        case .changed: "The recipient has another number now. POST /recipients/check, or faxlock recipients check, tells which."
        case .notListed: "Faxes go to listed recipients only, and this number is not on the list. An administrator can add it."
        case .dailyCap(let limit, _): "This key has sent its \(limit) faxes of today. Try again tomorrow."
        }
    }

    /// When trying again may help.
    package var retryAfter: Duration? {
        if case .dailyCap(_, let next) = self { next } else { nil }
    }

    /// The status of HTTP that says so.
    package var status: Int {
        switch self {
        case .badNumber, .hasExtension: 400
        case .dailyCap: 429
        default: 403
        }
    }
}
