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
    package let createdAt: Timestamp
    package let receivedAt: Timestamp

    package init(
        id: FaxID, mailbox: String = Mailbox.main, status: String, backend: String, reference: String, to: String, from: String,
        remoteIdentifier: String,
        pages: Int, document: DocumentID, bitRate: Int, errorCorrection: Bool, createdAt: Timestamp, receivedAt: Timestamp
    ) {
        self.id = id
        self.mailbox = mailbox
        self.status = status
        self.backend = backend
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
    }
}
