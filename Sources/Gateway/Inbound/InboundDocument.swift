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
        case id, fr, to, status, backend, pages, mailbox, trunk
        case sizeBytes = "size_bytes"
        case createdAt = "created_at"
        case receivedAt = "received_at"
        case updatedAt = "updated_at"
        case endedAt = "ended_at"
        case remoteStationID = "remote_station_id"
        case bitRate = "bit_rate"
        case errorCorrection = "error_correction"
        case quality = "pages_quality"
    }

    /// What is known about a page.
    private struct PageQuality: Encodable {
        let page: Int
        let bit_rate: Int
        let error_correction: Bool
        let bad_rows: Int
        let retries: Int
        let confirmed_at: String

        init(_ page: PageRecord) {
            // People count from 1.
            self.page = page.page + 1
            bit_rate = page.bitRate
            error_correction = page.errorCorrection
            bad_rows = page.badRows
            retries = page.retries
            confirmed_at = page.confirmedAt.description
        }
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
        try container.encode((fax.endedAt ?? fax.receivedAt).description, forKey: .updatedAt)
        try container.encode(fax.mailbox, forKey: .mailbox)
        try container.encode(fax.endedAt?.description, forKey: .endedAt)
        try container.encode(fax.trunk.isEmpty ? nil : fax.trunk, forKey: .trunk)
        try container.encode(fax.remoteIdentifier.isEmpty ? nil : fax.remoteIdentifier, forKey: .remoteStationID)
        try container.encode(fax.bitRate, forKey: .bitRate)
        try container.encode(fax.errorCorrection, forKey: .errorCorrection)
        try container.encode(fax.quality.map(PageQuality.init), forKey: .quality)
    }
}
