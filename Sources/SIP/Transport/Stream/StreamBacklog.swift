/// The messages of one connection that wait to be read by the agent. Each connection has its own, so that a peer that sends
/// faster than the agent reads can only close its own connection, and not that of the trunk.
struct StreamBacklog {
    /// Messages at most. A trunk that hangs up all its calls at once must not lose its connection for it.
    static let maximumCount = 256
    /// Bytes at most, of all of them together: twice the longest message.
    static let maximumBytes = 2 * (SIPStreamFramer.maximumHeader + SIPStreamFramer.maximumBody)

    private var count = 0
    private var bytes = 0
    /// Whether there ever was a message.
    private(set) var isUsed = false

    /// Counts a message that waits; false when there is no room for it.
    mutating func add(_ size: Int) -> Bool {
        guard count < Self.maximumCount, size <= Self.maximumBytes - bytes else { return false }
        count += 1
        bytes += size
        isUsed = true
        return true
    }

    /// Counts a message that was read.
    mutating func remove(_ size: Int) {
        count -= 1
        bytes -= size
    }
}
