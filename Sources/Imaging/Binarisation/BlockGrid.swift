/// The page cut into blocks of 16 picture elements by about 2 mm of rows, with what each block holds.
///
/// All decisions of the binarisation are made for blocks, so that single picture elements are touched twice only:
/// once here, once when they are compared with the threshold.
struct BlockGrid {
    /// Picture elements of a block along the line.
    static let blockWidth = 16

    /// Blocks along the line.
    let columns: Int
    /// Rows of picture elements in a block.
    let blockRows: Int
    /// Blocks down the page.
    private(set) var lines = 0
    /// Mean grey of each block, times 16.
    private(set) var mean: [UInt16] = []
    /// Darkest and lightest grey of each block.
    private(set) var darkest: [UInt8] = []
    private(set) var lightest: [UInt8] = []

    init(width: Int, blockRows: Int) {
        self.columns = width / Self.blockWidth
        self.blockRows = blockRows
    }

    var count: Int { columns * lines }

    /// Measures `rows` lines of `grey`, each `columns * 16` bytes.
    mutating func measure(_ grey: UnsafeRawBufferPointer, rows: Int) {
        let stride = columns * Self.blockWidth
        precondition(rows >= 0 && grey.count >= rows * stride)
        lines = (rows + blockRows - 1) / blockRows
        if mean.count < count {
            mean = [UInt16](repeating: 0, count: count)
            darkest = [UInt8](repeating: 0, count: count)
            lightest = [UInt8](repeating: 0, count: count)
        }
        guard let base = grey.baseAddress else { return }
        mean.withUnsafeMutableBufferPointer { mean in
            darkest.withUnsafeMutableBufferPointer { darkest in
                lightest.withUnsafeMutableBufferPointer { lightest in
                    var block = 0
                    for line in 0..<lines {
                        let height = min(blockRows, rows - line * blockRows)
                        let start = base + line * blockRows * stride
                        for column in 0..<columns {
                            let found = Self.measure(start + column * Self.blockWidth, stride: stride, height: height)
                            mean[block] = found.mean
                            darkest[block] = found.darkest
                            lightest[block] = found.lightest
                            block += 1
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private static func measure(
        _ start: UnsafeRawPointer, stride: Int, height: Int
    ) -> (mean: UInt16, darkest: UInt8, lightest: UInt8) {
        var at = start
        let first = at.loadUnaligned(as: SIMD16<UInt8>.self)
        var darkest = first
        var lightest = first
        // Sums of pairs: at most 64 rows of 2 * 255 fit 16 bits.
        var sums = SIMD8<UInt16>(repeating: 0)
        for _ in 0..<height {
            let row = at.loadUnaligned(as: SIMD16<UInt8>.self)
            let pairs = unsafeBitCast(row, to: SIMD8<UInt16>.self)
            sums &+= (pairs & 0x00FF) &+ (pairs &>> 8)
            darkest.replace(with: row, where: row .< darkest)
            lightest.replace(with: row, where: row .> lightest)
            at += stride
        }
        let total = UInt32(sums.evenHalf.wrappedSum()) + UInt32(sums.oddHalf.wrappedSum())
        return (UInt16(truncatingIfNeeded: total / UInt32(height)), darkest.min(), lightest.max())
    }
}
