import WorkerProtocol

/// How late ticks came, in steps of 20 microseconds up to 80 milliseconds.
struct LatenessHistogram {
    private static let width = 20
    private var counts = [UInt32](repeating: 0, count: 4096)
    private var ticks = 0
    private var maximum = 0

    mutating func note(microseconds: Int64) {
        let lateness = Int(clamping: max(0, microseconds))
        counts[min(lateness / Self.width, counts.count - 1)] += 1
        ticks += 1
        maximum = max(maximum, lateness)
    }

    /// Nil when there was no tick.
    var summary: TickLateness? {
        guard ticks > 0 else { return nil }
        return TickLateness(ticks: ticks, p50: quantile(50), p99: quantile(99), maximum: maximum)
    }

    /// The upper edge of the step below which `percent` of the ticks are.
    private func quantile(_ percent: Int) -> Int {
        var below = 0
        for (index, count) in counts.dropLast().enumerated() {
            below += Int(count)
            if below * 100 >= ticks * percent { return min(maximum, (index + 1) * Self.width) }
        }
        return maximum
    }
}
