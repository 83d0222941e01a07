/// Finds the parts of a page that are photographs: large, mostly of middle greys, and of many lights.
///
/// Only those are screened. A screen in text costs several times the line time and a receiver's reading, so all doubt
/// goes to the threshold: text on a tint is even, a page under a shadow is full of strokes, and small grey things are
/// no photographs.
struct PhotoRegions {
    /// Whether each block of the grid lies in a photograph.
    private(set) var isPhoto: [Bool]
    /// Whether there is any.
    private(set) var isEmpty = true

    /// The smallest photograph: 10 blocks (20 mm) each way.
    private static let smallestSide = 10

    init(_ grid: BlockGrid, paper: Int, noise: Int, grey: UnsafeRawBufferPointer, rows: Int) {
        isPhoto = []
        var grown = (0..<grid.count).map { Int(grid.lightest[$0]) * 100 < paper * 85 }
        guard grown.count(where: { $0 }) >= Self.smallestSide * Self.smallestSide else { return }
        let isCandidate = grown
        Self.spread(&grown, true, columns: grid.columns, lines: grid.lines)
        Self.spread(&grown, false, columns: grid.columns, lines: grid.lines)
        isPhoto = [Bool](repeating: false, count: grid.count)
        var seen = [Bool](repeating: false, count: grid.count)
        for block in 0..<grid.count where grown[block] && !seen[block] {
            let region = Self.region(from: block, in: grown, grid: grid, seen: &seen)
            guard region.count >= Self.smallestSide * Self.smallestSide,
                Self.isPhotograph(
                    region, isCandidate: isCandidate, grid: grid, paper: paper, noise: noise, grey: grey, rows: rows)
            else { continue }
            isEmpty = false
            fill(region, columns: grid.columns)
        }
        // The blocks on its edge hold picture and paper; paper stays white in the screen.
        if !isEmpty { Self.spread(&isPhoto, true, columns: grid.columns, lines: grid.lines) }
    }

    /// Sets (or clears) each block that touches a set (or cleared) one.
    private static func spread(_ blocks: inout [Bool], _ value: Bool, columns: Int, lines: Int) {
        let old = blocks
        for line in 0..<lines {
            for column in 0..<columns where old[line * columns + column] == value {
                for y in max(0, line - 1)...min(lines - 1, line + 1) {
                    for x in max(0, column - 1)...min(columns - 1, column + 1) { blocks[y * columns + x] = value }
                }
            }
        }
    }

    /// The connected blocks around `start`.
    private static func region(from start: Int, in blocks: [Bool], grid: BlockGrid, seen: inout [Bool]) -> [Int] {
        var region = [start]
        seen[start] = true
        var next = 0
        while next < region.count {
            let block = region[next]
            next += 1
            let column = block % grid.columns
            for other in [
                block - grid.columns, block + grid.columns, column > 0 ? block - 1 : -1,
                column + 1 < grid.columns ? block + 1 : -1,
            ]
            where other >= 0 && other < grid.count && blocks[other] && !seen[other] {
                seen[other] = true
                region.append(other)
            }
        }
        return region
    }

    private static func isPhotograph(
        _ region: [Int], isCandidate: [Bool], grid: BlockGrid, paper: Int, noise: Int, grey: UnsafeRawBufferPointer,
        rows: Int
    ) -> Bool {
        let columns = region.map { $0 % grid.columns }
        let lines = region.map { $0 / grid.columns }
        guard let left = columns.min(), let right = columns.max(), let top = lines.min(), let bottom = lines.max(),
            right - left + 1 >= smallestSide, bottom - top + 1 >= smallestSide,
            // A frame or a table of grey rules surrounds much and fills little.
            region.count * 100 > (right - left + 1) * (bottom - top + 1) * 35
        else { return false }
        // How far apart the lights of the ground lie. An even tint ends here, with or without writing on it.
        let ground = region.filter { isCandidate[$0] }
        let lights = ground.map { Int(grid.lightest[$0]) }.sorted()
        guard let darkest = lights.dropFirst(lights.count / 10).first,
            let lightest = lights.dropLast(lights.count / 10).last,
            lightest - darkest >= 28
        else { return false }
        let inked = ground.count { Int(grid.lightest[$0] - grid.darkest[$0]) * 100 > Int(grid.lightest[$0]) * 45 }
        let inkShare = inked * 100 / ground.count
        // A picture is smooth, deep and without strokes, or it is rough; a page under a shadow is smooth with strokes.
        let isDeep = darkest * 100 < paper * 55 && inkShare < 12
        let isRough = inkShare < 40 && roughness(region, isCandidate: isCandidate, grid: grid) > 16 * (8 + noise / 2)
        guard isDeep || isRough else { return false }
        return middleGreys(region, grid: grid, lightest: lightest, grey: grey, rows: rows) >= 45
    }

    /// How much the ground differs from block to block, in means and lights together, times 16.
    private static func roughness(_ region: [Int], isCandidate: [Bool], grid: BlockGrid) -> Int {
        var steps = 0
        var pairs = 0
        for block in region
        where block % grid.columns + 1 < grid.columns && isCandidate[block] && isCandidate[block + 1] {
            steps += abs(Int(grid.mean[block]) - Int(grid.mean[block + 1]))
            steps += 16 * abs(Int(grid.lightest[block]) - Int(grid.lightest[block + 1]))
            pairs += 1
        }
        return steps / max(1, pairs)
    }

    /// The share of middle greys in a region, in percent, from every fourth picture element of every fourth row.
    private static func middleGreys(
        _ region: [Int], grid: BlockGrid, lightest: Int, grey: UnsafeRawBufferPointer, rows: Int
    ) -> Int {
        let stride = grid.columns * BlockGrid.blockWidth
        let darkLimit = UInt8(clamping: lightest / 6)
        let lightLimit = UInt8(clamping: lightest * 9 / 10)
        var middle = 0
        var total = 0
        for block in region {
            let top = block / grid.columns * grid.blockRows
            let left = block % grid.columns * BlockGrid.blockWidth
            for row in Swift.stride(from: top, to: min(top + grid.blockRows, rows), by: 4) {
                for column in Swift.stride(from: left, to: left + BlockGrid.blockWidth, by: 4) {
                    let value = grey[row * stride + column]
                    if value > darkLimit && value < lightLimit { middle += 1 }
                    total += 1
                }
            }
        }
        return total == 0 ? 0 : middle * 100 / total
    }

    /// Marks a region with all that it encloses: the light parts of a photograph belong to it.
    private mutating func fill(_ region: [Int], columns: Int) {
        var left: [Int: Int] = [:]
        var right: [Int: Int] = [:]
        for block in region {
            let line = block / columns
            left[line] = min(left[line] ?? columns, block % columns)
            right[line] = max(right[line] ?? 0, block % columns)
        }
        for (line, first) in left {
            guard let last = right[line] else { continue }
            for column in first...last { isPhoto[line * columns + column] = true }
        }
    }
}
