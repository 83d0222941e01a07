package import FaxModel
package import WorkerProtocol
package import Workers

/// A way by which an attempt leaves the house.
package protocol Backend: Sendable {
    /// The word in `FAX_BACKEND` and in the job's `backend`.
    var name: String { get }

    /// The provider that gets to see faxes, by whose name its agreement is recorded (45 CFR 164.308(b)(1)); nil for a line of one's own:
    /// a carrier that only transmits is a conduit and no business associate (45 CFR 160.103).
    var associate: String? { get }

    /// Whether a call to `number` is carried by a line worker that writes ``OutboundCall/record``: an empty record then means that nothing
    /// was sent. Such calls may carry several documents.
    func keepsRecord(ofCallTo number: PhoneNumber) -> Bool

    /// Makes one call. Returns when it is over; never calls twice.
    ///
    /// When the task is cancelled, the call is ended properly (T.30 DCN, SIP BYE) and ``AttemptOutcome/interrupted`` returned.
    /// - Parameter report: told of each step as it happens; a throw from it ends the call.
    func send(
        _ call: OutboundCall, report: @escaping @Sendable (CallProgress) async throws -> Void
    ) async -> AttemptResult
}

extension Backend {
    package func keepsRecord(ofCallTo number: PhoneNumber) -> Bool { false }
}

/// One call to be made.
package struct OutboundCall: Sendable {
    /// Chosen and committed before the call; the far side knows the call by it (SIP Call-ID).
    package let reference: String
    package let number: PhoneNumber
    /// The TIFF-F file to send, header lines included.
    package let image: MemoryFile
    /// Pages of each document in `image`, in order: mostly there is one.
    package let documents: [Int]
    /// The first page to send, from 0.
    package let firstPage: Int
    /// How the pages are to be carried.
    package let mode: CallMode
    /// What the machine that answers must call itself (the digits of its CSI); nil: anything.
    package let expectedStation: String?
    /// Calls that the fax had before this one.
    package let earlierDials: Int
    /// Where a line of our own keeps on record what the far machine may have read, for the time after a crash of this process.
    package let record: CallRecordFile?

    /// Pages in ``image``.
    package var pages: Int { documents.reduce(0, +) }

    /// Whether a document ends with a page of ``image``, from 0.
    package func endsDocument(page: Int) -> Bool {
        var end = 0
        return documents.contains { pages in
            end += pages
            return page == end - 1
        }
    }

    package init(
        reference: String, number: PhoneNumber, image: MemoryFile, documents: [Int], firstPage: Int, mode: CallMode = .rung(0),
        expectedStation: String? = nil, earlierDials: Int = 0, record: CallRecordFile? = nil
    ) {
        self.reference = reference
        self.number = number
        self.image = image
        self.documents = documents
        self.firstPage = firstPage
        self.mode = mode
        self.expectedStation = expectedStation
        self.earlierDials = earlierDials
        self.record = record
    }
}

/// What happens during a call.
package enum CallProgress: Sendable {
    /// The far end was reached and rings.
    case ringing
    case answered
    case negotiated(Negotiation)
    case pageConfirmed(PageReport)
}

/// What came of a call.
package struct AttemptResult: Sendable, Equatable {
    package let outcome: AttemptOutcome
    /// Protocol facts behind it (`SIP 486`, `T.30 error 21: ...`), without anything of the fax in them.
    package let evidence: String
    /// The T.30 frames of the call in order, where the backend sees them.
    package let trace: [FrameTrace]
    /// How long the far end asked to be left alone (SIP Retry-After, HTTP 429).
    package let retryAfter: Duration?

    package init(_ outcome: AttemptOutcome, evidence: String, trace: [FrameTrace] = [], retryAfter: Duration? = nil) {
        self.outcome = outcome
        self.evidence = evidence
        self.trace = trace
        self.retryAfter = retryAfter
    }
}
