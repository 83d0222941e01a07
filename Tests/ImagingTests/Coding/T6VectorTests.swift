import Testing

@testable import Imaging

/// Code that was written down from the standard, or made by another encoder, and not by the code under test.
@Suite struct T6VectorTests {
    private func check(_ bitmap: Bitmap, _ bits: String) throws {
        let code = packed(bits + "000000000001 000000000001")
        #expect(T6Encoder.encode(bitmap) == code)
        #expect(try T6Decoder.decode(code, width: bitmap.width) == bitmap)
    }

    @Test func whitePage() throws {
        try check(Bitmap(width: 1728, height: 3), "1 1 1")
        #expect(T6Encoder.encode(Bitmap(width: 1728, height: 3)) == [0xE0, 0x02, 0x00, 0x20])
        try check(Bitmap(width: 1728, height: 0), "")
    }

    @Test func verticalModes() throws {
        var bitmap = Bitmap(width: 40, height: 2)
        bitmap.blacken(columns: 4..<14, row: 0)
        bitmap.blacken(columns: 24..<34, row: 0)
        bitmap.blacken(columns: 5..<12, row: 1)
        bitmap.blacken(columns: 27..<31, row: 1)
        // Row 0: white 4, black 10; white 10, black 10; V0. Row 1: VR1, VL2, VR3, VL3, V0.
        try check(
            bitmap, "001 1011 0000100  001 00111 0000100  1   011 000010 0000011 0000010 1")
    }

    @Test func otherVerticalModes() throws {
        var bitmap = Bitmap(width: 40, height: 2)
        bitmap.blacken(columns: 4..<14, row: 0)
        bitmap.blacken(columns: 3..<16, row: 1)
        // Row 0: white 4, black 10; V0. Row 1: VL1, VR2, V0.
        try check(bitmap, "001 1011 0000100  1   010 000011 1")
    }

    @Test func passModeAndFirstColumn() throws {
        var bitmap = Bitmap(width: 16, height: 3)
        bitmap.blacken(columns: 0..<3, row: 0)
        bitmap.blacken(columns: 5..<7, row: 0)
        bitmap.blacken(columns: 0..<3, row: 1)
        // Row 0: white 0, black 3; white 2, black 2; V0. Row 1: V0, V0, pass, V0. Row 2: pass, V0.
        try check(bitmap, "001 00110101 10  001 0111 11  1   1 1 0001 1   0001 1")
    }

    /// White runs, and black ones that take the row to its end: the width is the white run and 9 more.
    @Test(arguments: [
        (4, "1011"), (63, "00110100"), (64, "11011 00110101"), (127, "11011 00110100"), (128, "10010 00110101"),
        (1664, "011000 00110101"), (1728, "010011011 00110101"), (1791, "010011011 00110100"),
        (1792, "00000001000 00110101"), (2560, "000000011111 00110101"), (2623, "000000011111 00110100"),
        (2624, "000000011111 11011 00110101"), (5120, "000000011111 000000011111 00110101"),
        (5190, "000000011111 000000011111 11011 1110"),
        (8000, "000000011111 000000011111 000000011111 00110110 00110101"),
    ])
    func whiteRuns(length: Int, code: String) throws {
        var bitmap = Bitmap(width: length + 9, height: 1)
        bitmap.blacken(columns: length..<(length + 9), row: 0)
        try check(bitmap, "001 \(code) 000100")
    }

    @Test(arguments: [
        (4, "011"), (63, "000001100111"), (64, "0000001111 0000110111"), (1728, "0000001100101 0000110111"),
        (1792, "00000001000 0000110111"), (2560, "000000011111 0000110111"), (2623, "000000011111 000001100111"),
        (2624, "000000011111 0000001111 0000110111"), (5120, "000000011111 000000011111 0000110111"),
    ])
    func blackRuns(length: Int, code: String) throws {
        var bitmap = Bitmap(width: length, height: 1)
        bitmap.blacken(columns: 0..<length, row: 0)
        try check(bitmap, "001 00110101 \(code)")
    }

    @Test func codesAreFreeOfPrefixes() {
        // Two codes of which one begins the other would have claimed the same entries of the table; count what is free.
        let runs = 1 << RunCodes.runBits
        for colour in 0..<2 {
            var codes: Set<UInt16> = []
            var space = 0.0
            for entry in RunCodes.decoding[(colour * runs)..<((colour + 1) * runs)] where entry != 0 {
                if codes.insert(entry).inserted { space += 1 / Double(1 << Int(entry & 15)) }
            }
            #expect(codes.count == 64 + 27 + 13)
            let used = RunCodes.decoding[(colour * runs)..<((colour + 1) * runs)].count { $0 != 0 }
            #expect(space == Double(used) / Double(runs))
        }
    }

    /// A picture as libtiff 4.5 codes it.
    @Test func otherEncoder() throws {
        var bitmap = Bitmap(width: 70, height: 16)
        for y in 0..<16 {
            for x in 0..<70 { bitmap[x, y] = (x * x + 3 * y * y) / 40 % 7 < 3 }
        }
        let code = hexadecimal(
            """
            26a14f46e2f98cba2f9745d17447c8e88e8ba23a23a0412ffffffffffd7fff5fffd2fd7aebffff54baad6b5fa5ff09692feabd2f1fe0
            924b4925fd7f04092f108254be9254ab4bf4928492492497af4b4bfe082082492a4925492d2d24be4d4224924952d6a9697a492c1041
            04925492492ad2d24bf1041209241254924925a5e92494cc82412092492aaa492a490fc9a840412092492492a54a92c102492598e082
            08241209249254924a92490e002002
            """)
        #expect(T6Encoder.encode(bitmap) == code)
        #expect(try T6Decoder.decode(code, width: 70) == bitmap)
    }
}

func hexadecimal(_ text: String) -> [UInt8] {
    let digits = text.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
