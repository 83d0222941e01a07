/// What somebody is in a mailbox. Each role has the minimum its work needs (45 CFR 164.514(d)(2)): who keeps the queue moving or reads
/// the audit trail sees no document.
package enum Role: String, Sendable, Hashable, CaseIterable {
    /// Sends, and sees what became of it.
    case sender
    /// Reads all faxes of the mailbox.
    case reader
    /// Keeps the queue moving.
    case `operator`
    /// Looks at who did what.
    case auditor
    /// Runs the mailbox.
    case administrator

    /// What a permission of a role extends to.
    package enum Reach: Sendable, Hashable {
        /// The faxes of the role's holder.
        case own
        /// The whole mailbox.
        case all
    }

    /// What is not named is not permitted.
    package var permissions: [Permission: Reach] {
        switch self {
        case .sender: [.sendFax: .all, .seeOwnFaxes: .own, .openDocuments: .own]
        case .reader: [.seeOwnFaxes: .own, .listFaxes: .all, .openDocuments: .all]
        case .operator: [.seeOwnFaxes: .own, .listFaxes: .all, .operateQueue: .all]
        case .auditor: [.seeOwnFaxes: .own, .listFaxes: .all, .readAudit: .all]
        case .administrator:
            [
                .sendFax: .all, .seeOwnFaxes: .own, .listFaxes: .all, .openDocuments: .all, .operateQueue: .all, .readAudit: .all,
                .manageMailbox: .all, .manageKeys: .all,
            ]
        }
    }
}
