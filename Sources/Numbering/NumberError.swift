/// Why a text is no number of the international plan. Nothing of the text is in it.
package enum NumberError: Error, Sendable, Hashable {
    /// There is no number in it, or more than a number.
    case notANumber
    /// Letters that are no word on a keypad: an O for a zero, perhaps.
    case letters
    /// It has no country code, and no default region says which is meant.
    case ambiguous
    /// The default region is none of ISO 3166-1 with a numbering plan.
    case unknownRegion
    /// No country has that code.
    case unknownCountryCode
    /// For the region or country code named.
    case tooShort(String)
    case tooLong(String)
    /// No number there has that many digits, though both shorter and longer ones exist.
    case impossibleLength(String)
    /// It lacks the area code.
    case localOnly(String)

    /// What is wrong and what to do.
    package var sentence: String {
        switch self {
        case .notANumber: "This is not a fax number. Write it as +15551230100: plus, country code, number."
        case .letters: "There are letters in the number. Write it with digits only, such as +15551230100."
        case .ambiguous:
            "The number has no country code, and no default region is set. Write it as +15551230100, or set FAXLOCK_DEFAULT_REGION."
        case .unknownRegion: "The default region has no numbering plan. Set it to a country's two letters, such as US."
        case .unknownCountryCode: "No country has the country code of this number. Check the digits after the plus or the prefix."
        case .tooShort(let place): "The number has too few digits for \(place). Check it, and write it with country and area code."
        case .tooLong(let place): "The number has too many digits for \(place). Check it."
        case .impossibleLength(let place): "No number of \(place) has so many digits. Check it."
        case .localOnly(let place): "The number lacks the area code that \(place) needs. Write it whole."
        }
    }
}
