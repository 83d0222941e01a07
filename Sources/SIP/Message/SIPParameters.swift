/// The `;name=value` parameters of a URI or a header field, in order. Names are compared without case.
package struct SIPParameters: Sendable, Hashable {
    /// One parameter; `value` is nil for a flag and keeps its quotes if it has any.
    package struct Entry: Sendable, Hashable {
        /// The name as it came.
        package let name: String
        /// The value as it came.
        package let value: String?
    }

    /// All parameters in order.
    package private(set) var entries: [Entry] = []

    /// No parameters.
    package init() {}

    /// The value of the first parameter of that name: nil when it is absent, empty for a flag. Setting nil removes it.
    package subscript(_ name: String) -> String? {
        get { entries.first { $0.name.equalsIgnoringCase(name) }.map { $0.value ?? "" } }
        set {
            let place = entries.firstIndex { $0.name.equalsIgnoringCase(name) } ?? entries.count
            entries.removeAll { $0.name.equalsIgnoringCase(name) }
            guard let newValue else { return }
            let entry = Entry(name: name, value: newValue.isEmpty ? nil : newValue.withoutControls)
            entries.insert(entry, at: min(place, entries.count))
        }
    }

    /// The text on the wire, with a semicolon before each parameter.
    package var text: String {
        entries.map { entry in ";" + entry.name + (entry.value.map { "=" + $0 } ?? "") }.joined()
    }

    /// Reads parameters as long as semicolons follow.
    init(_ scanner: inout ByteScanner, isValueByte: (UInt8) -> Bool) throws(SIPParseFailure) {
        while true {
            scanner.skipWhitespace()
            guard scanner.consume(";") else { return }
            scanner.skipWhitespace()
            let name = scanner.take { $0.isToken || "[]/:&$".utf8.contains($0) }
            // One stray semicolon at the end is common and harmless; more of them are no parameters (RFC 4475 3.1.2.1).
            if name.isEmpty {
                guard scanner.isAtEnd else { throw .malformed("parameter") }
                return
            }
            scanner.skipWhitespace()
            guard scanner.consume("=") else {
                entries.append(Entry(name: name, value: nil))
                continue
            }
            scanner.skipWhitespace()
            if scanner.peek == UInt8(ascii: "\"") {
                guard let quoted = scanner.quotedString() else { throw .malformed("parameter") }
                entries.append(Entry(name: name, value: quoted))
            } else {
                entries.append(Entry(name: name, value: scanner.take(while: isValueByte)))
            }
        }
    }

    /// A byte of an unquoted parameter value: a token or a host (`gen-value`), and what senders put there besides.
    static func isValueByte(_ byte: UInt8) -> Bool {
        byte.isToken || byte.isHost || "/&$@?=".utf8.contains(byte)
    }
}
