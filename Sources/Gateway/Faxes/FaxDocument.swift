import FaxModel
import Store

/// The job object of the contract, with this product's additions.
struct FaxDocument: Encodable {
    private let fax: FaxRecord
    private let withAttempts: Bool

    /// - Parameter withAttempts: lists leave them out.
    init(_ fax: FaxRecord, withAttempts: Bool) {
        self.fax = fax
        self.withAttempts = withAttempts
    }

    private enum Key: String, CodingKey {
        case id, mailbox, to, status, error, pages, backend, state, resolution, attempts, priority, purpose, dials, tries, hold, tags,
            warnings
        case providerSID = "provider_sid"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case pagesConfirmed = "pages_confirmed"
        case sendAt = "send_at"
        case notAfter = "not_after"
        case nextAttemptAt = "next_attempt_at"
        case batch = "batch_id"
        case resentFrom = "resent_from"
    }

    /// Absent values are `null`, not left out: clients of the contract index the object.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(fax.id.text, forKey: .id)
        try container.encode(fax.mailbox, forKey: .mailbox)
        try container.encode(fax.number.dialString, forKey: .to)
        try container.encode(fax.state.contractStatus, forKey: .status)
        try container.encode(fax.error, forKey: .error)
        try container.encode(fax.pages, forKey: .pages)
        try container.encode(fax.backend, forKey: .backend)
        try container.encode(fax.attempts.last?.reference, forKey: .providerSID)
        try container.encode(fax.createdAt.description, forKey: .createdAt)
        try container.encode(fax.updatedAt.description, forKey: .updatedAt)
        try container.encode(fax.state.rawValue, forKey: .state)
        try container.encode(fax.pagesConfirmed, forKey: .pagesConfirmed)
        try container.encode(fax.resolution.rawValue, forKey: .resolution)
        try encodeTerms(to: &container)
        if withAttempts { try container.encode(fax.attempts.map(AttemptDocument.init), forKey: .attempts) }
    }

    private func encodeTerms(to container: inout KeyedEncodingContainer<Key>) throws {
        try container.encode(fax.terms.priority.rawValue, forKey: .priority)
        try container.encode(fax.terms.purpose?.rawValue, forKey: .purpose)
        try container.encode(fax.terms.sendAt?.description, forKey: .sendAt)
        try container.encode(fax.notAfter.description, forKey: .notAfter)
        try container.encode(nextAttemptAt?.description, forKey: .nextAttemptAt)
        try container.encode(fax.progress.dials, forKey: .dials)
        try container.encode(fax.progress.tries, forKey: .tries)
        try container.encode(fax.hold?.rawValue, forKey: .hold)
        try container.encode(fax.batch?.text, forKey: .batch)
        try container.encode(fax.resentFrom?.text, forKey: .resentFrom)
        try container.encode(fax.terms.tags, forKey: .tags)
        try container.encode(warnings, forKey: .warnings)
    }

    /// The earliest moment of the next call, where one is ahead.
    private var nextAttemptAt: Timestamp? {
        switch fax.state {
        case .accepted, .rendering, .scheduled, .queued: fax.dueAt
        default: nil
        }
    }

    /// What is not as one would expect.
    private var warnings: [String] {
        var sentences: [String] = []
        if fax.state != .delivered { sentences += fax.terms.numberWarnings.map(\.sentence) }
        if fax.state == .held, let hold = fax.hold { sentences.append(hold.sentence) }
        if fax.isCancelRequested, fax.state == .sending { sentences.append("It was withdrawn; its call is being ended.") }
        if fax.stalledAt != nil { sentences.append("It does not move: an operator should look.") }
        if fax.progress.isReduced { sentences.append("The far machine takes standard resolution only: the pages were made anew.") }
        if fax.state == .delivered, fax.progress.rung == CallMode.ladder.count - 1 {
            sentences.append("It was sent without error correction: the quality of the pages is not guaranteed.")
        }
        return sentences
    }
}
