package import FaxModel
import Vault

/// A fax that is coming in, some pages of which are durable.
package struct ReceptionRecord: Sendable {
    /// Of the fax that it will be.
    package let id: FaxID
    package let mailbox: String
    package let backend: String
    /// The trunk's name; empty for the loopback exchange.
    package let trunk: String
    /// The SIP Call-ID of the call.
    package let reference: String
    package let to: String
    package let from: String
    /// The sender's station identification (TSI), possibly empty.
    package var remoteIdentifier: String
    /// When the call was answered.
    package let createdAt: Timestamp

    package init(
        id: FaxID, mailbox: String, backend: String, trunk: String, reference: String, to: String, from: String,
        remoteIdentifier: String = "",
        createdAt: Timestamp
    ) {
        self.id = id
        self.mailbox = mailbox
        self.backend = backend
        self.trunk = trunk
        self.reference = reference
        self.to = to
        self.from = from
        self.remoteIdentifier = remoteIdentifier
        self.createdAt = createdAt
    }
}

/// The key of one reception's pages. It is in the database, wrapped by its epoch's key, as long as the reception is.
package struct ReceptionKey: Sendable {
    let document: DocumentID
    let key: DataKey
    let wrapped: WrappedDataKey
    private let tenant: TenantID

    init(document: DocumentID, key: DataKey, wrapped: WrappedDataKey, tenant: TenantID) {
        self.document = document
        self.key = key
        self.wrapped = wrapped
        self.tenant = tenant
    }

    /// - Parameter page: from 0.
    func seal(_ bytes: [UInt8], page: Int) throws -> [UInt8] {
        var sealed: [UInt8] = []
        sealed.reserveCapacity(Cobblestone.sealedLength(of: bytes.count))
        var sealer = ChunkSealer(key: key, context: context(page))
        try sealer.append(bytes, into: &sealed)
        try sealer.finish(into: &sealed)
        return sealed
    }

    func open(_ sealed: [UInt8], page: Int) throws -> [UInt8] {
        var opener = ChunkOpener(key: key, context: context(page))
        var bytes = try opener.append(sealed)
        try opener.finish(into: &bytes)
        return bytes
    }

    /// As that of a blob: a page opens in no other place and in no other reception.
    private func context(_ page: Int) -> String {
        BlobID(document: document, kind: .received, generation: UInt32(clamping: page + 1)).context(tenant: tenant)
    }
}
