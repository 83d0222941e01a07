import FoundationEssentials
import Glibc
import WorkerProtocol

/// The gateway's end of the line: commands come in, events and pages go out, and a slow reader never holds up the fax.
struct Conversation {
    enum Failure: Error {
        /// The gateway closed the conversation, or did not read it.
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
    /// What came with ``CallCommand/record``: where the call's record is written.
    private(set) var record: Int32?
    /// Whether the gateway is gone, or does not read: what is sent from now on is dropped.
    private(set) var isLost = false
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

    /// Waits for the first command, which must be ``CallCommand/start(_:)``, or ``CallCommand/record`` and then that.
    mutating func awaitStart() throws(Failure) -> CallSetup {
        var attached: Int32?
        while true {
            switch try next() {
            case .start(let setup): return setup
            case .record where attached != nil && record == nil: record = attached
            case .some: throw .unintelligible
            case nil:
                guard !isLost else { throw .closed }
                var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = Glibc.poll(&poll, 1, -1)
                read { [descriptor] in
                    let (count, passed) = PassedDescriptor.receive(into: $0, from: descriptor)
                    attached = attached ?? passed
                    return count
                }
            }
        }
    }

    /// Takes what has arrived, without waiting.
    mutating func read() {
        read { [descriptor] in Glibc.read(descriptor, $0.baseAddress, $0.count) }
    }

    private mutating func read(by call: (UnsafeMutableRawBufferPointer) -> Int) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes(call)
        if count > 0 {
            decoder.append(buffer[..<count])
            hasNew = true
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            lose()
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
        send(Frame(kind: .message, payload: Array(payload)))
    }

    mutating func send(_ frame: Frame) {
        guard !isLost else { return }
        unsent += frame.encoded
        guard unsent.count - sent <= Self.maximumUnsent else { return lose() }
        flush()
    }

    private mutating func lose() {
        isLost = true
        unsent = []
        sent = 0
    }

    /// Writes as much as the gateway takes now.
    mutating func flush() {
        guard hasUnsent else { return }
        while hasUnsent {
            let count = unsent.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN { return }
                return lose()
            }
            sent += count
        }
        unsent.removeAll(keepingCapacity: true)
        sent = 0
    }

    /// Writes everything that is left, for at most `milliseconds`.
    mutating func drain(milliseconds: Int64) {
        let end = MonotonicTime.now.adding(milliseconds: milliseconds)
        while hasUnsent {
            let left = end.milliseconds(since: .now)
            guard left > 0 else { return lose() }
            var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            _ = Glibc.poll(&poll, 1, Int32(clamping: left))
            flush()
        }
    }
}
