import FaxModel
import Imaging
import Workers

/// Pages with a known picture.
enum TestPages {
    static func page(_ number: Int, rows: Int = 1000) -> FaxPage {
        var random = SeededRandom(seed: UInt64(number) + 1)
        var bitmap = Bitmap(width: Resolution.width, height: rows)
        for y in 0..<rows where y % 24 < 14 {
            var column = 120
            while column < 1600 {
                let width = Int.random(in: 2...14, using: &random)
                bitmap.blacken(columns: column..<(column + width), row: y)
                column += width + Int.random(in: 3...40, using: &random)
            }
        }
        return FaxPage(bitmap, resolution: .fine)
    }

    static func file(_ pages: [FaxPage]) throws -> MemoryFile {
        var writer = TIFFWriter(pages: pages.count)
        let file = try MemoryFile()
        for page in pages { try file.append(writer.append(page)) }
        try file.append(writer.finish())
        return file
    }
}
