import FaxModel
import Store

/// The job object of the contract, with this product's additions.
struct FaxDocument: Encodable {
    let id: String
    let mailbox: String
    let to: String
    let status: String
    let error: String?
    let pages: Int?
    let backend: String
    let providerSID: String?
    let createdAt: String
    let updatedAt: String
    let state: String
    let pagesConfirmed: Int
    let resolution: String
    let attempts: [AttemptDocument]?

    /// - Parameter withAttempts: lists leave them out.
    init(_ fax: FaxRecord, withAttempts: Bool) {
        id = fax.id.text
        mailbox = fax.mailbox
        to = fax.number.dialString
        status = fax.state.contractStatus
        error = fax.error
        pages = fax.pages
        backend = fax.backend
        providerSID = fax.attempts.last?.reference
        createdAt = fax.createdAt.description
        updatedAt = fax.updatedAt.description
        state = fax.state.rawValue
        pagesConfirmed = fax.pagesConfirmed
        resolution = fax.resolution.rawValue
        attempts = withAttempts ? fax.attempts.map(AttemptDocument.init) : nil
    }

    private enum Key: String, CodingKey {
        case id, mailbox, to, status, error, pages, backend, state, resolution, attempts
        case providerSID = "provider_sid"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case pagesConfirmed = "pages_confirmed"
    }

    /// Absent values are `null`, not left out: clients of the contract index the object.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(id, forKey: .id)
        try container.encode(mailbox, forKey: .mailbox)
        try container.encode(to, forKey: .to)
        try container.encode(status, forKey: .status)
        try container.encode(error, forKey: .error)
        try container.encode(pages, forKey: .pages)
        try container.encode(backend, forKey: .backend)
        try container.encode(providerSID, forKey: .providerSID)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(updatedAt, forKey: .updatedAt)
        try container.encode(state, forKey: .state)
        try container.encode(pagesConfirmed, forKey: .pagesConfirmed)
        try container.encode(resolution, forKey: .resolution)
        try container.encodeIfPresent(attempts, forKey: .attempts)
    }
}

/// One call of a fax.
struct AttemptDocument: Encodable {
    private let attempt: AttemptRecord

    init(_ attempt: AttemptRecord) {
        self.attempt = attempt
    }

    private enum Key: String, CodingKey {
        case number, outcome, cause
        case startedAt = "started_at"
        case endedAt = "ended_at"
        case bitRate = "bit_rate"
        case errorCorrection = "error_correction"
        case pagesConfirmed = "pages_confirmed"
        case receivedFaxID = "received_fax_id"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(attempt.number, forKey: .number)
        try container.encode(attempt.startedAt?.description, forKey: .startedAt)
        try container.encode(attempt.endedAt?.description, forKey: .endedAt)
        try container.encode(attempt.outcome, forKey: .outcome)
        try container.encode(attempt.cause?.rawValue, forKey: .cause)
        try container.encode(attempt.bitRate, forKey: .bitRate)
        try container.encode(attempt.errorCorrection, forKey: .errorCorrection)
        try container.encode(attempt.pages.count, forKey: .pagesConfirmed)
        try container.encode(attempt.receivedFax?.text, forKey: .receivedFaxID)
    }
}
