/// What a person or program may do in a mailbox (45 CFR 164.308(a)(4), 164.312(a)(1)).
package enum Permission: String, Sendable, Hashable, CaseIterable {
    /// Send a fax from the mailbox.
    case sendFax
    /// See the state and metadata of a fax that one has sent oneself.
    case seeOwnFaxes
    /// See the state and metadata of all faxes of the mailbox.
    case listFaxes
    /// See what a fax says: pages, text, original document.
    case openDocuments
    /// Cancel, resend or hold a fax without opening it.
    case operateQueue
    /// Read the audit events of the mailbox.
    case readAudit
    /// Change its grants and its retention.
    case manageMailbox
    /// Make, rotate and revoke the API keys that are granted roles in it.
    case manageKeys
}
