/// The header fields of a message in their order on the wire (RFC 3261 7.3). Names are compared without case.
package struct SIPHeaders: Sendable, Equatable {
    /// One header field.
    package struct Field: Sendable, Equatable {
        /// The name in its usual spelling; compact forms are expanded.
        package let name: String
        /// The value without surrounding white space and without control characters.
        package let value: String

        /// Builds a field. Control characters in the value become spaces, so that no value can start another field.
        package init(_ name: String, _ value: String) {
            self.name = SIPHeaders.canonicalName(name)
            self.value = value.withoutControls.trimmed
        }
    }

    /// All fields in order.
    package private(set) var fields: [Field]

    /// Builds headers from fields in order.
    package init(_ fields: [Field] = []) {
        self.fields = fields
    }

    /// The value of the first field of that name.
    package subscript(_ name: String) -> String? {
        fields.first { $0.name.equalsIgnoringCase(name) }?.value
    }

    /// The values of all fields of that name, one entry a field.
    package func values(_ name: String) -> [String] {
        fields.filter { $0.name.equalsIgnoringCase(name) }.map(\.value)
    }

    /// The entries of a comma-separated header over all its fields, in order (RFC 3261 7.3.1).
    package func list(_ name: String) -> [String] {
        values(name).flatMap(Self.splitAtCommas)
    }

    /// Appends a field.
    package mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name, value))
    }

    /// Puts a field before all others.
    mutating func addFirst(_ name: String, _ value: String) {
        fields.insert(Field(name, value), at: 0)
    }

    /// Replaces every field of that name by one, in the place of the first.
    package mutating func set(_ name: String, _ value: String) {
        let place = fields.firstIndex { $0.name.equalsIgnoringCase(name) } ?? fields.count
        remove(name)
        fields.insert(Field(name, value), at: min(place, fields.count))
    }

    /// Removes every field of that name.
    package mutating func remove(_ name: String) {
        fields.removeAll { $0.name.equalsIgnoringCase(name) }
    }

    /// Replaces the first entry of a comma-separated header and keeps the others; nothing happens when there is none.
    mutating func replaceFirstEntry(of name: String, with value: String) {
        guard let index = fields.firstIndex(where: { $0.name.equalsIgnoringCase(name) }) else { return }
        let others = Self.splitAtCommas(fields[index].value).dropFirst()
        fields[index] = Field(name, ([value] + others).joined(separator: ", "))
    }

    /// Splits at commas that stand outside quotes and angle brackets; empty entries are dropped.
    static func splitAtCommas(_ value: String) -> [String] {
        var entries: [String] = []
        var current: [UInt8] = []
        var isQuoted = false
        var isEscaped = false
        var isBracketed = false
        for byte in value.utf8 {
            if isEscaped {
                isEscaped = false
            } else if isQuoted {
                if byte == UInt8(ascii: "\\") { isEscaped = true }
                if byte == UInt8(ascii: "\"") { isQuoted = false }
            } else if byte == UInt8(ascii: "\"") {
                isQuoted = true
            } else if byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") {
                isBracketed = byte == UInt8(ascii: "<")
            } else if byte == UInt8(ascii: ","), !isBracketed {
                entries.append(String(decoding: current, as: UTF8.self).trimmed)
                current.removeAll(keepingCapacity: true)
                continue
            }
            current.append(byte)
        }
        entries.append(String(decoding: current, as: UTF8.self).trimmed)
        return entries.filter { !$0.isEmpty }
    }
}

extension SIPHeaders {
    /// Compact forms (RFC 3261 7.3.3 and the IANA register).
    private static let compactForms: [UInt8: String] = [
        UInt8(ascii: "a"): "Accept-Contact", UInt8(ascii: "b"): "Referred-By", UInt8(ascii: "c"): "Content-Type",
        UInt8(ascii: "d"): "Request-Disposition", UInt8(ascii: "e"): "Content-Encoding", UInt8(ascii: "f"): "From",
        UInt8(ascii: "i"): "Call-ID", UInt8(ascii: "j"): "Reject-Contact", UInt8(ascii: "k"): "Supported",
        UInt8(ascii: "l"): "Content-Length", UInt8(ascii: "m"): "Contact", UInt8(ascii: "n"): "Identity-Info",
        UInt8(ascii: "o"): "Event", UInt8(ascii: "r"): "Refer-To", UInt8(ascii: "s"): "Subject",
        UInt8(ascii: "t"): "To", UInt8(ascii: "u"): "Allow-Events", UInt8(ascii: "v"): "Via",
        UInt8(ascii: "x"): "Session-Expires", UInt8(ascii: "y"): "Identity",
    ]

    /// The long form of a compact name; every other name without bytes that are no token.
    static func canonicalName(_ name: String) -> String {
        if name.utf8.count == 1, let byte = name.utf8.first, let long = compactForms[byte.lowercasedASCII] {
            return long
        }
        guard name.utf8.contains(where: { !$0.isToken }) else { return name }
        return String(decoding: name.utf8.filter(\.isToken), as: UTF8.self)
    }
}
