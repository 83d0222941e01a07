import FaxDispatch
import FaxModel
import Store

/// An entry of the recipients as the API shows it.
struct RecipientDocument: Encodable {
    private let entry: RecipientRecord

    init(_ entry: RecipientRecord) {
        self.entry = entry
    }

    private enum Key: String, CodingKey {
        case number, prefix, status, name, reason, since
        case expectedStation = "expected_station"
        case newNumber = "new_number"
        case confirmedBy = "confirmed_by"
        case confirmedAt = "confirmed_at"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(entry.isPrefix ? nil : entry.number, forKey: .number)
        try container.encode(entry.isPrefix ? entry.number : nil, forKey: .prefix)
        try container.encode(entry.status.rawValue, forKey: .status)
        try container.encode(entry.name, forKey: .name)
        try container.encode(entry.expectedStation, forKey: .expectedStation)
        try container.encode(entry.reason, forKey: .reason)
        try container.encode(entry.newNumber, forKey: .newNumber)
        try container.encode(entry.since.description, forKey: .since)
        try container.encode(entry.confirmedBy, forKey: .confirmedBy)
        try container.encode(entry.confirmedAt?.description, forKey: .confirmedAt)
        try container.encode(entry.createdAt.description, forKey: .createdAt)
        try container.encode(entry.updatedAt.description, forKey: .updatedAt)
    }
}

/// What would become of a fax to a number.
struct VerdictDocument: Encodable {
    let verdict: RecipientVerdict
    /// Of the number, where there is one.
    let entry: RecipientRecord?

    private enum Key: String, CodingKey {
        case number, verdict, code, detail, warnings, recipient
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch verdict {
        case .send(let number, let warnings, _):
            try container.encode(number.dialString, forKey: .number)
            try container.encode("send", forKey: .verdict)
            try container.encodeNil(forKey: .code)
            try container.encodeNil(forKey: .detail)
            try container.encode(warnings.map(\.sentence), forKey: .warnings)
        case .hold(let number, let reason, _):
            try container.encode(number.dialString, forKey: .number)
            try container.encode("hold", forKey: .verdict)
            try container.encode(reason.rawValue, forKey: .code)
            try container.encode(reason.sentence, forKey: .detail)
            try container.encode([String](), forKey: .warnings)
        case .refuse(let refusal):
            try container.encodeNil(forKey: .number)
            try container.encode("refuse", forKey: .verdict)
            try container.encode(refusal.code, forKey: .code)
            try container.encode(refusal.sentence, forKey: .detail)
            try container.encode([String](), forKey: .warnings)
        }
        try container.encode(entry.map(RecipientDocument.init), forKey: .recipient)
    }
}
