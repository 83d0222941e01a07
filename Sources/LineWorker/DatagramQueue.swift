/// Outgoing datagrams of an unpaced call, given out at a rate that the other end's socket buffer survives.
///
/// libspandsp hands over a whole ECM block, up to 256 frames, in one call. A receive buffer of the usual 208 kB holds
/// about 90 datagrams of this size with the kernel's overhead, and the reader may be off the processor for some
/// milliseconds.
struct DatagramQueue {
    private var waiting: [[UInt8]] = []
    private var position = 0
    private var allowance = 0.0

    /// Datagrams a millisecond, and the most that go at once after a pause.
    static let rate = 8.0
    static let burst = 32.0

    var isEmpty: Bool { position == waiting.count }

    mutating func append(_ datagram: [UInt8]) { waiting.append(datagram) }

    /// Time has passed: more may go.
    mutating func replenish(milliseconds: Double) {
        allowance = min(Self.burst, allowance + milliseconds * Self.rate)
    }

    /// The datagram that may go now; nil when there is none, or the rate does not allow it yet.
    var next: [UInt8]? { position < waiting.count && allowance >= 1 ? waiting[position] : nil }

    /// ``next`` has gone.
    mutating func removeNext() {
        position += 1
        allowance -= 1
        if isEmpty {
            waiting.removeAll(keepingCapacity: true)
            position = 0
        }
    }
}
