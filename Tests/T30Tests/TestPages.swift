import FaxModel
import Imaging

/// Pages with a known picture.
enum TestPages {
    /// Lines of "words": like text, with white margins.
    static func text(_ number: Int, rows: Int = 1100, resolution: Resolution = .standard) -> FaxPage {
        var random = SeededRandom(seed: UInt64(number) + 100)
        var bitmap = Bitmap(width: Resolution.width, height: rows)
        for top in stride(from: 60, to: rows - 60, by: 24) {
            var column = 120
            while column < 1600 {
                let width = Int.random(in: 2...14, using: &random)
                for y in top..<(top + 14) where Bool.random(using: &random) {
                    bitmap.blacken(columns: column..<(column + width), row: y)
                }
                column += width + Int.random(in: 3...20, using: &random)
            }
        }
        return FaxPage(bitmap, resolution: resolution)
    }

    /// Noise up to both edges: several ECM blocks of it.
    static func dense(rows: Int = 700, resolution: Resolution = .fine) -> FaxPage {
        var random = SeededRandom(seed: 7)
        var bitmap = Bitmap(width: Resolution.width, height: rows)
        for y in 0..<rows {
            var column = 0
            while column < Resolution.width {
                let width = Int.random(in: 1...9, using: &random)
                bitmap.blacken(columns: column..<(column + width), row: y)
                column += width + Int.random(in: 1...9, using: &random)
            }
        }
        return FaxPage(bitmap, resolution: resolution)
    }

    /// Black in the last column of every other row, in the first of the others, and rows all black and all white.
    static func edges(resolution: Resolution = .fine) -> FaxPage {
        var bitmap = Bitmap(width: Resolution.width, height: 400)
        for y in 0..<400 {
            switch y % 5 {
            case 0: bitmap.blacken(columns: 1727..<1728, row: y)
            case 1: bitmap.blacken(columns: 0..<1, row: y)
            case 2: bitmap.blacken(columns: 0..<1728, row: y)
            case 3: bitmap.blacken(columns: 900..<1728, row: y)
            default: break
            }
        }
        return FaxPage(bitmap, resolution: resolution)
    }
}
