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
        var along = Array(values.prefix(columns * lines))
        var down = along
        values.withUnsafeBufferPointer { values in
            along.withUnsafeMutableBufferPointer { along in
                for line in 0..<lines {
                    let base = line * columns
                    for offset in 1..<(radius + 1) where offset < columns {
                        for column in offset..<columns {
                            let value = values[base + column - offset]
                            along[base + column] = largest ? max(along[base + column], value) : min(along[base + column], value)
                        }
                        for column in 0..<(columns - offset) {
                            let value = values[base + column + offset]
                            along[base + column] = largest ? max(along[base + column], value) : min(along[base + column], value)
                        }
                    }
                }
            }
        }
        down = along
        along.withUnsafeBufferPointer { along in
            down.withUnsafeMutableBufferPointer { down in
                for line in 0..<lines {
                    for other in max(0, line - radius)..<min(lines, line + radius + 1) where other != line {
                        for column in 0..<columns {
                            let value = along[other * columns + column]
                            let index = line * columns + column
                            down[index] = largest ? max(down[index], value) : min(down[index], value)
                        }
                    }
                }
            }
        }
        return down
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
