/// Means and extremes over windows of blocks, as two passes: along the line, then down the page.
enum BlockWindow {
    /// The mean of `values` over squares of `2 * radius + 1` blocks; outside the page its edge goes on.
    static func mean(_ values: [UInt16], columns: Int, lines: Int, radius: Int) -> [UInt16] {
        let along = sums(values, columns: columns, lines: lines, radius: radius)
        let down = transposedSums(along, columns: columns, lines: lines, radius: radius)
        let area = UInt32((2 * radius + 1) * (2 * radius + 1))
        return down.map { UInt16(truncatingIfNeeded: $0 / area) }
    }

    /// The extreme of `values` over squares of `2 * radius + 1` blocks: the largest, or the smallest.
    static func extreme(_ values: [UInt8], columns: Int, lines: Int, radius: Int, largest: Bool) -> [UInt8] {
        var result = Array(values.prefix(columns * lines))
        guard !result.isEmpty else { return result }
        // Two windows that meet make one of up to twice the size.
        var steps: [Int] = []
        var reached = 0
        while reached < radius {
            steps.append(min(max(1, reached), radius - reached))
            reached += steps[steps.count - 1]
        }
        var source = result
        for step in steps {
            swap(&result, &source)
            for line in 0..<lines {
                combine(
                    source, (line * columns, 0..<columns), (-step, step), columns - 1, into: &result, largest: largest)
            }
        }
        for step in steps {
            swap(&result, &source)
            for line in 0..<lines {
                let above = (max(0, line - step) - line) * columns
                let below = (min(lines - 1, line + step) - line) * columns
                combine(source, (line * columns, 0..<columns), (above, below), nil, into: &result, largest: largest)
            }
        }
        return result
    }

    /// Makes each value of a row the extreme of itself and of those at both `offsets`.
    ///
    /// - Parameter last: the last column if the offsets go along the row, where they must not leave it.
    private static func combine(
        _ source: [UInt8], _ row: (start: Int, columns: Range<Int>), _ offsets: (Int, Int), _ last: Int?,
        into result: inout [UInt8], largest: Bool
    ) {
        source.withUnsafeBufferPointer { source in
            result.withUnsafeMutableBufferPointer { result in
                func combined(_ own: UInt8, _ one: UInt8, _ other: UInt8) -> UInt8 {
                    largest ? max(own, one, other) : min(own, one, other)
                }
                var middle = row.columns
                if let last {
                    middle = min(-offsets.0, last + 1)..<max(min(-offsets.0, last + 1), last + 1 - offsets.1)
                    for column in row.columns where !middle.contains(column) {
                        let index = row.start + column
                        result[index] = combined(
                            source[index], source[row.start + max(0, column + offsets.0)],
                            source[row.start + min(last, column + offsets.1)])
                    }
                }
                for index in (row.start + middle.lowerBound)..<(row.start + middle.upperBound) {
                    result[index] = combined(source[index], source[index + offsets.0], source[index + offsets.1])
                }
            }
        }
    }

    private static func sums(_ values: [UInt16], columns: Int, lines: Int, radius: Int) -> [UInt32] {
        var out = [UInt32](repeating: 0, count: columns * lines)
        var padded = [UInt32](repeating: 0, count: columns + 2 * radius)
        for line in 0..<lines {
            for index in padded.indices {
                padded[index] = UInt32(values[line * columns + min(max(index - radius, 0), columns - 1)])
            }
            var sum = padded[0..<(2 * radius)].reduce(0, +)
            for column in 0..<columns {
                sum += padded[column + 2 * radius]
                out[line * columns + column] = sum
                sum -= padded[column]
            }
        }
        return out
    }

    private static func transposedSums(_ values: [UInt32], columns: Int, lines: Int, radius: Int) -> [UInt32] {
        var out = [UInt32](repeating: 0, count: columns * lines)
        values.withUnsafeBufferPointer { values in
            out.withUnsafeMutableBufferPointer { out in
                for line in 0..<lines {
                    for offset in -radius...radius {
                        let from = min(max(line + offset, 0), lines - 1) * columns
                        for column in 0..<columns { out[line * columns + column] &+= values[from + column] }
                    }
                }
            }
        }
        return out
    }
}
