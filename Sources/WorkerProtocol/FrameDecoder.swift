/// Cuts a stream of bytes from a worker into ``Frame``s. The worker is not trusted: a length past the limit is an error.
package struct FrameDecoder: Sendable {
    /// Why a stream cannot be read on.
    package enum Failure: Error, Equatable {
        /// A kind byte that is none of ``Frame/Kind``.
        case unknownKind(UInt8)
        /// A payload longer than ``Frame/maximumPayload``.
        case tooLong(Int)
    }

    private var buffer: [UInt8] = []
    private var start = 0

    package init() {}

    /// Adds bytes as they came from the pipe.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole frame, or nil until more bytes have come.
    package mutating func next() throws(Failure) -> Frame? {
        guard buffer.count - start >= Frame.headerLength else { return nil }
        guard let kind = Frame.Kind(rawValue: buffer[start]) else { throw .unknownKind(buffer[start]) }
        let length = buffer[(start + 1)..<(start + 5)].reduce(0) { $0 << 8 | Int($1) }
        guard length <= Frame.maximumPayload else { throw .tooLong(length) }
        let end = start + Frame.headerLength + length
        guard buffer.count >= end else { return nil }
        let payload = Array(buffer[(start + Frame.headerLength)..<end])
        start = end
        return Frame(kind: kind, payload: payload)
    }

    /// Whether bytes of an unfinished frame are left: true at the end of the stream means that the worker died in mid-frame.
    package var hasPartialFrame: Bool { start < buffer.count }
}
