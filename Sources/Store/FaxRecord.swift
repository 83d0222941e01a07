package import FaxModel
package import Vault

/// An outbound fax as it is stored.
package struct FaxRecord: Sendable {
    package let id: FaxID
    /// The mailbox that it is sent from.
    package let mailbox: String
    package var state: FaxState
    /// The key that submitted it: its id, or `bootstrap`.
    package let owner: String
    package let number: PhoneNumber
    package let backend: String
    /// `PageJob.Format` in words: what the document's first bytes said.
    package let format: String
    package var resolution: Resolution
    /// `letter` or `a4`: the paper on which text is set.
    package let paper: String
    /// Known once rendered.
    package var pages: Int?
    /// Pages that the far machine confirmed, over all attempts.
    package var pagesConfirmed: Int
    /// The document as it was submitted.
    package let document: DocumentID
    /// Its fax pages, once rendered: a TIFF-F file.
    package var image: DocumentID?
    /// Why it failed or what a person must decide, without anything of the fax in it.
    package var error: String?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    /// What the client asked for beside number and document.
    package var terms = FaxTerms()
    /// What its calls came to so far.
    package var progress = RetryProgress()
    /// The lowest goes first.
    package var rank: Int = Priority.normal.rank
    /// No call before.
    package var dueAt = Timestamp(milliseconds: 0)
    /// No call after.
    package var notAfter: Timestamp
    /// Why it waits for a person, or will once it is rendered.
    package var hold: HoldReason?
    /// The batch with which it came.
    package var batch: FaxID?
    /// The fax of which it is a copy.
    package var resentFrom: FaxID?
    /// The client withdrew it during a call.
    package var isCancelRequested = false
    /// When it was found not to move; nil when it moves.
    package var stalledAt: Timestamp?
    package var attempts: [AttemptRecord]

    package init(
        id: FaxID, mailbox: String = Mailbox.main, state: FaxState, owner: String, number: PhoneNumber, backend: String, format: String,
        resolution: Resolution,
        paper: String, pages: Int? = nil, pagesConfirmed: Int = 0, document: DocumentID, image: DocumentID? = nil,
        error: String? = nil, createdAt: Timestamp, updatedAt: Timestamp, attempts: [AttemptRecord] = [], terms: FaxTerms = FaxTerms(),
        hold: HoldReason? = nil, batch: FaxID? = nil, resentFrom: FaxID? = nil, lifetime: Duration = RetryPolicy().lifetime
    ) {
        self.id = id
        self.mailbox = mailbox
        self.state = state
        self.owner = owner
        self.number = number
        self.backend = backend
        self.format = format
        self.resolution = resolution
        self.paper = paper
        self.pages = pages
        self.pagesConfirmed = pagesConfirmed
        self.document = document
        self.image = image
        self.error = error
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.attempts = attempts
        self.terms = terms
        self.hold = hold
        self.batch = batch
        self.resentFrom = resentFrom
        rank = terms.priority.rank
        dueAt = terms.sendAt ?? createdAt
        // Its whole time from the first moment at which its recipient may be called.
        notAfter = terms.notAfter ?? (terms.hours?.next(at: dueAt) ?? dueAt).advanced(by: lifetime)
    }
}
