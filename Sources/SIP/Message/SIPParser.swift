/// Reads one message from a datagram (RFC 3261 7, 18.3). The bytes are hostile until proven otherwise: every limit is
/// checked before memory is taken, and every failure is a ``SIPParseFailure``.
package struct SIPParser: Sendable {
    /// The largest message, bytes.
    package var maximumSize = 65_535
    /// The longest header field with its continuation lines, bytes.
    package var maximumLine = 8_192
    /// The most header fields.
    package var maximumHeaders = 200

    /// A parser with the usual limits.
    package init() {}

    /// Reads a message and checks the header fields that every message must have. Line ends may be CRLF or LF.
    /// Bytes after the body that Content-Length announces are ignored; a datagram without one is body to its end.
    package func parse(_ bytes: [UInt8]) throws(SIPParseFailure) -> SIPMessage {
        guard bytes.count <= maximumSize else { throw .tooLarge("size") }
        var lines = LineReader(bytes: bytes)
        lines.skipEmptyLines()
        guard !lines.isAtEnd else { throw .empty }
        guard let start = lines.next() else { throw .truncated }
        guard start.count <= maximumLine else { throw .tooLarge("line") }

        var headers = try readHeaders(&lines)
        let available = bytes.count - lines.position
        var length = available
        let announced = Set(headers.values("Content-Length"))
        if let text = announced.first {
            var scanner = ByteScanner(text)
            guard announced.count == 1, let number = scanner.number(), scanner.isAtEnd else {
                throw .malformed("Content-Length")
            }
            guard number <= available else { throw .truncated }
            length = number
        }
        headers.remove("Content-Length")
        let body = Array(bytes[lines.position..<(lines.position + length)])
        let message = try Self.startLine(Array(start), headers: headers, body: body)
        try Self.checkMandatory(message)
        return message
    }

    /// What can still be read of a request that ``parse(_:)`` refuses, as far as an answer needs it (RFC 3261 8.2.6.2): the
    /// method, and the header fields that an answer copies. Its Request-URI means nothing. Nil for what must not be
    /// answered: responses, ACK, and whatever names no way back.
    package func outline(_ bytes: [UInt8]) -> SIPRequest? {
        var lines = LineReader(bytes: Array(bytes.prefix(maximumSize)))
        lines.skipEmptyLines()
        guard let start = lines.next(), let word = start.split(separator: 0x20).first else { return nil }
        let method = String(decoding: word, as: UTF8.self)
        guard method != "ACK", !method.isEmpty, method.utf8.allSatisfy(\.isToken) else { return nil }
        var fields: [SIPHeaders.Field] = []
        while fields.count < maximumHeaders, let first = lines.next(), !first.isEmpty {
            var line = Array(first.prefix(maximumLine))
            while let next = lines.peek, next.isWhitespace, let more = lines.next() {
                if line.count + more.count < maximumLine { line += [0x20] + more.drop(while: \.isWhitespace) }
            }
            var scanner = ByteScanner(line)
            let name = SIPHeaders.canonicalName(scanner.take(while: \.isToken))
            scanner.skipWhitespace()
            guard scanner.consume(":"), Self.copied.contains(where: { $0.equalsIgnoringCase(name) }) else { continue }
            // Only Via may come more than once.
            guard name.equalsIgnoringCase("Via") || !fields.contains(where: { $0.name.equalsIgnoringCase(name) }) else { continue }
            fields.append(SIPHeaders.Field(name, scanner.rest))
        }
        let headers = SIPHeaders(fields)
        guard headers.topVia != nil else { return nil }
        return SIPRequest(method: SIPMethod(rawValue: method), uri: SIPURI(user: nil, host: "invalid"), headers: headers)
    }

    private static let copied = ["Via", "From", "To", "Call-ID", "CSeq"]

    private func readHeaders(_ lines: inout LineReader) throws(SIPParseFailure) -> SIPHeaders {
        var fields: [SIPHeaders.Field] = []
        while true {
            guard let first = lines.next() else { throw .truncated }
            if first.isEmpty { return SIPHeaders(fields) }
            guard fields.count < maximumHeaders else { throw .tooLarge("headers") }
            var line = Array(first)
            // Continuation lines (RFC 3261 7.3.1).
            while let next = lines.peek, next.isWhitespace {
                guard let more = lines.next() else { throw .truncated }
                guard line.count + more.count < maximumLine else { throw .tooLarge("line") }
                line.append(0x20)
                line += more.drop(while: \.isWhitespace)
            }
            guard line.count <= maximumLine else { throw .tooLarge("line") }
            var scanner = ByteScanner(line)
            let name = scanner.take(while: \.isToken)
            scanner.skipWhitespace()
            guard !name.isEmpty, scanner.consume(":") else { throw .malformed("header") }
            fields.append(SIPHeaders.Field(name, scanner.rest))
        }
    }

    private static func startLine(
        _ line: [UInt8], headers: SIPHeaders, body: [UInt8]
    ) throws(SIPParseFailure) -> SIPMessage {
        let parts = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        let first = parts.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard parts.count >= 2 else { throw .malformed("start line") }
        let second = String(decoding: parts[1], as: UTF8.self)
        let third = parts.count == 3 ? String(decoding: parts[2], as: UTF8.self) : ""

        if first.utf8.prefix(4).elementsEqual("SIP/".utf8) {
            guard first == "SIP/2.0" else { throw .unsupportedVersion }
            var scanner = ByteScanner(second)
            guard second.utf8.count == 3, let status = scanner.number(), (100...699).contains(status), scanner.isAtEnd
            else { throw .malformed("status") }
            let reason = third.withoutControls
            return .response(SIPResponse(status: status, reason: reason, headers: headers, body: body))
        }
        guard !first.isEmpty, first.utf8.allSatisfy(\.isToken) else { throw .malformed("method") }
        guard third.trimmed.utf8.prefix(4).elementsEqual("SIP/".utf8) else { throw .malformed("start line") }
        guard third.trimmed == "SIP/2.0" else { throw .unsupportedVersion }
        let uri = try SIPURI(parsing: second)
        return .request(SIPRequest(method: SIPMethod(rawValue: first), uri: uri, headers: headers, body: body))
    }

    /// RFC 3261 8.1.1 and 8.2.6.2. What is needed to answer at all must be there and readable.
    private static func checkMandatory(_ message: SIPMessage) throws(SIPParseFailure) {
        let headers = message.headers
        for name in ["Via", "From", "To", "Call-ID", "CSeq"] where headers[name]?.isEmpty != false {
            throw .missing(name)
        }
        for name in ["From", "To", "Call-ID", "CSeq", "Max-Forwards"] where headers.values(name).count > 1 {
            throw .malformed(name)
        }
        guard headers.topVia != nil else { throw .malformed("Via") }
        guard headers.from != nil else { throw .malformed("From") }
        guard headers.to != nil else { throw .malformed("To") }
        guard let cseq = headers.cseq else { throw .malformed("CSeq") }
        if case .request(let request) = message, request.method != cseq.method { throw .malformed("CSeq") }
    }
}

/// Cuts the header section into lines that end in CRLF or LF.
private struct LineReader {
    let bytes: [UInt8]
    private(set) var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position >= bytes.count }
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipEmptyLines() {
        while let byte = peek, byte == 0x0D || byte == 0x0A { position += 1 }
    }

    /// The next line without its end; nil when no line end comes.
    mutating func next() -> ArraySlice<UInt8>? {
        guard let end = bytes[position...].firstIndex(of: 0x0A) else { return nil }
        let line = bytes[position..<end]
        position = end + 1
        return line.last == 0x0D ? line.dropLast() : line
    }
}
