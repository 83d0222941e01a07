import Synchronization

/// A number that only grows, for each combination of its labels. For every thread; an addition takes a lock for less than a microsecond.
package final class Counter: Sendable {
    private let family: Mutex<MetricFamily>

    init(_ family: MetricFamily) { self.family = Mutex(family) }

    /// - Parameters:
    ///   - amount: not less than 0; what is less, or is no number, is not added.
    ///   - values: of the labels, in their order.
    package func add(_ amount: Double = 1, _ values: String...) {
        guard amount >= 0, amount.isFinite else { return }
        family.withLock { $0.add(amount, values) }
    }

    var reading: MetricFamily { family.withLock { $0 } }
}
