/// The Prometheus text exposition format, version 0.0.4.
///
/// The same numbers give the same bytes: families by name, series by the order of their labels' values.
package enum PrometheusText {
    /// Of the answer to a scrape.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Families without a series are left out.
    package static func render(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families.sorted(by: { $0.name < $1.name }) where !family.series.isEmpty {
            text += "# HELP \(family.name) \(escape(family.help, quote: false))\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            for (key, value) in family.series.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                write(family, key, value, into: &text)
            }
        }
        return text
    }

    private static func write(_ family: MetricFamily, _ key: [Int], _ value: MetricFamily.Value, into text: inout String) {
        let labels = zip(family.labels, key).map { label, index in "\(label.name)=\"\(escape(label.values[index], quote: true))\"" }
        func line(_ suffix: String, _ labels: [String], _ number: String) {
            text += family.name + suffix + (labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}") + " \(number)\n"
        }
        switch value {
        case .number(let number): line("", labels, format(number))
        case .buckets(let counts, let sum):
            var total: UInt64 = 0
            for (index, count) in counts.enumerated() {
                total += count
                let bound = index < family.bounds.count ? format(family.bounds[index]) : "+Inf"
                line("_bucket", labels + ["le=\"\(bound)\""], "\(total)")
            }
            line("_sum", labels, format(sum))
            line("_count", labels, "\(total)")
        }
    }

    /// Whole numbers without a fraction, the others in the shortest form that reads back as the same number.
    static func format(_ number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
        if number == number.rounded(), abs(number) < 1e15 { return "\(Int64(number))" }
        return "\(number)"
    }

    /// `\` and the end of a line everywhere; `"` in labels only, as the format has it.
    private static func escape(_ text: String, quote: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quote: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
