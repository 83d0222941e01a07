import FaxModel
import Store

/// A fax that waits, as the API shows it to who may see all of them and open none: its number is masked.
struct QueueDocument: Encodable {
    private let waiting: WaitingFax

    init(_ waiting: WaitingFax) { self.waiting = waiting }

    private enum Key: String, CodingKey {
        case id, to, mailbox, state, priority, reason, hold, sentence, until, calls, pages, behind
        case acceptedAt = "accepted_at"
        case movedAt = "moved_at"
        case stalledAt = "stalled_at"
        case pagesConfirmed = "pages_confirmed"
    }

    /// Absent values are `null`, not left out.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        let fax = waiting.fax
        try container.encode(fax.id.text, forKey: .id)
        try container.encode(fax.number.masked, forKey: .to)
        try container.encode(fax.mailbox, forKey: .mailbox)
        try container.encode(fax.state.rawValue, forKey: .state)
        try container.encode(fax.terms.priority.rawValue, forKey: .priority)
        try container.encode(waiting.reason.word, forKey: .reason)
        try container.encode(fax.state == .held ? fax.hold?.rawValue : nil, forKey: .hold)
        try container.encode(fax.error, forKey: .sentence)
        try container.encode(waiting.until?.description, forKey: .until)
        try container.encode(fax.createdAt.description, forKey: .acceptedAt)
        try container.encode(waiting.movedAt.description, forKey: .movedAt)
        try container.encode(fax.stalledAt?.description, forKey: .stalledAt)
        try container.encode(fax.progress.dials, forKey: .calls)
        try container.encode(fax.pages, forKey: .pages)
        try container.encode(fax.pagesConfirmed, forKey: .pagesConfirmed)
        try container.encode(waiting.behind, forKey: .behind)
    }
}
