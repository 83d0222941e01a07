/// Why a fax waits for a person.
package enum HoldReason: String, Sendable, Hashable, Codable, CaseIterable {
    /// The number was never faxed to from here, and the rules ask a person to confirm it.
    case firstUse = "first_use"
    /// The number differs by one digit from one that is faxed to often.
    case oneDigitOff = "one_digit_off"
    /// A person or a voice mail answered twice: no more robot calls.
    case notFax = "not_a_fax_machine"
    /// The machine that answered named itself differently from what was expected.
    case stationMismatch = "station_mismatch"
    /// Its number was put on a list to which nothing goes, after the fax was accepted.
    case recipientBarred = "recipient_barred"
    /// An operator holds it.
    case operatorHold = "operator"

    /// One sentence for the job's `error`.
    package var sentence: String {
        switch self {
        case .firstUse: "Nothing was sent to this number before: confirm it, then release the fax."
        case .oneDigitOff: "The number differs by one digit from one in use: check it, then release the fax or cancel it."
        case .notFax: "Twice a person or a voice mail answered. Check the number, then release the fax or cancel it."
        case .stationMismatch:
            "Another machine answered than was expected, and no page was sent. Check the number, then release the fax or cancel it."
        case .recipientBarred:
            "After it was accepted, its number was put on a list to which nothing is sent. Cancel it; or release it, once the list has changed."
        case .operatorHold: "Held by an operator."
        }
    }
}
