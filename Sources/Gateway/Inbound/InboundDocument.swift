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

    /// What is known about a page: without a bit rate (an Asterisk received it) nothing of how it came.
    private struct PageQuality: Encodable {
        let page: Int
        let bit_rate: Int?
        let error_correction: Bool?
        let bad_rows: Int?
        let retries: Int?
        let confirmed_at: String

        init(_ page: PageRecord) {
            // People count from 1.
            self.page = page.page + 1
            let isKnown = page.bitRate > 0
            bit_rate = isKnown ? page.bitRate : nil
            error_correction = isKnown ? page.errorCorrection : nil
            bad_rows = isKnown ? page.badRows : nil
            retries = isKnown ? page.retries : nil
            confirmed_at = page.confirmedAt.description
        }

        /// All names, also of what is not known.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(page, forKey: .page)
            try container.encode(bit_rate, forKey: .bit_rate)
            try container.encode(error_correction, forKey: .error_correction)
            try container.encode(bad_rows, forKey: .bad_rows)
            try container.encode(retries, forKey: .retries)
            try container.encode(confirmed_at, forKey: .confirmed_at)
        }

        private enum CodingKeys: CodingKey {
            case page, bit_rate, error_correction, bad_rows, retries, confirmed_at
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
        let isKnown = fax.bitRate > 0
        try container.encode(isKnown ? fax.bitRate : nil, forKey: .bitRate)
        try container.encode(isKnown ? fax.errorCorrection : nil, forKey: .errorCorrection)
        try container.encode(fax.quality.map(PageQuality.init), forKey: .quality)
    }
}
