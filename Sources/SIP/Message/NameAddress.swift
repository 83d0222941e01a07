/// The value of From, To, Contact, Route and Record-Route: a display name, a URI and parameters (RFC 3261 20.10).
package struct NameAddress: Sendable, Hashable {
    /// The display name without quotes and escapes; nil when there is none.
    package var displayName: String?
    /// The URI.
    package var uri: SIPURI
    /// Header parameters, such as `tag`.
    package var parameters = SIPParameters()

    /// Builds an address.
    package init(displayName: String? = nil, uri: SIPURI) {
        self.displayName = displayName
        self.uri = uri
    }

    /// The dialog tag (RFC 3261 19.3). An empty tag counts as none.
    package var tag: String? {
        get { parameters["tag"].flatMap { $0.isEmpty ? nil : $0 } }
        set { parameters["tag"] = newValue }
    }

    /// The text on the wire, always with angle brackets. Not for logs.
    package var text: String {
        var text = ""
        if let displayName, !displayName.isEmpty {
            let escaped = displayName.withoutControls.flatMap { character in
                character == "\"" || character == "\\" ? ["\\", character] : [character]
            }
            text = "\"" + String(escaped) + "\" "
        }
        return text + "<" + uri.text + ">" + parameters.text
    }

    /// Reads one address.
    /// - Throws: `malformed` when it has no URI that can be read.
    package init(parsing value: String) throws(SIPParseFailure) {
        var scanner = ByteScanner(value.trimmed)
        if scanner.peek == UInt8(ascii: "\"") {
            guard let quoted = scanner.quotedString() else { throw .malformed("address") }
            displayName = Self.unquoted(quoted)
        } else {
            var ahead = scanner
            if let name = ahead.take(upTo: "<") {
                displayName = name.trimmed.isEmpty ? nil : name.trimmed
                scanner = ahead
            }
        }
        scanner.skipWhitespace()
        if scanner.consume("<") {
            guard let text = scanner.take(upTo: ">"), scanner.consume(">") else { throw .malformed("address") }
            uri = try SIPURI(parsing: text.trimmed)
        } else {
            guard displayName == nil else { throw .malformed("address") }
            // Without brackets every parameter belongs to the header field, and a URI that holds a comma or a question mark
            // must have brackets (RFC 3261 20).
            let bare = scanner.take { $0 != UInt8(ascii: ";") && !$0.isWhitespace }
            guard !bare.utf8.contains(where: { ",?".utf8.contains($0) }) else { throw .malformed("address") }
            uri = try SIPURI(parsing: bare)
        }
        parameters = try SIPParameters(&scanner, isValueByte: SIPParameters.isValueByte)
        guard scanner.isAtEnd else { throw .malformed("address") }
    }

    /// A `quoted-string` without its quotes and escapes; other text as it is.
    static func unquoted(_ text: String) -> String {
        guard text.utf8.count >= 2, text.utf8.first == UInt8(ascii: "\"") else { return text }
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8.dropFirst().dropLast() {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
            } else {
                bytes.append(byte)
                isEscaped = false
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
