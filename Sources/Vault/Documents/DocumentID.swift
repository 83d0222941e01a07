/// The random name of a document. It is no PHI: it stands in file names and log lines.
package struct DocumentID: Sendable, Hashable, CustomStringConvertible {
    /// 1 to 64 ASCII letters, digits, `-` or `_`.
    package let rawValue: String

    /// Nil when `rawValue` has another form.
    package init?(_ rawValue: String) {
        guard NameSyntax.allows(rawValue, limit: 64) else { return nil }
        self.rawValue = rawValue
    }

    package var description: String { rawValue }
}
