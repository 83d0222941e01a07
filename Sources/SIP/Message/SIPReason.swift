/// A Reason value (RFC 3326): why a request was sent, or by RFC 6432 why a response was.
package struct SIPReason: Sendable, Equatable {
    /// `SIP`, `Q.850` ...
    package let namespace: String
    /// A status code for `SIP`, a cause of ITU-T Q.850 for `Q.850`; nil when none was given.
    package let cause: Int?
    /// Text for people. That of a peer is not for logs.
    package let text: String?

    /// Builds a reason.
    package init(namespace: String, cause: Int?, text: String? = nil) {
        self.namespace = namespace
        self.cause = cause
        self.text = text
    }

    /// A cause of ITU-T Q.850, such as 16 for normal clearing.
    package static func q850(_ cause: Int, text: String? = nil) -> SIPReason {
        SIPReason(namespace: "Q.850", cause: cause, text: text)
    }

    /// The text on the wire.
    package var headerValue: String {
        let quoted = text.map { text in
            let escaped = text.withoutControls.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
            return ";text=\"" + String(escaped) + "\""
        }
        return String(decoding: namespace.utf8.filter(\.isToken), as: UTF8.self) + (cause.map { ";cause=\($0)" } ?? "") + (quoted ?? "")
    }

    /// Reads one value; nil when it has no protocol or does not follow the grammar.
    package init?(parsing value: String) {
        var scanner = ByteScanner(value)
        let namespace = scanner.take(while: \.isToken)
        guard !namespace.isEmpty, let parameters = try? SIPParameters(&scanner, isValueByte: SIPParameters.isValueByte),
            scanner.isAtEnd
        else { return nil }
        self.namespace = namespace
        var digits = ByteScanner(parameters["cause"] ?? "")
        cause = digits.number()
        text = parameters["text"].map { NameAddress.unquoted($0) }
    }
}

extension SIPHeaders {
    /// The Reason values that can be read, at most eight.
    package var reasons: [SIPReason] { list("Reason").prefix(8).compactMap(SIPReason.init(parsing:)) }

    /// Retry-After in seconds (RFC 3261 20.33), at most a day; nil when there is none. Its comment is not read.
    package var retryAfter: Int? {
        guard let value = self["Retry-After"] else { return nil }
        var scanner = ByteScanner(value)
        return scanner.number().map { min($0, 86_400) }
    }
}
