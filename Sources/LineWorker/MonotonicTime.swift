import Glibc

/// Nanoseconds of the clock that nobody sets.
struct MonotonicTime: Comparable {
    var nanoseconds: Int64

    static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static func < (a: MonotonicTime, b: MonotonicTime) -> Bool { a.nanoseconds < b.nanoseconds }

    func adding(milliseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: nanoseconds + milliseconds * 1_000_000)
    }

    /// Whole milliseconds from `earlier` to this, at least 0.
    func milliseconds(since earlier: MonotonicTime) -> Int64 {
        max(0, (nanoseconds - earlier.nanoseconds) / 1_000_000)
    }
}
