/// An `a=` line: a name alone or a name and a value (RFC 8866 5.13).
package struct SDPAttribute: Sendable, Equatable {
    /// The name as it came; compare it without case.
    package let name: String
    /// What follows the colon; nil for a flag.
    package let value: String?

    /// Builds an attribute.
    package init(_ name: String, _ value: String? = nil) {
        self.name = name
        self.value = value
    }

    /// The text after `a=`.
    package var text: String { name + (value.map { ":" + $0 } ?? "") }

    init(parsing text: String) {
        if let colon = text.firstIndex(of: ":") {
            name = text[..<colon].trimmed
            value = text[text.index(after: colon)...].trimmed
        } else {
            name = text.trimmed
            value = nil
        }
    }
}

extension [SDPAttribute] {
    /// The first attribute of that name; the case of letters does not count, because senders do not agree on it.
    package func first(named name: String) -> SDPAttribute? {
        first { $0.name.equalsIgnoringCase(name) }
    }

    /// The value of the first attribute of that name that has one.
    package func value(named name: String) -> String? {
        first { $0.name.equalsIgnoringCase(name) && $0.value != nil }?.value
    }
}
