import Synchronization

/// How often what was observed was no more than each of some bounds. For every thread.
package final class Histogram: Sendable {
    private let family: Mutex<MetricFamily>

    init(_ family: MetricFamily) { self.family = Mutex(family) }

    /// - Parameters:
    ///   - amount: what is less than 0, or is no number, is not observed.
    ///   - values: of the labels, in their order.
    package func observe(_ amount: Double, _ values: String...) {
        guard amount >= 0, amount.isFinite else { return }
        family.withLock { $0.observe(amount, values) }
    }

    var reading: MetricFamily { family.withLock { $0 } }
}
