/// What a number is for, as the numbering plan of its region says.
package enum NumberKind: String, Sendable, Hashable, CaseIterable {
    /// In no range that is in use: the number may be wrong, or newer than the metadata.
    case unknown
    case fixedLine = "fixed_line"
    case mobile
    /// The plan does not tell the two apart, as in North America.
    case fixedLineOrMobile = "fixed_line_or_mobile"
    case tollFree = "toll_free"
    case premiumRate = "premium_rate"
    case sharedCost = "shared_cost"
    case personal
    case voip
    case pager
    /// One number of a company everywhere in the country.
    case company
    case voicemail

    /// By the words of Metadata/numbers.txt.
    init?(metadata word: Substring) {
        switch word {
        case "premium": self = .premiumRate
        case "tollfree": self = .tollFree
        case "shared": self = .sharedCost
        case "voip": self = .voip
        case "personal": self = .personal
        case "pager": self = .pager
        case "uan": self = .company
        case "voicemail": self = .voicemail
        case "fixed": self = .fixedLine
        case "mobile": self = .mobile
        default: return nil
        }
    }
}
