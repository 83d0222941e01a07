import FaxModel
import Imaging
import Testing

@Suite struct BinariserTests {
    /// Lines of strokes over most of the page.
    private static func written(rows: Int = 640, paper: UInt8 = 255, ink: UInt8 = 0) -> GreyCanvas {
        var canvas = GreyCanvas(rows: rows, grey: paper)
        for line in stride(from: 40, to: rows - 60, by: 36) { canvas.write(150..<1550, line: line, ink) }
        return canvas
    }

    @Test(arguments: [0, 60, 120, 150, 180, 200] as [UInt8])
    func paleWritingOnWhitePaperIsBlack(ink: UInt8) {
        let canvas = Self.written(ink: ink)
        let found = BinarisedPage(canvas).blackness(of: canvas, darkerThan: 250)
        #expect(found.ink == 1)
        #expect(found.paper == 0)
    }

    @Test func writingUnderUnevenLightIsKept() {
        let ideal = Self.written(rows: 1200, paper: 230, ink: 40)
        var lit = ideal
        var noise = TestNoise()
        // From full light at the left to a quarter at the right.
        lit.apply { column, _, grey in grey * (2304 - column) / 2304 + noise.next(4) }
        let found = BinarisedPage(lit).blackness(of: ideal, darkerThan: 100)
        #expect(found.ink > 0.99)
        #expect(found.paper < 0.001)
    }

    @Test func writingUnderAShadowIsNotScreened() {
        let ideal = Self.written(rows: 1200)
        var shaded = ideal
        shaded.apply { column, _, grey in column < 800 ? grey : grey * max(45, 100 - (column - 800) / 4) / 100 }
        let found = BinarisedPage(shaded).blackness(of: ideal, darkerThan: 128)
        #expect(found.ink == 1)
        #expect(found.paper == 0)
    }

    @Test(arguments: [245, 225, 200, 180] as [UInt8])
    func tintsVanishAndTheirWritingStays(tint: UInt8) {
        var canvas = GreyCanvas(rows: 640)
        canvas.fill(200..<1500, 100..<400, tint)
        // A table row, less than the window of the mean.
        canvas.fill(200..<1500, 480..<528, tint)
        for line in [140, 220, 300, 494] { canvas.write(240..<1400, line: line, 30) }
        let found = BinarisedPage(canvas).blackness(of: canvas, darkerThan: 100)
        #expect(found.ink == 1)
        #expect(found.paper < 0.002)
    }

    @Test(arguments: [0, 20, 40, 70] as [UInt8])
    func blackAreasStayBlack(black: UInt8) {
        var canvas = GreyCanvas(rows: 1200)
        var noise = TestNoise()
        canvas.fill(160..<1440, 200..<1000, black)
        canvas.apply { _, _, grey in grey == 255 ? grey : grey + noise.next(8) }
        let page = BinarisedPage(canvas)
        #expect(page.blackness(160..<1440, 200..<1000) == 1)
        #expect(page.blackness(0..<1728, 0..<200) == 0)
    }

    @Test(arguments: [60, 110, 140] as [UInt8])
    func whiteWritingOnADarkFillIsKept(fill: UInt8) {
        var canvas = GreyCanvas(rows: 400)
        canvas.fill(100..<1600, 100..<164, fill)
        canvas.write(240..<1000, line: 122, 255)
        let found = BinarisedPage(canvas).blackness(of: canvas, darkerThan: 200)
        #expect(found.ink > 0.97)
        #expect(found.paper == 0)
    }

    @Test func pagesOfOneGreyAreWhiteOrBlack() {
        for grey in [255, 200, 128] as [UInt8] {
            #expect(BinarisedPage(GreyCanvas(rows: 300, grey: grey)).blackness(0..<1728, 0..<300) == 0, "grey \(grey)")
        }
        for grey in [0, 10] as [UInt8] {
            #expect(BinarisedPage(GreyCanvas(rows: 300, grey: grey)).blackness(0..<1728, 0..<300) == 1, "grey \(grey)")
        }
    }

    @Test(arguments: [(230, 20), (215, 35), (180, 40)])
    func noiseOnPaperStaysWhite(paper: Int, amplitude: Int) {
        var ideal = GreyCanvas(rows: 800)
        for line in stride(from: 100, to: 700, by: 80) { ideal.write(300..<1200, line: line, 0) }
        var noisy = ideal
        var noise = TestNoise()
        noisy.apply { _, _, grey in (grey == 255 ? paper : 50) + noise.next(amplitude) }
        let found = BinarisedPage(noisy).blackness(of: ideal, darkerThan: 128)
        #expect(found.ink > 0.995)
        #expect(found.paper < 0.001)
    }

    @Test func photographsAreScreenedToTheirTone() {
        var canvas = GreyCanvas(rows: 1000)
        for line in [40, 80, 900, 940] { canvas.write(200..<1500, line: line, 0) }
        let text = canvas
        var noise = TestNoise()
        // Slow waves of light with some grain: from 40 to 220.
        canvas.apply { column, row, grey in
            guard (304..<1296).contains(column) && (208..<800).contains(row) else { return grey }
            let wave = abs(column % 400 - 200) * 60 / 200 + abs(row % 300 - 150) * 100 / 150
            return 50 + wave + noise.next(10)
        }
        let page = BinarisedPage(canvas)
        for (columns, rows) in [(320..<620, 220..<370), (640..<1240, 300..<700), (900..<1200, 600..<780)] {
            var sum = 0
            for row in rows { for column in columns { sum += Int(canvas.grey[row * Resolution.width + column]) } }
            let tone = 1 - Double(sum) / Double(columns.count * rows.count) / 255
            #expect(abs(page.blackness(columns, rows) - tone) < 0.05)
        }
        // Beside it all is as it was.
        let alone = BinarisedPage(text)
        #expect(page.bits.prefix(180 * 216) == alone.bits.prefix(180 * 216))
        #expect(page.bits.suffix(150 * 216) == alone.bits.suffix(150 * 216))
    }

    @Test(arguments: Resolution.allCases)
    func allResolutionsAndRaggedEndsWork(resolution: Resolution) {
        for rows in [0, 1, 7, 33, 500] {
            var canvas = GreyCanvas(rows: rows)
            if rows > 0 { canvas.fill(5..<1723, (rows - 1)..<rows, 0) }
            let page = BinarisedPage(canvas, resolution: resolution)
            #expect(page.bits.count == rows * Binariser.bytesPerRow)
            if rows > 0 { #expect(page.blackness(5..<1723, (rows - 1)..<rows) == 1) }
        }
    }

    @Test func eachElementHasItsBit() {
        var canvas = GreyCanvas(rows: 40)
        let columns = [0, 7, 8, 15, 16, 100, 1001, 1726, 1727]
        for column in columns { canvas.fill(column..<(column + 1), 20..<21, 0) }
        let page = BinarisedPage(canvas)
        #expect((0..<1728).filter { page.isBlack($0, 20) } == columns)
        #expect(page.blackness(0..<1728, 0..<20) == 0)
    }

    @Test func pagesDoNotInfluenceEachOther() {
        let first = Self.written(rows: 900, ink: 90)
        let second = Self.written(rows: 300, paper: 140, ink: 20)
        var binariser = Binariser(resolution: .fine)
        var bits: [UInt8] = []
        for canvas in [first, second, first, second] {
            canvas.grey.withUnsafeBytes { binariser.binarise($0, rows: canvas.rows, into: &bits) }
            #expect(bits == BinarisedPage(canvas).bits)
        }
    }
}
