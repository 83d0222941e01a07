/// The time of T.30, which follows the machine's clock in even ticks, and never the far end's packets.
struct TickClock {
    /// A process that was stopped for longer than this does not make up for it: timers would run out before the far
    /// end's answers, which wait in the socket, were looked at.
    private static let longestCatchUp: Int64 = 500

    /// Milliseconds of a tick.
    let step: Int64
    /// How far T.30's time has come.
    private var position: MonotonicTime
    /// When to wake for the next ticks, which may be some at once.
    private(set) var due: MonotonicTime

    init(step: Int64, start: MonotonicTime) {
        self.step = step
        position = start
        due = start.adding(milliseconds: step)
    }

    /// Lets the next `ticks`, at least 1, come together: ``due`` is when the last of them is.
    mutating func gather(ticks: Int64) {
        due = position.adding(milliseconds: step * ticks)
    }

    /// Goes on by a tick if its time has come, and says how many microseconds after ``due`` that is; a tick before that
    /// is not late.
    mutating func advance(to now: MonotonicTime) -> Int64? {
        guard now >= position.adding(milliseconds: step) else { return nil }
        if now.milliseconds(since: max(position, due.adding(milliseconds: -step))) > Self.longestCatchUp + step {
            position = MonotonicTime(nanoseconds: now.nanoseconds - Self.longestCatchUp * 1_000_000)
        }
        position = position.adding(milliseconds: step)
        let lateness = now.nanoseconds - max(position, due).nanoseconds
        if position >= due { gather(ticks: 1) }
        return max(0, lateness) / 1000
    }

    /// Goes on by a tick that lies before the last gathered one: what came before it would have woken this process
    /// before it.
    mutating func advanceAsleep(to now: MonotonicTime) -> Bool {
        let next = position.adding(milliseconds: step)
        guard next <= now, next < due else { return false }
        position = next
        return true
    }
}
