import Synchronization

/// The counters and histograms of this process. Gauges are not kept: they are read when somebody asks.
package final class MetricsRegistry: Sendable {
    private enum Metric {
        case counter(Counter)
        case histogram(Histogram)

        var reading: MetricFamily {
            switch self {
            case .counter(let counter): counter.reading
            case .histogram(let histogram): histogram.reading
            }
        }
    }

    private let metrics = Mutex<[String: Metric]>([:])

    package init() {}

    /// Makes a counter.
    /// - Parameters:
    ///   - name: ends in `_total`. One that is there already is replaced: a scrape never has a name twice.
    ///   - startsAtZero: whether the series of each combination of labels is there from the start, so that its first increase is seen.
    package func counter(_ name: String, _ help: String, labels: [MetricLabel] = [], startsAtZero: Bool = false) -> Counter {
        var family = MetricFamily(name, .counter, help, labels: labels)
        if startsAtZero {
            var combinations: [[String]] = [[]]
            for label in labels { combinations = combinations.flatMap { head in label.values.map { head + [$0] } } }
            for values in combinations { family.add(0, values) }
        }
        let counter = Counter(family)
        metrics.withLock { $0[name] = .counter(counter) }
        return counter
    }

    /// Makes a histogram.
    /// - Parameter bounds: upper bounds of its buckets, ascending.
    package func histogram(_ name: String, _ help: String, labels: [MetricLabel] = [], bounds: [Double]) -> Histogram {
        let histogram = Histogram(MetricFamily(name, .histogram, help, labels: labels, bounds: bounds))
        metrics.withLock { $0[name] = .histogram(histogram) }
        return histogram
    }

    /// What all have come to, in no order.
    package var readings: [MetricFamily] { metrics.withLock { Array($0.values) }.map(\.reading) }
}
