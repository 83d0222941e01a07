package import FaxModel

extension HeaderLine {
    /// Rows that the header adds to a page; the last of them are white.
    package static func height(at resolution: Resolution) -> Int {
        switch resolution {
        case .standard: fineRows / 2
        case .fine: fineRows
        case .superfine: fineRows * 2
        }
    }

    /// The page with this header for page `number` (from 1) of `pages` (nil if not known) above it.
    package func stamp(_ page: FaxPage, number: Int, of pages: Int?) -> FaxPage {
        HeaderLine.stamp(page, text: line(page: number, of: pages, width: page.width))
    }

    /// The page with a line of text above it, longer by ``height(at:)`` rows.
    ///
    /// The page is not decoded: its code stays as it is behind the header's, moved by some bits, since the row above
    /// it is white as before. The result is the canonical code of the whole picture.
    /// - Parameter text: ``line(page:of:width:)``; what does not fit in the page's width is left out, and characters
    ///   outside of ASCII 32 to 126 are shown as "?".
    package static func stamp(_ page: FaxPage, text: String) -> FaxPage {
        guard page.width >= 1 else { return page }
        let header = bitmap(text, width: page.width, resolution: page.resolution)
        var encoder = T6Encoder(width: page.width)
        encoder.append(rowsOf: header)
        return FaxPage(
            width: page.width, rows: header.height + page.rows, resolution: page.resolution,
            t6: encoder.takeRows().followed(by: page.t6))
    }

    /// The picture of a line of text.
    ///
    /// It is laid out for fine resolution, 3 rows and 3 columns to a dot of the font; standard has every second row
    /// of it (so that each row of dots is on one or two rows), and superfine has each row twice.
    package static func bitmap(_ text: String, width: Int, resolution: Resolution) -> Bitmap {
        var bitmap = Bitmap(width: width, height: height(at: resolution))
        let characters = Array(text.prefix(Self.characters(width: width)).map { $0.asciiValue ?? 63 })
        for y in 0..<bitmap.height {
            let fineRow =
                switch resolution {
                case .standard: 2 * y + 1
                case .fine: y
                case .superfine: y / 2
                }
            guard fineRow >= topMargin, (fineRow - topMargin) / scale < HeaderFont.rows else { continue }
            let row = (fineRow - topMargin) / scale
            for (index, character) in characters.enumerated() {
                let dots = HeaderFont.dots(of: character, row: row)
                let left = (margin + index) * pitch
                for column in 0..<HeaderFont.columns where dots & (0b10000 >> UInt8(column)) != 0 {
                    bitmap.blacken(columns: (left + column * scale)..<(left + column * scale + scale), row: y)
                }
            }
        }
        return bitmap
    }

    /// Rows at fine resolution: two white ones, nine rows of dots, and three white ones.
    private static let fineRows = 32
    private static let topMargin = 2
    private static let scale = 3
}
