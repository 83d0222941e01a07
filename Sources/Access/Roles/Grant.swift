/// A role in a mailbox, or in all: `radiology:reader`, `*:auditor`.
package struct Grant: Sendable, Hashable, CustomStringConvertible {
    /// The mailbox's id; nil for all mailboxes.
    package let mailbox: String?
    package let role: Role

    /// - Parameter mailbox: nil for all mailboxes.
    /// - Returns: nil when `mailbox` cannot be an id (``Mailboxes/isName(_:)``).
    package init?(_ role: Role, in mailbox: String?) {
        guard mailbox.map({ Mailboxes.isName($0) }) ?? true else { return nil }
        self.mailbox = mailbox
        self.role = role
    }

    /// Reads `mailbox:role`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        // The longest is 64 characters, a colon and "administrator".
        guard text.utf8.count <= 78 else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let role = Role(rawValue: String(parts[1])) else { return nil }
        self.init(role, in: parts[0] == "*" ? nil : String(parts[0]))
    }

    /// As ``init(_:)`` reads it.
    package var description: String { "\(mailbox ?? "*"):\(role.rawValue)" }
}
