import FaxModel
import Store

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

/// One call of a fax with all that is known of it.
struct AttemptDetail: Encodable {
    private let attempt: AttemptRecord

    init(_ attempt: AttemptRecord) {
        self.attempt = attempt
    }

    private enum Key: String, CodingKey {
        case backend, route, reference, evidence, mode, pages
        case intendedAt = "intended_at"
        case firstPage = "first_page"
    }

    private struct Mode: Encodable {
        let mode: CallMode

        enum Key: String, CodingKey {
            case media
            case maximumBitRate = "max_bit_rate"
            case errorCorrection = "error_correction"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(mode.media.rawValue, forKey: .media)
            try container.encode(mode.maximumBitRate, forKey: .maximumBitRate)
            try container.encode(mode.errorCorrection, forKey: .errorCorrection)
        }
    }

    private struct Page: Encodable {
        let page: PageRecord

        enum Key: String, CodingKey {
            case page, retries
            case bitRate = "bit_rate"
            case errorCorrection = "error_correction"
            case badRows = "bad_rows"
            case confirmedAt = "confirmed_at"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(page.page + 1, forKey: .page)
            try container.encode(page.bitRate, forKey: .bitRate)
            try container.encode(page.errorCorrection, forKey: .errorCorrection)
            try container.encode(page.badRows, forKey: .badRows)
            try container.encode(page.retries, forKey: .retries)
            try container.encode(page.confirmedAt.description, forKey: .confirmedAt)
        }
    }

    func encode(to encoder: any Encoder) throws {
        try AttemptDocument(attempt).encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(attempt.backend, forKey: .backend)
        try container.encode(attempt.route, forKey: .route)
        try container.encode(attempt.reference, forKey: .reference)
        try container.encode(attempt.evidence, forKey: .evidence)
        try container.encode(attempt.mode.map(Mode.init), forKey: .mode)
        try container.encode(attempt.intentAt.description, forKey: .intendedAt)
        try container.encode(attempt.firstPage + 1, forKey: .firstPage)
        try container.encode(attempt.pages.map(Page.init), forKey: .pages)
    }
}
