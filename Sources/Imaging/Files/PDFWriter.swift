package import FaxModel

/// Writes a PDF (ISO 32000-1, version 1.4) of fax pages as a sequence of bytes that is never gone back on.
///
/// Each page's T.6 code goes in bit for bit (CCITTFaxDecode), and the paper has the size that the page had: columns
/// at 204 to the inch, rows at the lines to the inch of its resolution. There are no dates, names or identifiers in
/// the file.
package struct PDFWriter: Sendable {
    private var offset = 0
    /// Where each object begins; number 1 is first. The catalog and the page tree come last.
    private var offsets = [0, 0]
    private var pages: [Int] = []

    private static let catalog = 1
    private static let pageTree = 2

    /// A writer of a new file.
    package init() {}

    /// Adds a page and gives the bytes that follow those given before.
    package mutating func append(_ page: FaxPage) -> [UInt8] {
        var out = header()
        out.reserveCapacity(page.t6.count + 1024)
        let width = PDFWriter.points(Double(page.width), perInch: Resolution.horizontalDotsPerInch)
        let height = PDFWriter.points(Double(page.rows), perInch: page.resolution.linesPerInch)

        // Bits of 1 after decoding are white, as gray 1 is: BlackIs1 stays false.
        let image = beginObject(&out)
        out +=
            """
            <</Type/XObject/Subtype/Image/Width \(page.width)/Height \(page.rows)/ColorSpace/DeviceGray\
            /BitsPerComponent 1/Filter/CCITTFaxDecode\
            /DecodeParms<</K -1/Columns \(page.width)/Rows \(page.rows)/BlackIs1 false>>/Length \(page.t6.count)>>
            stream\n
            """.utf8
        out += page.t6
        out += "\nendstream\nendobj\n".utf8

        let content = beginObject(&out)
        let drawing = "q \(width) 0 0 \(height) 0 0 cm /I Do Q"
        out += "<</Length \(drawing.utf8.count)>>\nstream\n\(drawing)\nendstream\nendobj\n".utf8

        pages.append(beginObject(&out))
        out +=
            """
            <</Type/Page/Parent \(PDFWriter.pageTree) 0 R/MediaBox[0 0 \(width) \(height)]\
            /Resources<</XObject<</I \(image) 0 R>>>>/Contents \(content) 0 R>>
            endobj\n
            """.utf8
        offset += out.count
        return out
    }

    /// The last bytes of the file: page tree, catalog, cross-reference table and trailer.
    package mutating func finish() -> [UInt8] {
        var out = header()
        offsets[PDFWriter.pageTree - 1] = offset + out.count
        let kids = pages.map { "\($0) 0 R" }.joined(separator: " ")
        out += "\(PDFWriter.pageTree) 0 obj\n<</Type/Pages/Count \(pages.count)/Kids[\(kids)]>>\nendobj\n".utf8
        offsets[PDFWriter.catalog - 1] = offset + out.count
        out += "\(PDFWriter.catalog) 0 obj\n<</Type/Catalog/Pages \(PDFWriter.pageTree) 0 R>>\nendobj\n".utf8
        let table = offset + out.count
        // Entries are 20 bytes each, with the space before the line feed.
        out += "xref\n0 \(offsets.count + 1)\n0000000000 65535 f \n".utf8
        for offset in offsets {
            let digits = String(offset)
            out += "\(String(repeating: "0", count: max(0, 10 - digits.utf8.count)))\(digits) 00000 n \n".utf8
        }
        out +=
            """
            trailer
            <</Size \(offsets.count + 1)/Root \(PDFWriter.catalog) 0 R>>
            startxref
            \(table)
            %%EOF\n
            """.utf8
        offset += out.count
        return out
    }

    /// The file's first line, and one that tells programs which guess that the file is not text; nothing later on.
    private func header() -> [UInt8] {
        offset == 0 ? Array("%PDF-1.4\n%".utf8) + [0xE2, 0xE3, 0xCF, 0xD3, 0x0A] : []
    }

    private mutating func beginObject(_ out: inout [UInt8]) -> Int {
        offsets.append(offset + out.count)
        out += "\(offsets.count) 0 obj\n".utf8
        return offsets.count
    }

    /// Points (1/72 inch) with at most three decimals.
    static func points(_ dots: Double, perInch: Double) -> String {
        // Half up by hand: `rounded()` would make every program that links this need the mathematics library.
        let thousandths = Int(dots * 72_000 / perInch + 0.5)
        let decimals = String(1000 + thousandths % 1000).dropFirst()
        return "\(thousandths / 1000).\(decimals)"
    }
}
