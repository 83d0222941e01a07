import FaxModel
import Synchronization

/// Stands still until it is moved.
final class TestClock: Sendable {
    private let time: Mutex<Timestamp>

    init(_ start: Timestamp = Timestamp(milliseconds: 1_795_336_200_000)) {
        time = Mutex(start)
    }

    var now: Timestamp { time.withLock { $0 } }

    func advance(by duration: Duration) {
        time.withLock { $0 = $0.advanced(by: duration) }
    }

    var function: @Sendable () -> Timestamp {
        { self.now }
    }
}
