/// What an operator allows as a fax's destination: against the wrong number, which is the commonest way in which a fax gives PHI away
/// (45 CFR 164.530(c)).
package struct RecipientPolicy: Sendable, Equatable {
    /// Numbers of other countries (`FAXLOCK_INTERNATIONAL`).
    package enum International: String, Sendable, Hashable, CaseIterable {
        case off
        case on
        /// Those that the list of recipients allows, by number or by prefix.
        case allowlist
    }

    /// A number to which nothing was delivered from here before (`FAXLOCK_FIRST_USE`).
    package enum FirstUse: String, Sendable, Hashable, CaseIterable {
        case allow, warn
        /// The fax is held until a person has confirmed the number.
        case confirm
    }

    /// A new number that differs from one in use by one digit (`FAXLOCK_ONE_DIGIT_OFF`).
    package enum OneDigitOff: String, Sendable, Hashable, CaseIterable {
        case allow, warn, hold
    }

    /// Who may be faxed to (`FAXLOCK_RECIPIENTS`).
    package enum Recipients: String, Sendable, Hashable, CaseIterable {
        /// All that no rule refuses.
        case open
        /// Those alone that the list of recipients allows.
        case listed
    }

    /// ISO 3166-1, the region in which numbers without country code are read; nil: they are dialled as they are.
    package var defaultRegion: String?
    package var international = International.off
    package var firstUse = FirstUse.allow
    package var oneDigitOff = OneDigitOff.warn
    package var recipients = Recipients.open
    /// A key's; 0 for no limit.
    package var faxesPerDay = 0

    package init() {}
}
