/// A JSON value (RFC 8259) of a stranger. Foundation's decoder keeps one of two members of the same name and tells nobody which;
/// here they are an error (RFC 7515, 4; RFC 7519, 4).
enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// - Returns: nil unless the bytes are exactly one value in valid UTF-8, nested no deeper than 16, without duplicate names.
    init?(json bytes: [UInt8]) {
        var parser = JSONParser(bytes)
        guard let value = parser.document() else { return nil }
        self = value
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var number: Double? {
        if case .number(let number) = self { number } else { nil }
    }

    var array: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    var object: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }
}
