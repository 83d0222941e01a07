import FaxModel
import Imaging
import Workers

/// The page of a test call: rulers and a wedge in which a person sees lost lines, and nothing of anybody.
enum TestPage {
    /// A TIFF-F file of one page in standard resolution.
    static func file() throws -> MemoryFile {
        let rows = 1140
        var bitmap = Bitmap(width: Resolution.width, height: rows)
        for row in 0..<rows {
            if row % 100 < 4 { bitmap.blacken(columns: 100..<1628, row: row) }
            // Bars that grow with the row: a missing line is a step in their edge.
            for bar in 0..<6 {
                let left = 140 + bar * 240
                bitmap.blacken(columns: left..<(left + 8 + row / 8), row: row)
            }
        }
        var writer = TIFFWriter(pages: 1)
        let file = try MemoryFile()
        try file.append(writer.append(FaxPage(bitmap, resolution: .standard)))
        try file.append(writer.finish())
        return file
    }
}
