/// A number of the international plan (ITU-T E.164). PHI: it prints itself without its digits.
package struct E164Number: Sendable, Hashable, CustomStringConvertible {
    /// `+15551230100`.
    package let text: String
    /// The country calling code, 1 to 999.
    package let countryCode: Int
    /// What follows the country code, with the zeros that belong to it.
    package let nationalNumber: String
    /// ISO 3166-1, `US`; nil when no region of the country code has such a number. A number of no country (+800) has none either.
    package let region: String?
    package let kind: NumberKind
    /// Digits to dial after the call is answered; a fax machine cannot be reached behind one.
    package let `extension`: String?

    /// Whether the number lies in a range that is in use. One that does not has a possible length only: fictitious numbers
    /// (+1 555 123 0100) and ranges newer than the metadata are such.
    package var isValid: Bool { kind != .unknown }

    package var description: String { "+\(countryCode) (\(nationalNumber.utf8.count) digits)" }
}
