import Logging

/// A JSON object under construction (RFC 8259), on one line.
struct JSONText {
    private var text = ""

    /// The whole object.
    var object: String { "{\(text)}" }

    mutating func member(_ name: String, _ value: String) {
        member(name, raw: Self.quoted(value))
    }

    mutating func member(_ name: String, _ value: Logger.MetadataValue) {
        member(name, raw: Self.encoded(value, depth: 0))
    }

    private mutating func member(_ name: String, raw: String) {
        if !text.isEmpty { text += "," }
        text += Self.quoted(name) + ":" + raw
    }

    /// Members in the order of their names. What is nested deeper than anybody logs is written as its description.
    private static func encoded(_ value: Logger.MetadataValue, depth: Int) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let value): quoted("\(value)")
        case _ where depth == 8: quoted("\(value)")
        case .array(let values): "[" + values.map { encoded($0, depth: depth + 1) }.joined(separator: ",") + "]"
        case .dictionary(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { quoted($0.key) + ":" + encoded($0.value, depth: depth + 1) }
                .joined(separator: ",") + "}"
        @unknown default: quoted("\(value)")
        }
    }

    /// Every control character is escaped, also those beyond ASCII that some readers take for the end of a line.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
