import FaxModel
import Testing

@testable import Imaging

@Suite struct HeaderStampTests {
    private let header = HeaderLine(date: "Sat 14:05", sender: "Example Clinic", number: "+1 555 123 0100")

    @Test(arguments: [(Resolution.standard, 16), (.fine, 32), (.superfine, 64)])
    func lastRowsAreWhite(resolution: Resolution, height: Int) {
        #expect(HeaderLine.height(at: resolution) == height)
        let everything = String(String.UnicodeScalarView((32...126).compactMap { Unicode.Scalar($0) }))
        let bitmap = HeaderLine.bitmap(everything, width: 18 * 120, resolution: resolution)
        #expect(bitmap.height == height)
        #expect(bitmap.withRow(height - 1) { $0.allSatisfy { $0 == 0 } })
        #expect(bitmap.withRow(height / 2) { !$0.allSatisfy { $0 == 0 } })
        // Both margins are free.
        for y in 0..<height {
            for x in 0..<36 { #expect(!bitmap[x, y] && !bitmap[bitmap.width - 1 - x, y]) }
        }
    }

    /// The point of it: the same bytes as if header and page had been drawn and coded as one picture.
    @Test(arguments: Resolution.allCases, PageGenerator.allCases)
    func equalsTheCodeOfTheWholePicture(resolution: Resolution, kind: PageGenerator) throws {
        for (width, height) in [(1728, 30), (1728, 1), (200, 7), (90, 5), (7, 3)] {
            let body = kind.bitmap(width: width, height: height, seed: 8)
            let page = FaxPage(body, resolution: resolution)
            let text = header.line(page: 2, of: 5, width: width)
            let head = HeaderLine.bitmap(text, width: width, resolution: resolution)
            let whole = FaxPage(try #require(head.above(body)), resolution: resolution)
            #expect(HeaderLine.stamp(page, text: text) == whole)
            #expect(header.stamp(page, number: 2, of: 5) == whole)
        }
    }

    @Test func equalsItAtEveryBitOffset() throws {
        var headerOffsets: Set<Int> = []
        var padding: Set<Int> = []
        for number in 1...60 {
            let text = header.line(page: number, of: nil)
            let head = HeaderLine.bitmap(text, width: 1728, resolution: .fine)
            var encoder = T6Encoder(width: 1728)
            encoder.append(rowsOf: head)
            headerOffsets.insert(encoder.takeRows().count % 8)
            let body = PageGenerator.strokes.bitmap(width: 1728, height: 3, seed: UInt64(number))
            let page = FaxPage(body, resolution: .fine)
            padding.insert(page.t6.last?.trailingZeroBitCount ?? 8)
            let whole = T6Encoder.encode(try #require(head.above(body)))
            #expect(HeaderLine.stamp(page, text: text).t6 == whole)
        }
        #expect(headerOffsets == Set(0..<8))
        #expect(padding == Set(0..<8))
    }

    @Test func glyphsDiffer() {
        let glyphs = (32...126).map { ascii in (0..<HeaderFont.rows).map { HeaderFont.dots(of: UInt8(ascii), row: $0) }
        }
        #expect(Set(glyphs).count == 95)
        for ascii in [0, 31, 127, 255] as [UInt8] {
            #expect(
                (0..<HeaderFont.rows).allSatisfy {
                    HeaderFont.dots(of: ascii, row: $0) == HeaderFont.dots(of: 63, row: $0)
                })
        }
    }

    /// Every character is drawn in full at every resolution: no row of dots is lost.
    @Test func noRowOfDotsIsLost() {
        for ascii in 33...126 as ClosedRange<UInt8> {
            let text = String(Unicode.Scalar(ascii))
            let fine = HeaderLine.bitmap(text, width: 90, resolution: .fine)
            let distinct = distinctRows(fine)
            #expect(distinctRows(HeaderLine.bitmap(text, width: 90, resolution: .standard)) == distinct)
            #expect(distinctRows(HeaderLine.bitmap(text, width: 90, resolution: .superfine)) == distinct)
        }
    }

    private func distinctRows(_ bitmap: Bitmap) -> Set<[UInt8]> {
        Set((0..<bitmap.height).map { bitmap.withRow($0) { Array($0) } })
    }
}
