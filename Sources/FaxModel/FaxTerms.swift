/// What a client asked for beside number and document: when, how urgently, how often, and what for; and what the client was told of it.
package struct FaxTerms: Sendable, Hashable {
    package var priority = Priority.normal
    package var purpose: Purpose?
    /// Not before this moment.
    package var sendAt: Timestamp?
    /// No call begins after this moment (the kill time); nil: as ``RetryPolicy/lifetime`` says, counted from `sendAt` or acceptance.
    package var notAfter: Timestamp?
    /// When the recipient may be called; nil: at any time.
    package var hours: RecipientHours?
    /// Calls at most, 1 to 50; nil: as the policy says.
    package var maximumDials: Int?
    /// Calls at most in which a machine answered and the same page failed, 1 to 20; nil: as the policy says.
    package var maximumTries: Int?
    /// The client's own words to find faxes by, at most 20. May be PHI.
    package var tags: [String] = []
    /// Where this fax's events are posted beside the webhooks of its owner.
    package var callbackURL: String?
    package var cover: Cover?
    /// What the machine that answers must call itself (digits of its CSI); nil: anything.
    package var expectedStation: String?
    /// What was odd about the number when the fax was taken in.
    package var numberWarnings: [RecipientWarning] = []

    package init() {}
}
