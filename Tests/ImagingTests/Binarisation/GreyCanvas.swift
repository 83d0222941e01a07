import FaxModel

/// A grey page to draw test pictures on.
struct GreyCanvas {
    let rows: Int
    var grey: [UInt8]

    init(rows: Int, grey: UInt8 = 255) {
        self.rows = rows
        self.grey = [UInt8](repeating: grey, count: rows * Resolution.width)
    }

    mutating func fill(_ columns: Range<Int>, _ lines: Range<Int>, _ value: UInt8) {
        for row in lines {
            for column in columns { grey[row * Resolution.width + column] = value }
        }
    }

    /// Upright strokes like those of small print: three elements wide, 20 rows high, one in seven elements.
    mutating func write(_ columns: Range<Int>, line: Int, _ value: UInt8) {
        for column in stride(from: columns.lowerBound, to: columns.upperBound - 3, by: 7) {
            fill(column..<(column + 3), line..<(line + 20), value)
        }
    }

    /// Changes each element by what `change` makes of its column, row and grey.
    mutating func apply(_ change: (Int, Int, Int) -> Int) {
        for row in 0..<rows {
            for column in 0..<Resolution.width {
                let index = row * Resolution.width + column
                grey[index] = UInt8(clamping: change(column, row, Int(grey[index])))
            }
        }
    }
}

/// A generator of the same numbers on every run (xorshift).
struct TestNoise {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The next number within `-amplitude...amplitude`.
    mutating func next(_ amplitude: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state >> 33) % (2 * amplitude + 1) - amplitude
    }
}
