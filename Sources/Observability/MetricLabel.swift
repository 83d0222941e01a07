/// A label of a metric with all the values that it may have.
///
/// The set is closed: what is not in it is counted as ``other``. So no number, name or text of a fax can come into a metric, whoever calls,
/// and the number of time series has a bound.
package struct MetricLabel: Sendable {
    /// The value that stands for every value that is not in the set.
    package static let other = "other"

    /// `[a-zA-Z_][a-zA-Z0-9_]*`, as the exposition format has it.
    package let name: String
    /// The values in the order given, then ``other``.
    package let values: [String]
    private let indices: [String: Int]

    package init(_ name: String, _ values: [String]) {
        var known: [String] = []
        var indices: [String: Int] = [:]
        for value in values + [Self.other] where indices[value] == nil {
            indices[value] = known.count
            known.append(value)
        }
        self.name = name
        self.values = known
        self.indices = indices
    }

    /// The place of `value` in ``values``; that of ``other`` for what is not there.
    func index(of value: String) -> Int { indices[value] ?? indices[Self.other] ?? 0 }
}
