/// Cuts a stream into messages by Content-Length (RFC 3261 18.3, 20.14). The bytes are hostile until proven otherwise:
/// what cannot be framed for certain ends the connection, because nothing after it could be trusted to be a message.
package struct SIPStreamFramer: Sendable {
    /// What the stream held next.
    package enum Frame: Sendable, Equatable {
        /// A whole message.
        case message([UInt8])
        /// Two CRLF between messages, which ask for one in return (RFC 5626 3.5.1).
        case ping
        /// One CRLF between messages after ``SIPStreamFramer/expectPong()``.
        case pong
    }

    /// Why a stream cannot be read on.
    package enum Failure: Error, Sendable, Equatable {
        /// The start line and header fields of one message exceed ``SIPStreamFramer/maximumHeader``.
        case headerTooLarge
        /// Content-Length is missing, repeated with another value or no number.
        case badLength
        /// Content-Length exceeds ``SIPStreamFramer/maximumBody``.
        case bodyTooLarge
    }

    /// The longest start line with header fields, bytes.
    package static let maximumHeader = 65_536
    /// The longest body, bytes.
    package static let maximumBody = 262_144

    private var buffer: [UInt8] = []
    /// Bytes before it are delivered already.
    private var start = 0
    /// Bytes before it hold no end of the header section.
    private var scanned = 0
    /// The length of the whole message that begins at `start`, once its header section is complete.
    private var length: Int?
    private var lineEnds = 0
    private var isPongExpected = false

    /// An empty stream.
    package init() {}

    /// Whether a message has begun and is not complete.
    package var isInMessage: Bool { start < buffer.count }

    /// The next single CRLF is the answer to a ping of ours and not the first half of a ping of the peer.
    package mutating func expectPong() { isPongExpected = true }

    /// Takes bytes of the stream. The caller reads all frames before it hands over more, so that memory is bounded.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        if start > 0 {
            buffer.removeSubrange(..<start)
            scanned -= start
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next frame, or nil when more bytes are needed.
    package mutating func next() throws(Failure) -> Frame? {
        if length == nil {
            if let frame = skipLineEnds() { return frame }
            guard start < buffer.count else { return nil }
            guard let end = findHeaderEnd() else {
                guard buffer.count - start <= Self.maximumHeader else { throw .headerTooLarge }
                return nil
            }
            guard end - start <= Self.maximumHeader else { throw .headerTooLarge }
            length = end - start + (try Self.contentLength(of: buffer[start..<end]))
        }
        guard let length, buffer.count - start >= length else { return nil }
        let message = Array(buffer[start..<(start + length)])
        start += length
        scanned = start
        self.length = nil
        lineEnds = 0
        return .message(message)
    }

    /// Passes over CRLF between messages.
    private mutating func skipLineEnds() -> Frame? {
        while start < buffer.count, buffer[start] == 0x0D || buffer[start] == 0x0A {
            let isEnd = buffer[start] == 0x0A
            start += 1
            scanned = max(scanned, start)
            guard isEnd else { continue }
            if isPongExpected {
                isPongExpected = false
                return .pong
            }
            lineEnds += 1
            if lineEnds == 2 {
                lineEnds = 0
                return .ping
            }
        }
        return nil
    }

    /// The place after the empty line that ends the header section. Lines end in CRLF or LF, as the parser reads them.
    private mutating func findHeaderEnd() -> Int? {
        while scanned < buffer.count {
            let place = scanned
            scanned += 1
            guard buffer[place] == 0x0A, place > start else { continue }
            var before = place - 1
            if buffer[before] == 0x0D, before > start { before -= 1 }
            if buffer[before] == 0x0A { return place + 1 }
        }
        return nil
    }

    /// Reads Content-Length as ``SIPParser`` does, so that both see the same end of the message.
    private static func contentLength(of header: ArraySlice<UInt8>) throws(Failure) -> Int {
        var lines: [[UInt8]] = []
        for line in header.split(separator: 0x0A).dropFirst() {
            let line = line.last == 0x0D ? line.dropLast() : line
            if let first = line.first, first.isWhitespace, !lines.isEmpty {
                lines[lines.count - 1] += [0x20] + line
            } else {
                lines.append(Array(line))
            }
        }
        var found: String?
        for line in lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self).trimmed
            guard name.equalsIgnoringCase("Content-Length") || name.equalsIgnoringCase("l") else { continue }
            let value = String(decoding: line[(colon + 1)...], as: UTF8.self).trimmed
            guard found == nil || found == value else { throw .badLength }
            found = value
        }
        guard let found, !found.isEmpty, found.utf8.allSatisfy(\.isDigit) else { throw .badLength }
        // A number of more digits than Int has is too large as well.
        guard let number = Int(found), number <= maximumBody else { throw .bodyTooLarge }
        return number
    }
}
