/// Whose documents and keys these are. Nothing sealed for one tenant opens for another.
package struct TenantID: Sendable, Hashable, CustomStringConvertible {
    /// 1 to 64 ASCII letters, digits, `-` or `_`.
    package let rawValue: String

    /// Nil when `rawValue` has another form.
    package init?(_ rawValue: String) {
        guard NameSyntax.allows(rawValue, limit: 64) else { return nil }
        self.rawValue = rawValue
    }

    private init(known rawValue: String) { self.rawValue = rawValue }

    /// The only tenant of an installation that serves one organisation.
    package static let single = TenantID(known: "main")

    package var description: String { rawValue }
}
