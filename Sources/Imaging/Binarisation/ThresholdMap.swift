/// The threshold of each block: what is darker than it becomes black.
///
/// The rule that kept most digits readable over clean text, noisy scans, pale and coloured text and dim pages: the
/// local mean minus 14 %, within bounds that follow the paper. A mean alone paints a dark fringe into tinted boxes
/// and hollows black areas out, so tints and dark fills are recognised and bounded by their own grey.
struct ThresholdMap {
    /// One threshold a block, in the order of the grid.
    private(set) var thresholds: [UInt8]
    /// The white of the page's paper, 100-255.
    let paper: Int
    /// How far the lightest picture element of a blank block lies above the block's mean.
    let noise: Int

    /// Blocks to each side of the window of the local mean: 80 picture elements in all, 10 mm.
    private static let meanRadius = 2
    /// Blocks to each side of the window in which paper white is looked for: 176 picture elements, 22 mm.
    private static let paperRadius = 5
    /// The same for the floor under which all is ink: 57 mm to each side. A shadow gets there more slowly than a
    /// black area.
    private static let widePaperRadius = 28
    /// A grey that runs over this many blocks (12 mm) in one direction is an area, not a pen stroke.
    private static let shortestTint = 6

    init(_ grid: BlockGrid) {
        let columns = grid.columns
        let lines = grid.lines
        let paper = Self.paper(of: grid)
        let noise = Self.noise(of: grid, paper: paper)
        self.paper = paper
        self.noise = noise
        let localPaper = BlockWindow.extreme(
            grid.lightest, columns: columns, lines: lines, radius: Self.paperRadius, largest: true)
        let widePaper = BlockWindow.extreme(
            localPaper, columns: columns, lines: lines, radius: Self.widePaperRadius - Self.paperRadius, largest: true)
        let localMean = BlockWindow.mean(grid.mean, columns: columns, lines: lines, radius: Self.meanRadius)
        let tints = Self.tints(grid, localPaper: localPaper, noise: noise)
        thresholds = [UInt8](repeating: 0, count: grid.count)
        for block in 0..<grid.count {
            let mean = Int(localMean[block])
            // In sixteenths, as the means are: 0.86 of the mean, less where the paper is noisy.
            var threshold = mean * 55 / 64
            threshold = max(min(threshold, mean - noise * 18), mean * 9 / 16) / 16
            if tints.cap[block] > 0 { threshold = min(threshold, Int(tints.cap[block])) }
            threshold = min(threshold, 225)
            threshold = max(threshold, Int(localPaper[block]) * 2 / 5, Int(widePaper[block]) * 8 / 25)
            threshold = max(threshold, paper * 3 / 20, Int(tints.floor[block]))
            thresholds[block] = UInt8(clamping: threshold)
        }
    }

    /// The lightness that one block in twenty exceeds; never so dark that an all-black page would count as paper.
    private static func paper(of grid: BlockGrid) -> Int {
        var histogram = [Int](repeating: 0, count: 256)
        for block in 0..<grid.count { histogram[Int(grid.lightest[block])] += 1 }
        var left = grid.count / 20
        var grey = 255
        while grey > 100 && left >= histogram[grey] {
            left -= histogram[grey]
            grey -= 1
        }
        return grey
    }

    /// The quarter of the blocks with the least spread is blank paper, even on a full page.
    private static func noise(of grid: BlockGrid, paper: Int) -> Int {
        var histogram = [Int](repeating: 0, count: 256)
        var total = 0
        for block in 0..<grid.count where Int(grid.lightest[block]) * 2 > paper {
            histogram[Int(grid.lightest[block]) - Int(grid.mean[block] >> 4)] += 1
            total += 1
        }
        var left = total / 4
        var spread = 0
        while spread < 64 && left >= histogram[spread] {
            left -= histogram[spread]
            spread += 1
        }
        return spread
    }

    /// Areas of one grey that is neither paper nor ink: bounds for the thresholds in and beside them, 0 where there
    /// is none.
    private static func tints(
        _ grid: BlockGrid, localPaper: [UInt8], noise: Int
    ) -> (cap: [UInt8], floor: [UInt8]) {
        var cap = [UInt8](repeating: 0, count: grid.count)
        var floor = cap
        let tinted = (0..<grid.count).map { block in
            let lightest = Int(grid.lightest[block])
            let paper = Int(localPaper[block])
            return lightest * 10 < paper * 9 && lightest * 25 > paper * 8
        }
        guard tinted.contains(true) else { return (cap, floor) }
        // Ink beside the area, on white paper, is not ink on it.
        let ink = (0..<grid.count).map { tinted[$0] ? grid.darkest[$0] : 255 }
        let nearestInk = BlockWindow.extreme(ink, columns: grid.columns, lines: grid.lines, radius: 3, largest: false)
        let area = longRuns(tinted, columns: grid.columns, lines: grid.lines)
        for line in 0..<grid.lines {
            for column in 0..<grid.columns where area[line * grid.columns + column] {
                let block = line * grid.columns + column
                let grey = Int(grid.lightest[block])
                // A dark fill with nothing darker on it is the ground of light writing, and black itself.
                let isFlat = grey - Int(grid.darkest[block]) <= 16 + 2 * noise
                let isGround =
                    isFlat && grey * 100 < Int(localPaper[block]) * 66 && Int(nearestInk[block]) * 10 > grey * 7
                for y in max(0, line - 1)...min(grid.lines - 1, line + 1) {
                    for x in max(0, column - 1)...min(grid.columns - 1, column + 1) {
                        let near = y * grid.columns + x
                        if isGround {
                            floor[near] = max(floor[near], UInt8(clamping: grey + 12))
                        } else {
                            let bound = UInt8(clamping: grey * 9 / 10 - noise * 3 / 2)
                            cap[near] = cap[near] == 0 ? bound : min(cap[near], bound)
                        }
                    }
                }
            }
        }
        return (cap, floor)
    }

    /// Which of the set blocks lie in a run of ``shortestTint`` or more along the line or down the page.
    private static func longRuns(_ set: [Bool], columns: Int, lines: Int) -> [Bool] {
        var out = [Bool](repeating: false, count: set.count)
        func mark(start: Int, step: Int, count: Int) {
            var length = 0
            for index in 0...count {
                if index < count, set[start + index * step] {
                    length += 1
                    continue
                }
                if length >= shortestTint {
                    for back in 1...length { out[start + (index - back) * step] = true }
                }
                length = 0
            }
        }
        for line in 0..<lines { mark(start: line * columns, step: 1, count: columns) }
        for column in 0..<columns { mark(start: column, step: columns, count: lines) }
        return out
    }
}
