import FaxModel
import Testing

@testable import Imaging

@Suite struct BlockGridTests {
    @Test(arguments: [8, 16, 32])
    func blocksAreMeasured(blockRows: Int) {
        var canvas = GreyCanvas(rows: 75)
        var noise = TestNoise()
        canvas.apply { _, _, _ in 128 + noise.next(127) }
        var grid = BlockGrid(width: Resolution.width, blockRows: blockRows)
        canvas.grey.withUnsafeBytes { grid.measure($0, rows: canvas.rows) }
        #expect(grid.columns == 108)
        #expect(grid.lines == (75 + blockRows - 1) / blockRows)
        for line in 0..<grid.lines {
            for column in 0..<grid.columns {
                let rows = (line * blockRows)..<min(75, (line + 1) * blockRows)
                let values = rows.flatMap { row in
                    canvas.grey[(row * Resolution.width + column * 16)...].prefix(16).map(Int.init)
                }
                let block = line * grid.columns + column
                #expect(Int(grid.mean[block]) == values.reduce(0, +) / rows.count)
                #expect(Int(grid.darkest[block]) == values.min())
                #expect(Int(grid.lightest[block]) == values.max())
            }
        }
    }

    @Test(arguments: [(1, 1), (3, 2), (12, 9), (40, 23)], [1, 2, 5, 11])
    func windowsAreThoseOfTheDefinition(size: (columns: Int, lines: Int), radius: Int) {
        let (columns, lines) = size
        var noise = TestNoise()
        let bytes = (0..<(columns * lines)).map { _ in UInt8(128 + noise.next(127)) }
        let means = bytes.map { UInt16($0) * 16 }
        let largest = BlockWindow.extreme(bytes, columns: columns, lines: lines, radius: radius, largest: true)
        let smallest = BlockWindow.extreme(bytes, columns: columns, lines: lines, radius: radius, largest: false)
        let mean = BlockWindow.mean(means, columns: columns, lines: lines, radius: radius)
        for line in 0..<lines {
            for column in 0..<columns {
                var around: [Int] = []
                for y in (line - radius)...(line + radius) {
                    for x in (column - radius)...(column + radius) {
                        around.append(Int(bytes[min(max(y, 0), lines - 1) * columns + min(max(x, 0), columns - 1)]))
                    }
                }
                let block = line * columns + column
                #expect(Int(largest[block]) == around.max())
                #expect(Int(smallest[block]) == around.min())
                #expect(Int(mean[block]) == around.reduce(0, +) * 16 / around.count)
            }
        }
    }
}
