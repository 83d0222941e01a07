import FaxModel
import Imaging

/// Small pages with a known picture.
enum TestPages {
    static func page(_ number: Int, rows: Int = 120) -> FaxPage {
        var random = SeededRandom(seed: UInt64(number) + 1)
        var bitmap = Bitmap(width: Resolution.width, height: rows)
        for y in 0..<rows {
            let start = Int.random(in: 0..<1600, using: &random)
            bitmap.blacken(columns: start..<(start + Int.random(in: 1...120, using: &random)), row: y)
        }
        return FaxPage(bitmap, resolution: .fine)
    }

    static func tiff(_ pages: [FaxPage]) throws -> [UInt8] {
        var writer = TIFFWriter(pages: pages.count)
        var bytes: [UInt8] = []
        for page in pages { bytes += try writer.append(page) }
        return bytes + writer.finish()
    }
}
