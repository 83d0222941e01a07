package import FaxModel
package import Vault

/// One call for a fax: `intent -> started -> outcome`. Its intent is committed before the first network byte.
package struct AttemptRecord: Sendable {
    /// How far a call has come, as far as the database knows.
    package enum Phase: String, Sendable {
        /// About to dial: from here on, a crash leaves the outcome unknown.
        case intent
        /// The far end was reached.
        case started
        case ended
    }

    /// From 1.
    package let number: Int
    package let phase: Phase
    package let backend: String
    /// The route by which it went; empty for those of earlier versions.
    package let route: String
    /// How the pages were to be carried; nil for those of earlier versions.
    package let mode: CallMode?
    /// The first page that it was to send, from 0.
    package let firstPage: Int
    /// What the far side or the provider knows the call by: the SIP Call-ID on the own line.
    package let reference: String
    /// The exact image that is transmitted, header line and all.
    package let image: DocumentID
    package let intentAt: Timestamp
    package let startedAt: Timestamp?
    package let endedAt: Timestamp?
    /// `delivered`, `failed` or `unknown`; nil while the call lasts.
    package let outcome: String?
    package let cause: FailureCause?
    /// The call's T.30 frames in words, where it did not deliver.
    package let trace: String?
    /// Protocol facts behind the outcome, without anything of the fax in them: `SIP 486`, `T.30 error 21: ...`.
    package let evidence: String?
    /// Bit/s.
    package let bitRate: Int?
    package let errorCorrection: Bool?
    package let pages: [PageRecord]
    /// When the number is one of the loopback exchange: the fax that it received.
    package let receivedFax: FaxID?
}

/// A page that the far machine confirmed.
package struct PageRecord: Sendable {
    /// From 0, in the document.
    package let page: Int
    /// Bit/s.
    package let bitRate: Int
    package let errorCorrection: Bool
    package let badRows: Int
    package let retries: Int
    package let confirmedAt: Timestamp

    package init(page: Int, bitRate: Int, errorCorrection: Bool, badRows: Int, retries: Int, confirmedAt: Timestamp) {
        self.page = page
        self.bitRate = bitRate
        self.errorCorrection = errorCorrection
        self.badRows = badRows
        self.retries = retries
        self.confirmedAt = confirmedAt
    }
}
