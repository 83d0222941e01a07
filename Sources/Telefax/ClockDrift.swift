/// Finds out that the far end's clock and ours differ, from how far the stream is ahead of what is played: it should be the delay. Sound
/// crystals differ by 20 ms in some minutes.
struct ClockDrift: Sendable {
    enum Slip { case none, leaveOut, putIn }

    /// Pulls over which is averaged, so that jitter does not count: 5 s.
    private static let window = 250
    /// Samples of difference after which 20 ms are slipped in the next quiet moment, and after which at once: 30 and 60 ms.
    private static let tolerated = 240
    private static let urgent = 480

    private var sum = 0
    private var count = 0
    /// Frames to leave out, or to put in if negative.
    private var due = 0
    private var isUrgent = false

    /// Takes one measurement a pull, samples.
    mutating func observe(ahead: Int, target: Int) {
        sum += ahead - target
        count += 1
        guard count == Self.window else { return }
        let mean = sum / count
        (sum, count) = (0, 0)
        due = abs(mean) > Self.tolerated ? (mean + (mean > 0 ? 80 : -80)) / PlayoutBuffer.frame : 0
        isUrgent = abs(mean) > Self.urgent
    }

    /// What to do with the next frame.
    /// - Parameter isQuiet: whether there is no signal on the line now: then a slip harms nothing.
    mutating func slip(isQuiet: Bool) -> Slip {
        guard due != 0, isQuiet || isUrgent else { return .none }
        // What was measured before says nothing of the time after.
        (sum, count) = (0, 0)
        defer { due -= due.signum() }
        return due > 0 ? .leaveOut : .putIn
    }
}
