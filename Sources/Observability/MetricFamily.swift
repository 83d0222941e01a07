/// All time series of one metric at one moment.
package struct MetricFamily: Sendable {
    /// What the numbers of a family are (exposition format 0.0.4, `# TYPE`).
    package enum Kind: String, Sendable {
        /// Grows until the process ends.
        case counter
        case gauge
        case histogram
    }

    /// What one series has come to.
    enum Value: Sendable {
        case number(Double)
        /// How many observations fell into each bucket, the last one that of what is above all bounds; and their sum.
        case buckets([UInt64], sum: Double)
    }

    package let name: String
    package let kind: Kind
    /// One line for a person.
    let help: String
    let labels: [MetricLabel]
    /// Upper bounds of a histogram's buckets, ascending, without infinity.
    let bounds: [Double]
    /// By the indices of the labels' values.
    private(set) var series: [[Int]: Value] = [:]

    package init(_ name: String, _ kind: Kind, _ help: String, labels: [MetricLabel] = [], bounds: [Double] = []) {
        self.name = name
        self.kind = kind
        self.help = help
        self.labels = labels
        self.bounds = bounds
    }

    /// Numbers that were read somewhere else just now.
    /// - Parameter readings: each with the values of `labels`, in their order; those with the same values are added up.
    package static func read(
        _ name: String, _ kind: Kind, _ help: String, labels: [MetricLabel], _ readings: [(values: [String], number: Double)]
    ) -> MetricFamily {
        var family = MetricFamily(name, kind, help, labels: labels)
        for reading in readings { family.add(reading.number, reading.values) }
        return family
    }

    /// A number without labels.
    package static func read(_ name: String, _ kind: Kind, _ help: String, _ number: Double) -> MetricFamily {
        read(name, kind, help, labels: [], [(values: [], number: number)])
    }

    mutating func add(_ amount: Double, _ values: [String]) {
        let key = key(values)
        guard case .number(let number) = series[key] ?? .number(0) else { return }
        series[key] = .number(number + amount)
    }

    mutating func observe(_ amount: Double, _ values: [String]) {
        let key = key(values)
        let empty = Value.buckets(Array(repeating: 0, count: bounds.count + 1), sum: 0)
        guard case .buckets(var counts, let sum) = series[key] ?? empty else { return }
        counts[bounds.firstIndex { amount <= $0 } ?? bounds.count] &+= 1
        series[key] = .buckets(counts, sum: sum + amount)
    }

    /// A value that was not given is ``MetricLabel/other``; those beyond the labels count for nothing.
    private func key(_ values: [String]) -> [Int] {
        labels.indices.map { labels[$0].index(of: $0 < values.count ? values[$0] : MetricLabel.other) }
    }
}
