package import FaxModel
import FoundationEssentials
package import Store

/// What a receiver is told: that something happened to a fax, and how it stands. Thin: who wants more asks the API, with a key.
///
/// Nothing else than the fields here can leave, whatever the event says, and words are words: no number of a fax has that form, and no text
/// with a space in it (45 CFR 164.502(b)).
package enum WebhookPayload {
    /// The type of a message that somebody asked for to try an endpoint.
    package static let testType = "webhook.test"

    private struct Message: Encodable {
        let type: String
        let timestamp: String
        let data: Facts
    }

    private struct Facts: Codable {
        var id: String?
        var state: String?
        var status: String?
        var pages: Int?
        var pages_confirmed: Int?
        var attempt: Int?
        var outcome: String?
        var cause: String?
        var route: String?
        var hold: String?
        var page: Int?
        var next_at: String?
    }

    /// The body for an event: one line of JSON, its members sorted.
    package static func body(of event: FaxEventRecord) -> String {
        // What cannot be read tells nothing; the type alone is something.
        var facts = (try? JSONDecoder().decode(Facts.self, from: Data(event.data.utf8))) ?? Facts()
        facts.id = event.fax.text
        facts.state = word(facts.state)
        facts.status = word(facts.status)
        facts.outcome = word(facts.outcome)
        facts.cause = word(facts.cause)
        facts.route = word(facts.route)
        facts.hold = word(facts.hold)
        facts.next_at = facts.next_at.flatMap { Timestamp(iso8601: $0)?.description }
        return json(Message(type: event.type, timestamp: event.at.description, data: facts))
    }

    /// The body of a test.
    package static func test(of endpoint: String, at now: Timestamp) -> String {
        json(Message(type: testType, timestamp: now.description, data: Facts(id: endpoint)))
    }

    /// One of ours begins with a letter and has no more than 64 of letters, digits, `_`, `-` and `.`.
    private static func word(_ text: String?) -> String? {
        guard let text, text.utf8.count <= 64, let first = text.utf8.first, isLetter(first),
            text.utf8.allSatisfy({ isLetter($0) || (0x30...0x39).contains($0) || [0x5F, 0x2D, 0x2E].contains($0) })
        else { return nil }
        return text
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func json(_ message: Message) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and whole numbers always have a JSON form.
        return (try? encoder.encode(message)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
