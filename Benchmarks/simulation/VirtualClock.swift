import FaxModel
import Synchronization

/// The time of the simulated world. It stands still until the next event.
final class VirtualClock: Sendable {
    private let time: Mutex<Timestamp>

    init(_ start: Timestamp) { time = Mutex(start) }

    var now: Timestamp { time.withLock { $0 } }

    func move(to moment: Timestamp) { time.withLock { $0 = max($0, moment) } }
}
