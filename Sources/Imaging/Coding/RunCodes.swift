/// The code words of ITU-T T.4 (07/2003) tables 2, 3a and 3b (runs) and ITU-T T.6 (11/1988) table 1 (modes), written as
/// their bits, and the look-up tables that are made of them.
enum RunCodes {
    /// White runs of 0 to 63 picture elements (T.4 table 2).
    private static let whiteTerminating = """
        00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 110101
        101010 101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011 0010011 0100100 0011000 00000010 \
        00000011 00011010
        00011011 00010010 00010011 00010100 00010101 00010110 00010111 00101000 00101001 00101010 00101011 00101100 \
        00101101 00000100 00000101 00001010
        00001011 01010010 01010011 01010100 01010101 00100100 00100101 01011000 01011001 01011010 01011011 01001010 \
        01001011 00110010 00110011 00110100
        """
    /// Black runs of 0 to 63 picture elements (T.4 table 2).
    private static let blackTerminating = """
        0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 00000111 000011000
        0000010111 0000011000 0000001000 00001100111 00001101000 00001101100 00000110111 00000101000 00000010111 \
        00000011000 000011001010 000011001011 000011001100 000011001101 000001101000 000001101001
        000001101010 000001101011 000011010010 000011010011 000011010100 000011010101 000011010110 000011010111 \
        000001101100 000001101101 000011011010 000011011011 000001010100 000001010101 000001010110 000001010111
        000001100100 000001100101 000001010010 000001010011 000000100100 000000110111 000000111000 000000100111 \
        000000101000 000001011000 000001011001 000000101011 000000101100 000001011010 000001100110 000001100111
        """
    /// White runs of 64, 128 ... 1,728 (T.4 table 3a).
    private static let whiteMakeUp = """
        11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000 01100111 011001100 011001101 011010010
        011010011 011010100 011010101 011010110 011010111 011011000 011011001 011011010 011011011 010011000 010011001
        010011010 011000 010011011
        """
    /// Black runs of 64, 128 ... 1,728 (T.4 table 3a).
    private static let blackMakeUp = """
        0000001111 000011001000 000011001001 000001011011 000000110011 000000110100 000000110101 0000001101100
        0000001101101 0000001001010 0000001001011 0000001001100 0000001001101 0000001110010 0000001110011 0000001110100
        0000001110101 0000001110110 0000001110111 0000001010010 0000001010011 0000001010100 0000001010101 0000001011010
        0000001011011 0000001100100 0000001100101
        """
    /// Runs of 1,792, 1,856 ... 2,560 of either colour (T.4 table 3b).
    private static let extendedMakeUp = """
        00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 000000010101 000000010110
        000000010111 000000011100 000000011101 000000011110 000000011111
        """
    /// Pass, horizontal, vertical left 3 ... vertical right 3, extension, in the order of ``Mode`` (T.6 table 1).
    private static let modes = "0001 001 0000010 000010 010 1 011 000011 0000011 0000001"

    /// A coding mode. The raw value of a vertical mode less that of ``vertical0`` is the distance from b1 to a1.
    enum Mode {
        static let pass = 1
        static let horizontal = 2
        static let verticalLeft3 = 3
        static let vertical0 = 6
        static let verticalRight3 = 9
        static let `extension` = 10
    }

    /// The longest run that ``encoding`` holds; a longer one is coded with make-up codes for 2,560 first.
    static let longestRun = 2560 + 63
    /// Where the black runs begin in ``encoding``.
    static let blackRuns = longestRun + 1
    /// Where the modes begin in ``encoding``: the mode with the raw value 1 first.
    static let encodingModes = 2 * blackRuns
    /// Bits that index one colour's part of ``decoding``, and its size.
    static let runBits = 13
    /// Where the modes, indexed by 7 bits, begin in ``decoding``.
    static let decodingModes = 2 << runBits
    static let modeBits = 7

    /// Packed codes of all runs from 0 to ``longestRun``, white then black, make-up and terminating code together;
    /// then of the modes. A packed code is the bits shifted left by 5, plus their number (at most 25).
    static let encoding: [UInt32] = {
        var table: [UInt32] = []
        for (terminating, makeUp) in [(whiteTerminating, whiteMakeUp), (blackTerminating, blackMakeUp)] {
            let last = pack(terminating)
            table += last
            for first in pack(makeUp) + pack(extendedMakeUp) {
                table += last.map { ((first >> 5) << ($0 & 31) | $0 >> 5) << 5 | (first & 31) + ($0 & 31) }
            }
        }
        return table + pack(modes)
    }()

    /// What the next bits mean: the value shifted left by 4, plus the number of bits; 0 for what is no code.
    ///
    /// Indexed by the next 13 bits for white runs, by 8,192 more for black runs; by 16,384 and the next 7 bits for
    /// modes. The value of a run code is its length (from 64 up more codes follow), that of a mode its raw value.
    static let decoding: [UInt16] = {
        var table = [UInt16](repeating: 0, count: decodingModes + 1 << modeBits)
        func enter(_ codes: String, at base: Int, bits: Int, value: (Int) -> Int) {
            for (index, packed) in pack(codes).enumerated() {
                let length = Int(packed & 31)
                let free = bits - length
                for low in 0..<(1 << free) {
                    table[base + Int(packed >> 5) << free + low] = UInt16(value(index) << 4 | length)
                }
            }
        }
        for (base, terminating, makeUp) in [
            (0, whiteTerminating, whiteMakeUp), (1 << runBits, blackTerminating, blackMakeUp),
        ] {
            enter(terminating, at: base, bits: runBits) { $0 }
            enter(makeUp, at: base, bits: runBits) { 64 * ($0 + 1) }
            enter(extendedMakeUp, at: base, bits: runBits) { 64 * ($0 + 28) }
        }
        enter(modes, at: decodingModes, bits: modeBits) { $0 + 1 }
        return table
    }()

    private static func pack(_ codes: String) -> [UInt32] {
        codes.split(whereSeparator: \.isWhitespace).map { code in
            code.utf8.reduce(0) { $0 << 1 | UInt32($1 & 1) } << 5 | UInt32(code.utf8.count)
        }
    }
}
