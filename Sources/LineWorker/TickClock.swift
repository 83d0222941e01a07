/// The time of T.30, which follows the machine's clock in even ticks, and never the far end's packets.
struct TickClock {
    /// A process that was stopped for longer than this does not make up for it: timers would run out before the far
    /// end's answers, which wait in the socket, were looked at.
    private static let longestCatchUp: Int64 = 500

    /// Milliseconds of a tick.
    let step: Int64
    /// How far T.30's time has come.
    private var position: MonotonicTime

    init(step: Int64, start: MonotonicTime) {
        self.step = step
        position = start
    }

    /// When the next tick is due.
    var due: MonotonicTime { position.adding(milliseconds: step) }

    /// Goes on by a tick if that is due, and says how many microseconds late that is.
    mutating func advance(to now: MonotonicTime) -> Int64? {
        guard now >= due else { return nil }
        if now.milliseconds(since: position) > Self.longestCatchUp + step {
            position = MonotonicTime(nanoseconds: now.nanoseconds - Self.longestCatchUp * 1_000_000)
        }
        position = due
        return (now.nanoseconds - position.nanoseconds) / 1000
    }
}
