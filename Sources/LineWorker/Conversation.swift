import FoundationEssentials
import Glibc
import WorkerProtocol

/// The gateway's end of the line: commands come in, events and pages go out, and a slow reader never holds up the fax.
struct Conversation {
    enum Failure: Error {
        /// The gateway closed the conversation, or does not read it.
        case closed
        /// It sent what no gateway sends.
        case unintelligible

        var exitStatus: Int32 {
            switch self {
            case .closed: 1
            case .unintelligible: 2
            }
        }
    }

    let descriptor: Int32
    private var decoder = FrameDecoder()
    /// Whether something came since ``next()`` found no whole command.
    private var hasNew = false
    private var unsent: [UInt8] = []
    private var sent = 0

    /// Bytes that may wait for the gateway: a page is at most a few MB.
    private static let maximumUnsent = 64 << 20

    init(descriptor: Int32) {
        self.descriptor = descriptor
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    }

    var hasUnsent: Bool { sent < unsent.count }

    /// Waits for the first command, which must be ``CallCommand/start(_:)``.
    mutating func awaitStart() throws(Failure) -> CallSetup {
        while true {
            if let command = try next() {
                guard case .start(let setup) = command else { throw .unintelligible }
                return setup
            }
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            _ = Glibc.poll(&poll, 1, -1)
            try read()
        }
    }

    /// Takes what has arrived, without waiting.
    mutating func read() throws(Failure) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        if count > 0 {
            decoder.append(buffer[..<count])
            hasNew = true
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            throw .closed
        }
    }

    /// The next whole command, if there is one.
    mutating func next() throws(Failure) -> CallCommand? {
        guard hasNew else { return nil }
        do {
            guard let frame = try decoder.next() else {
                hasNew = false
                return nil
            }
            guard frame.kind == .message else { throw Failure.unintelligible }
            return try JSONDecoder().decode(CallCommand.self, from: Data(frame.payload))
        } catch {
            throw .unintelligible
        }
    }

    mutating func send(_ event: CallEvent) throws(Failure) {
        let payload: Data
        do {
            payload = try JSONEncoder().encode(event)
        } catch {
            throw .unintelligible
        }
        try send(Frame(kind: .message, payload: Array(payload)))
    }

    mutating func send(_ frame: Frame) throws(Failure) {
        unsent += frame.encoded
        guard unsent.count - sent <= Self.maximumUnsent else { throw .closed }
        try flush()
    }

    /// Writes as much as the gateway takes now.
    mutating func flush() throws(Failure) {
        guard hasUnsent else { return }
        while hasUnsent {
            let count = unsent.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN { return }
                throw .closed
            }
            sent += count
        }
        unsent.removeAll(keepingCapacity: true)
        sent = 0
    }

    /// Writes everything that is left, for at most `milliseconds`.
    mutating func drain(milliseconds: Int64) throws(Failure) {
        let end = MonotonicTime.now.adding(milliseconds: milliseconds)
        while hasUnsent {
            let left = end.milliseconds(since: .now)
            guard left > 0 else { throw .closed }
            var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = Glibc.poll(&poll, 1, Int32(clamping: left))
            try flush()
        }
    }
}
