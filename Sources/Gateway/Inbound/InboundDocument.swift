import FaxModel
import Store

/// The inbound object of the contract.
struct InboundDocument: Encodable {
    private let fax: InboundRecord
    private let size: Int?

    /// - Parameter size: bytes of the received image; nil when it was destroyed.
    init(_ fax: InboundRecord, size: Int?) {
        self.fax = fax
        self.size = size
    }

    private enum Key: String, CodingKey {
        case id, fr, to, status, backend, pages, mailbox
        case sizeBytes = "size_bytes"
        case createdAt = "created_at"
        case receivedAt = "received_at"
        case updatedAt = "updated_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(fax.id.text, forKey: .id)
        try container.encode(fax.from.isEmpty ? nil : fax.from, forKey: .fr)
        try container.encode(fax.to, forKey: .to)
        try container.encode(fax.status, forKey: .status)
        try container.encode(fax.backend, forKey: .backend)
        try container.encode(fax.pages, forKey: .pages)
        try container.encode(size, forKey: .sizeBytes)
        try container.encode(fax.createdAt.description, forKey: .createdAt)
        try container.encode(fax.receivedAt.description, forKey: .receivedAt)
        try container.encode(fax.receivedAt.description, forKey: .updatedAt)
        try container.encode(fax.mailbox, forKey: .mailbox)
    }
}
