import FaxModel
import Synchronization

/// A clock that stands until a test moves it.
final class TestClock: Sendable {
    /// 2026-11-22T08:30:00.000Z
    static let start = Timestamp(milliseconds: 1_795_336_200_000)

    private let time = Mutex(TestClock.start)

    var now: Timestamp { time.withLock { $0 } }

    func advance(by duration: Duration) {
        time.withLock { $0 = $0.advanced(by: duration) }
    }
}
