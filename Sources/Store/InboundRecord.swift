package import FaxModel
package import Vault

/// A fax that was received.
package struct InboundRecord: Sendable {
    package let id: FaxID
    /// The mailbox of the number that was called.
    package let mailbox: String
    /// `received` when the sender's machine ended the call properly, `partial` when it broke off after some pages.
    package let status: String
    package let backend: String
    /// The name of the trunk by which it came; empty for the loopback exchange.
    package let trunk: String
    /// The SIP Call-ID of the call.
    package let reference: String
    package let to: String
    package let from: String
    /// The sender's station identification (TSI), possibly empty.
    package let remoteIdentifier: String
    package let pages: Int
    /// The received pages: a TIFF-F file.
    package let document: DocumentID
    /// Bit/s.
    package let bitRate: Int
    package let errorCorrection: Bool
    /// When the call was answered.
    package let createdAt: Timestamp
    /// When the whole fax was durable.
    package let receivedAt: Timestamp
    /// When the call ended; nil while it lasts, and where a stop of the server cut it.
    package let endedAt: Timestamp?
    /// How T.30 ended the call (libspandsp's `T30_ERR_*`, 0 is success); nil where it did not.
    package let endCode: Int?
    /// What is known about each page, in order; may be empty.
    package var quality: [PageRecord]

    package init(
        id: FaxID, mailbox: String = Mailbox.main, status: String, backend: String, trunk: String = "", reference: String, to: String,
        from: String, remoteIdentifier: String, pages: Int, document: DocumentID, bitRate: Int, errorCorrection: Bool, createdAt: Timestamp,
        receivedAt: Timestamp, endedAt: Timestamp? = nil, endCode: Int? = nil, quality: [PageRecord] = []
    ) {
        self.id = id
        self.mailbox = mailbox
        self.status = status
        self.backend = backend
        self.trunk = trunk
        self.reference = reference
        self.to = to
        self.from = from
        self.remoteIdentifier = remoteIdentifier
        self.pages = pages
        self.document = document
        self.bitRate = bitRate
        self.errorCorrection = errorCorrection
        self.createdAt = createdAt
        self.receivedAt = receivedAt
        self.endedAt = endedAt
        self.endCode = endCode
        self.quality = quality
    }
}
