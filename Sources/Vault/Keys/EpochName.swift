/// The name of an epoch: a retention month ("2026-11") or a hold ("hold-2026-0001").
package struct EpochName: Sendable, Hashable, CustomStringConvertible {
    static let maximumLength = 32
    /// 1 to 32 ASCII letters, digits, `-` or `_`.
    package let rawValue: String

    /// Nil when `rawValue` has another form.
    package init?(_ rawValue: String) {
        guard NameSyntax.allows(rawValue, limit: Self.maximumLength) else { return nil }
        self.rawValue = rawValue
    }

    /// The epoch of a calendar month (UTC). Nil unless year is 1...9999 and month 1...12.
    package init?(year: Int, month: Int) {
        guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
        let digits = String(year)
        rawValue = String(repeating: "0", count: 4 - digits.count) + digits + (month < 10 ? "-0" : "-") + String(month)
    }

    package var description: String { rawValue }
}
