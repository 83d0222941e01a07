/// What was written lately and may not have arrived. Syslog over TLS has no acknowledgement (RFC 5425 5.1 speaks of the connection only):
/// what is in the buffers of both machines is lost with
/// it, and nobody says how much.
///
/// The connection is given up when the other machine's TCP acknowledges nothing for 30 s, so bytes that are older than ``age`` on a
/// connection that lives have reached that machine.
struct ResendWindow: Sendable {
    /// Frames stay for this long.
    static let age = Duration.seconds(60)
    private let maximumCount: Int
    private let maximumBytes: Int
    private var frames: [(written: ContinuousClock.Instant, bytes: [UInt8])] = []
    private var first = 0
    private(set) var byteCount = 0

    init(maximumCount: Int, maximumBytes: Int) {
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
    }

    var count: Int { frames.count - first }

    /// Oldest first.
    var contents: [[UInt8]] { frames[first...].map(\.bytes) }

    mutating func append(_ added: [[UInt8]], at now: ContinuousClock.Instant) {
        for bytes in added {
            frames.append((now, bytes))
            byteCount += bytes.count
        }
        trim(at: now)
    }

    /// Forgets what is too old or too much. Called while the connection lives.
    private mutating func trim(at now: ContinuousClock.Instant) {
        while count > 0, count > maximumCount || byteCount > maximumBytes || frames[first].written.duration(to: now) > Self.age {
            byteCount -= frames[first].bytes.count
            frames[first].bytes = []
            first += 1
        }
        if first > 1024, first > frames.count / 2 {
            frames.removeFirst(first)
            first = 0
        }
    }
}
