/// A scheme with its parameters, as challenges and credentials are written (RFC 3261 25.1, RFC 7235 2.1).
struct AuthenticationScheme: Sendable, Equatable {
    /// `Digest` and the like.
    let name: String
    /// A parameter came twice or without its end: nothing in here can be trusted.
    private(set) var isMalformed = false
    private var parameters: [(name: String, value: String)] = []

    private init(name: String) {
        self.name = name
    }

    /// A parameter's value: what stands between the quotes, escapes as they stand, or the unquoted text.
    subscript(_ name: String) -> String? {
        parameters.first { $0.name.equalsIgnoringCase(name) }?.value
    }

    static func == (one: AuthenticationScheme, other: AuthenticationScheme) -> Bool {
        one.name == other.name && one.isMalformed == other.isMalformed
            && one.parameters.elementsEqual(other.parameters) { $0.name == $1.name && $0.value == $1.value }
    }

    /// Reads one header field. RFC 3261 20.44 allows one challenge a field, but senders of HTTP habits put several.
    static func all(in value: String) -> [AuthenticationScheme] {
        var schemes: [AuthenticationScheme] = []
        var scanner = ByteScanner(value)
        while true {
            _ = scanner.take { $0.isWhitespace || $0 == UInt8(ascii: ",") }
            guard !scanner.isAtEnd else { return schemes }
            let word = scanner.take(while: \.isToken)
            scanner.skipWhitespace()
            if word.isEmpty {
                // Not of this grammar, such as the base64 text of another scheme: nothing to its comma can be used.
                _ = scanner.take { $0 != UInt8(ascii: ",") }
                markLast(&schemes)
            } else if scanner.consume("=") {
                scanner.skipWhitespace()
                guard let parameter = parameterValue(&scanner) else {
                    markLast(&schemes)
                    return schemes
                }
                guard let last = schemes.indices.last else { continue }
                if schemes[last][word] != nil { schemes[last].isMalformed = true }
                schemes[last].parameters.append((word, parameter))
            } else {
                schemes.append(AuthenticationScheme(name: word))
            }
        }
    }

    private static func markLast(_ schemes: inout [AuthenticationScheme]) {
        if let last = schemes.indices.last { schemes[last].isMalformed = true }
    }

    /// Nil when a quoted string does not end.
    private static func parameterValue(_ scanner: inout ByteScanner) -> String? {
        guard scanner.peek == UInt8(ascii: "\"") else {
            // Quotes and backslashes would have another meaning when the value is sent back between quotes.
            return scanner.take { !$0.isWhitespace && !",\"\\".utf8.contains($0) }
        }
        guard let quoted = scanner.quotedString() else { return nil }
        return String(decoding: Array(quoted.utf8.dropFirst().dropLast()), as: UTF8.self)
    }
}
