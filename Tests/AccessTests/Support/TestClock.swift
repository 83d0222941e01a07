import FaxModel
import Synchronization

/// Stands still until it is told otherwise.
final class TestClock: Sendable {
    private let moment: Mutex<Timestamp>

    init(_ moment: Timestamp = Timestamp(milliseconds: 1_765_000_000_000)) {
        self.moment = Mutex(moment)
    }

    var now: Timestamp { moment.withLock { $0 } }

    func advance(by duration: Duration) {
        moment.withLock { $0 = $0.advanced(by: duration) }
    }
}
