/// What stands on a cover page. Each text is PHI or may be: it is stored sealed, and shows nothing of the document itself.
package struct Cover: Sendable, Hashable, Codable {
    /// Whom it is for.
    package var to: String?
    package var from: String?
    package var subject: String?
    /// Lines of text, separated by newlines.
    package var comments: String?

    package init(to: String? = nil, from: String? = nil, subject: String? = nil, comments: String? = nil) {
        self.to = to
        self.from = from
        self.subject = subject
        self.comments = comments
    }
}
