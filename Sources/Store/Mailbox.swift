/// Where faxes belong: a department, a practice, a tenant's number. Roles are granted on it, and it may have retention rules of its own.
package struct Mailbox: Sendable, Hashable {
    /// The mailbox of whatever names no other.
    package static let main = "main"

    /// 1 to 64 of `a` to `z`, `0` to `9` and `-`.
    package let id: String
    /// Days after which the documents of sent faxes are shredded; nil: as the settings say, 0: never.
    package var retentionDays: Int?
    /// The same for received faxes.
    package var inboundRetentionDays: Int?
    /// Whether the documents of a fax are shredded once every page was confirmed; nil: as the settings say.
    package var deletesOnSuccess: Bool?

    package init(id: String, retentionDays: Int? = nil, inboundRetentionDays: Int? = nil, deletesOnSuccess: Bool? = nil) {
        self.id = id
        self.retentionDays = retentionDays
        self.inboundRetentionDays = inboundRetentionDays
        self.deletesOnSuccess = deletesOnSuccess
    }
}
