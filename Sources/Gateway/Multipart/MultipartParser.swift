/// A `multipart/form-data` body (RFC 7578, RFC 2046 5.1) as a stream of events. Pure: bytes in, events out, no part is kept.
///
/// After each ``append(_:)`` take events until ``next()`` gives nil; the parser then holds no more than a cut delimiter or the
/// header fields of one part. Where the body is cut into pieces changes nothing but the cuts of the ``Event/partBytes(_:)``.
///
///     for try await piece in body {
///         parser.append(piece)
///         while let event = try parser.next() { ... }
///     }
///     parser.finish()
///     while let event = try parser.next() { ... }
package struct MultipartParser: Sendable {
    package struct Limits: Sendable, Hashable {
        /// Parts of a body.
        package var maximumParts: Int
        /// Bytes of the header fields of one part, and of what may stand before the first delimiter.
        package var maximumHeaderBytes: Int

        package init(maximumParts: Int = 32, maximumHeaderBytes: Int = 8192) {
            self.maximumParts = maximumParts
            self.maximumHeaderBytes = maximumHeaderBytes
        }
    }

    package enum Event: Sendable, Equatable {
        /// A part begins.
        case partBegan(MultipartPart)
        /// Bytes of the part, at least one. Let go of the slice before the next ``MultipartParser/append(_:)`` to save a copy.
        case partBytes(ArraySlice<UInt8>)
        /// The part is whole.
        case partEnded
        /// The closing delimiter was read; nothing follows, and bytes after it are ignored.
        case finished
    }

    private enum State {
        /// Before the first delimiter.
        case preamble
        /// After a boundary, on its line.
        case delimiterLine
        /// At the CRLF before the header fields.
        case headers
        /// At the CRLF of the empty line after them, which may be that of a delimiter too (RFC 2046 5.1.1: a part without body).
        case bodyStart
        case body
        case closed
        case failed(MultipartError)
    }

    /// RFC 2046 allows blanks after a boundary without a limit, and nobody sends any.
    private static let maximumPadding = 256

    private let search: DelimiterSearch
    private let limits: Limits
    private var state = State.preamble
    /// What was appended and not yet taken. The body may begin with a delimiter that has no CRLF before it, so here is one.
    private var buffer: [UInt8] = [0x0D, 0x0A]
    /// Where the bytes begin that are not yet taken.
    private var position = 0
    /// Bytes after `position` that were looked at in this state and need not be again.
    private var scanned = 0
    private var skippedPreamble = 0
    private var parts = 0
    private var isEnded = false

    package init(boundary: MultipartBoundary, limits: Limits = Limits()) {
        search = DelimiterSearch(boundary: boundary)
        self.limits = limits
    }

    /// The closing delimiter was read and ``Event/finished`` was given.
    package var isFinished: Bool {
        if case .closed = state { true } else { false }
    }

    /// Adds the next bytes of the body.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        switch state {
        case .closed, .failed: return
        default: break
        }
        buffer.removeSubrange(..<position)
        position = 0
        buffer.append(contentsOf: bytes)
    }

    /// The body is over. If its closing delimiter is not among the bytes appended, ``next()`` throws ``MultipartError/truncated``
    /// after the last event.
    package mutating func finish() {
        isEnded = true
    }

    /// The next event; nil if more bytes are needed, and for ever after ``Event/finished``.
    ///
    /// - Throws: the first error, again at each later call.
    package mutating func next() throws(MultipartError) -> Event? {
        do throws(MultipartError) {
            while true {
                switch try step() {
                case .event(let event): return event
                case .again: continue
                case .needsBytes:
                    if isEnded { throw MultipartError.truncated }
                    return nil
                case .over: return nil
                }
            }
        } catch {
            state = .failed(error)
            buffer = []
            position = 0
            throw error
        }
    }

    private enum Step {
        case event(Event)
        case again
        case needsBytes
        case over
    }

    private mutating func step() throws(MultipartError) -> Step {
        switch state {
        case .preamble: try skipPreamble()
        case .delimiterLine: try readDelimiterLine()
        case .headers: try readHeaders()
        case .bodyStart: beginBody()
        case .body: readBody()
        case .closed: .over
        case .failed(let error): throw error
        }
    }

    private mutating func enter(_ next: State, consuming count: Int) {
        position += count
        scanned = 0
        state = next
    }

    private mutating func skipPreamble() throws(MultipartError) -> Step {
        let end: Int
        let found: Bool
        switch search.first(in: buffer, from: position) {
        case .found(let index): (end, found) = (index, true)
        case .end(let index): (end, found) = (index, false)
        }
        skippedPreamble += end - position
        position = end
        guard skippedPreamble <= limits.maximumHeaderBytes else { throw .preambleTooLong }
        guard found else { return .needsBytes }
        enter(.delimiterLine, consuming: search.delimiter.count)
        return .again
    }

    /// RFC 2046 5.1.1: after the boundary come `--` (the last one) or blanks, then CRLF.
    private mutating func readDelimiterLine() throws(MultipartError) -> Step {
        while position + scanned < buffer.count, HeaderParameters.isBlank(buffer[position + scanned]) {
            scanned += 1
            guard scanned <= Self.maximumPadding else { throw .malformedDelimiter }
        }
        let index = position + scanned
        guard index < buffer.count else { return .needsBytes }
        let hyphen = UInt8(ascii: "-")
        let second: UInt8
        switch buffer[index] {
        case hyphen where scanned == 0: second = hyphen
        case 0x0D: second = 0x0A
        default: throw .malformedDelimiter
        }
        guard index + 1 < buffer.count else { return .needsBytes }
        guard buffer[index + 1] == second else { throw .malformedDelimiter }
        if second == hyphen {
            buffer = []
            position = 0
            state = .closed
            return .event(.finished)
        }
        guard parts < limits.maximumParts else { throw .tooManyParts(limit: limits.maximumParts) }
        parts += 1
        // The CRLF stays: so an empty block of header fields ends like any other, in CRLF CRLF.
        enter(.headers, consuming: scanned)
        return .again
    }

    private mutating func readHeaders() throws(MultipartError) -> Step {
        while let index = DelimiterSearch.firstCarriageReturn(in: buffer, from: position + scanned) {
            // Two bytes for the first CRLF, which is not of the block.
            guard index - position - 2 <= limits.maximumHeaderBytes else { break }
            scanned = index - position
            guard index + 4 <= buffer.count else { return .needsBytes }
            if buffer[index + 1] == 0x0A, buffer[index + 2] == 0x0D, buffer[index + 3] == 0x0A {
                let block = index == position ? buffer[index..<index] : buffer[(position + 2)..<index]
                let part = try MultipartPart(headerBlock: block)
                enter(.bodyStart, consuming: index + 2 - position)
                return .event(.partBegan(part))
            }
            scanned += 1
        }
        guard buffer.count - position - 2 <= limits.maximumHeaderBytes else {
            throw .headersTooLarge(limit: limits.maximumHeaderBytes)
        }
        scanned = buffer.count - position
        return .needsBytes
    }

    private mutating func beginBody() -> Step {
        let matched = search.matchLength(in: buffer, at: position)
        if matched == search.delimiter.count {
            enter(.delimiterLine, consuming: matched)
            return .event(.partEnded)
        }
        if position + matched == buffer.count { return .needsBytes }
        enter(.body, consuming: 2)
        return .again
    }

    private mutating func readBody() -> Step {
        let end: Int
        switch search.first(in: buffer, from: position) {
        case .found(position):
            enter(.delimiterLine, consuming: search.delimiter.count)
            return .event(.partEnded)
        case .found(let index), .end(let index): end = index
        }
        guard end > position else { return .needsBytes }
        defer { position = end }
        return .event(.partBytes(buffer[position..<end]))
    }
}
