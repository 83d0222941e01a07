import Imaging
import Testing

/// Data that no encoder made: the decoder answers with an error or a picture, and in time.
@Suite struct T6HostileTests {
    typealias Failure = T6Decoder.Failure

    @Test func whatTheRowsMayBe() {
        let code = T6Encoder.encode(Bitmap(width: 100, height: 5))
        #expect(throws: Failure.tooFewRows(5)) { try T6Decoder.decode(code, width: 100, rows: 6) }
        #expect(throws: Failure.tooManyRows(limit: 4)) { try T6Decoder.decode(code, width: 100, maximumRows: 4) }
        #expect(throws: Failure.dimensions) { try T6Decoder.decode(code, width: 100, rows: 6, maximumRows: 5) }
        #expect(throws: Failure.dimensions) { try T6Decoder.decode(code, width: 100, rows: -1) }
        #expect(throws: Failure.dimensions) { try T6Decoder.decode(code, width: 0) }
        #expect(throws: Failure.dimensions) { try T6Decoder.decode(code, width: T6Decoder.maximumWidth + 1) }
        #expect(throws: Never.self) { try T6Decoder.decode(code, width: 100, rows: 4) }
    }

    @Test func endOfDataWithoutEOFB() throws {
        // Eight rows of V0 and nothing else.
        #expect(try T6Decoder.decode([0xFF], width: 64, rows: 8) == Bitmap(width: 64, height: 8))
        #expect(throws: Failure.truncated(row: 8)) { try T6Decoder.decode([0xFF], width: 64, rows: 9) }
        #expect(throws: Failure.truncated(row: 8)) { try T6Decoder.decode([0xFF], width: 64) }
        #expect(throws: Failure.truncated(row: 0)) { try T6Decoder.decode([], width: 64) }
        #expect(try T6Decoder.decode([], width: 64, rows: 0).height == 0)
        // An EOFB of which the last bit is missing.
        #expect(throws: Failure.truncated(row: 1)) { try T6Decoder.decode([0x80, 0x08, 0x00], width: 64) }
    }

    @Test(arguments: [
        ("0000001 000", Failure.unsupportedExtension(row: 0)),
        ("00000000 00000000 00000000 00000000", .invalidCode(row: 0)),
        // VL1 and then VL3 from a0 = 7: back over it. Width 8.
        ("010 0000010", .badRun(row: 0)),
        // VR1 at the end of the row.
        ("011", .badRun(row: 0)),
        // White 9 of a row of 8; white 2,560 without end.
        ("001 10100", .badRun(row: 0)),
        ("001 000000011111 000000011111", .badRun(row: 0)),
        // No white code begins with nine zeros.
        ("001 000000000 1111 00000000 00000000 00000000", .invalidCode(row: 0)),
        // An EOFB in the middle of a row is none.
        ("001 0111 11  000000000001 000000000001 00000000", .invalidCode(row: 0)),
    ])
    func badCodes(bits: String, failure: Failure) {
        #expect(throws: failure) { try T6Decoder.decode(packed(bits), width: 8, rows: 3) }
    }

    @Test func emptyRunsAreTolerated() throws {
        // White 2, black 0, white 3, black 3: some encoders do that. The next row is coded by what is to be seen.
        let code = packed("001 0111 0000110111  001 1000 10  1 1")
        var bitmap = Bitmap(width: 8, height: 2)
        bitmap.blacken(columns: 5..<8, row: 0)
        bitmap.blacken(columns: 5..<8, row: 1)
        #expect(try T6Decoder.decode(code, width: 8, rows: 2) == bitmap)
    }

    @Test func rowsWithoutEnd() {
        let ones = [UInt8](repeating: 0xFF, count: 1 << 20)
        #expect(throws: Failure.tooManyRows(limit: 16_384)) { try T6Decoder.decode(ones, width: 1728) }
        // Empty runs without end make no row.
        let empty = packed(String(repeating: "001 00110101 0000110111", count: 20_000))
        #expect(throws: Failure.truncated(row: 0)) { try T6Decoder.decode(empty, width: 1728) }
    }

    @Test(arguments: PageGenerator.allCases, [8, 131])
    func mutatedPages(kind: PageGenerator, width: Int) throws {
        let height = 24
        let code = T6Encoder.encode(kind.bitmap(width: width, height: height, seed: 9))
        var random = CodecRandom(seed: UInt64(width) << 8 + UInt64(code.count))
        for _ in 0..<400 {
            var mutant = code
            for _ in 0...Int.random(in: 0..<4, using: &random) where !mutant.isEmpty {
                let place = Int.random(in: mutant.indices, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: mutant[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1: mutant[place] = .random(in: 0...255, using: &random)
                case 2: mutant.remove(at: place)
                case 3: mutant.insert(.random(in: 0...255, using: &random), at: place)
                default: mutant.removeLast(mutant.count - place)
                }
            }
            try check(mutant, width: width, rows: height)
        }
    }

    @Test func randomBytes() throws {
        var random = CodecRandom(seed: 77)
        for _ in 0..<3000 {
            let size = Int.random(in: 0..<60, using: &random)
            let noise = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            try check(noise, width: .random(in: 1...70, using: &random), rows: .random(in: 0...20, using: &random))
        }
    }

    /// What decodes is a picture of the right size, whose own code decodes to it.
    private func check(_ code: [UInt8], width: Int, rows: Int) throws {
        if let bitmap = try? T6Decoder.decode(code, width: width, rows: rows) {
            #expect(bitmap.width == width && bitmap.height == rows)
            #expect(try T6Decoder.decode(T6Encoder.encode(bitmap), width: width) == bitmap)
        }
        if let bitmap = try? T6Decoder.decode(code, width: width, maximumRows: 1000) {
            #expect(bitmap.width == width && bitmap.height <= 1000)
        }
    }
}
