/// What a sender should look at, although the fax goes. Without the number.
package enum RecipientWarning: String, Sendable, Hashable, CaseIterable {
    /// The number lies in no range that is in use.
    case notInUse = "not_in_use"
    case firstUse = "first_use"
    case oneDigitOff = "one_digit_off"

    package var sentence: String {
        switch self {
        case .notInUse: "No such number is known to be in use: check it."
        case .firstUse: "No fax was delivered to this number from here before: check it."
        case .oneDigitOff: "The number differs by one digit, or by two in each other's place, from one in use: check it."
        }
    }
}
