import FaxModel
import Imaging

/// A binarised canvas, with what tests ask of it.
struct BinarisedPage: Equatable {
    let bits: [UInt8]

    init(_ canvas: GreyCanvas, resolution: Resolution = .fine) {
        var binariser = Binariser(resolution: resolution)
        var bits: [UInt8] = []
        canvas.grey.withUnsafeBytes { binariser.binarise($0, rows: canvas.rows, into: &bits) }
        self.bits = bits
    }

    func isBlack(_ column: Int, _ row: Int) -> Bool {
        bits[row * Binariser.bytesPerRow + column / 8] & (0x80 >> UInt8(column % 8)) != 0
    }

    /// The share of black among the elements of an area.
    func blackness(_ columns: Range<Int>, _ rows: Range<Int>) -> Double {
        var black = 0
        for row in rows {
            for column in columns where isBlack(column, row) { black += 1 }
        }
        return Double(black) / Double(columns.count * rows.count)
    }

    /// The shares of black among the elements that `canvas` has darker than `limit`, and among the others.
    func blackness(of canvas: GreyCanvas, darkerThan limit: UInt8) -> (ink: Double, paper: Double) {
        var ink = (black: 0, all: 0)
        var paper = ink
        for row in 0..<canvas.rows {
            for column in 0..<Resolution.width {
                let black = isBlack(column, row) ? 1 : 0
                if canvas.grey[row * Resolution.width + column] < limit {
                    ink = (ink.black + black, ink.all + 1)
                } else {
                    paper = (paper.black + black, paper.all + 1)
                }
            }
        }
        return (Double(ink.black) / Double(max(1, ink.all)), Double(paper.black) / Double(max(1, paper.all)))
    }
}
