import FaxModel
import Testing

@testable import Imaging

@Suite struct T6RoundTripTests {
    @Test(arguments: PageGenerator.allCases, [1, 7, 8, 63, 64, 65, 1728, 2592])
    func decodesWhatWasEncoded(kind: PageGenerator, width: Int) throws {
        for height in [1, 2, 40] {
            let bitmap = kind.bitmap(width: width, height: height, seed: UInt64(width + height))
            let code = T6Encoder.encode(bitmap)
            #expect(try T6Decoder.decode(code, width: width) == bitmap)
            #expect(try T6Decoder.decode(code, width: width, rows: height) == bitmap)
            let page = FaxPage(bitmap, resolution: .fine)
            #expect(page.t6 == code && page.rows == height && page.width == width)
            #expect(try page.bitmap() == bitmap)
        }
    }

    /// With a white row below each, so that each run is coded as one.
    @Test(arguments: [false, true])
    func everyRun(black: Bool) throws {
        var bitmap = Bitmap(width: 2700, height: 2 * 2701)
        for length in 0...2700 { bitmap.blacken(columns: black ? 0..<length : length..<2700, row: 2 * length) }
        #expect(try T6Decoder.decode(T6Encoder.encode(bitmap), width: 2700) == bitmap)
    }

    /// All pairs of rows of 7 elements: every mode at every place.
    @Test func everyPairOfShortRows() throws {
        for first in 0..<128 {
            let rows = (0..<128).flatMap { [UInt8(first << 1), UInt8($0 << 1)] }
            let bitmap = try #require(Bitmap(width: 7, height: rows.count, bytes: rows))
            #expect(try T6Decoder.decode(T6Encoder.encode(bitmap), width: 7) == bitmap)
        }
    }

    @Test func bitsAfterTheRowDoNotCount() {
        var encoder = T6Encoder(width: 67)
        let clean: [UInt8] = [0xAA, 0, 0, 0, 0, 0, 0, 0, 0xE0]
        let dirty: [UInt8] = [0xAA, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        clean.withUnsafeBytes { encoder.append(row: $0) }
        let expected = encoder.finish()
        dirty.withUnsafeBytes { encoder.append(row: $0) }
        #expect(encoder.finish() == expected)
    }

    @Test func encoderBeginsAnewAfterAPage() {
        let pages = PageGenerator.allCases.map { $0.bitmap(width: 200, height: 30, seed: 5) }
        var encoder = T6Encoder(width: 200)
        for page in pages {
            encoder.append(rowsOf: page)
            #expect(encoder.rows == 30)
            #expect(encoder.finish() == T6Encoder.encode(page))
            #expect(encoder.rows == 0)
        }
    }

    @Test func decoderGivesRowsOneByOne() throws {
        let bitmap = PageGenerator.strokes.bitmap(width: 131, height: 50, seed: 1)
        var decoder = try T6Decoder(T6Encoder.encode(bitmap), width: 131)
        var rows: [UInt8] = []
        // What is in the buffer before does not shine through.
        var row = [UInt8](repeating: 0xFF, count: decoder.rowBytes)
        while try next(&decoder, &row) { rows += row }
        #expect(rows == bitmap.bytes)
        #expect(decoder.rows == 50)
    }

    private func next(_ decoder: inout T6Decoder, _ row: inout [UInt8]) throws -> Bool {
        try row.withUnsafeMutableBytes { try decoder.next(into: $0) }
    }
}
