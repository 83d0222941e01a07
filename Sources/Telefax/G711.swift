/// The two companding laws of ITU-T G.711, each with its static RTP payload type (RFC 3551 6).
package enum G711Law: Sendable, Equatable, CaseIterable {
    /// PCMU: North America and Japan.
    case mu
    /// PCMA: everywhere else.
    case a

    /// 0 for PCMU, 8 for PCMA.
    package var payloadType: UInt8 {
        switch self {
        case .mu: 0
        case .a: 8
        }
    }

    /// The law of a static payload type; nil for all other types.
    package init?(payloadType: UInt8) {
        switch payloadType {
        case 0: self = .mu
        case 8: self = .a
        default: return nil
        }
    }
}

/// G.711: 8,000 samples a second as one byte each. Linear samples have 16 bits, the 14 (mu-law) or 13 (A-law) bits of the standard at the
/// top of them.
package enum G711 {
    /// The linear value of a code: the middle of the interval that it stands for (tables 1a to 2b, column 8).
    package static func decode(_ code: UInt8, _ law: G711Law) -> Int16 {
        switch law {
        case .mu: muTable[Int(code)]
        case .a: aTable[Int(code)]
        }
    }

    package static func decode(_ codes: some Collection<UInt8>, _ law: G711Law) -> [Int16] {
        let table = law == .mu ? muTable : aTable
        return codes.map { table[Int($0)] }
    }

    /// The code whose interval holds the sample; samples past the last interval take its code.
    package static func encode(_ sample: Int16, _ law: G711Law) -> UInt8 {
        // The complement for negative samples: the intervals of both signs meet between 0 and -1.
        let magnitude = Int(sample < 0 ? ~sample : sample)
        switch law {
        case .mu:
            let biased = min(magnitude >> 2 + muBias, 0x1FFF)
            let segment = biased.bitWidth - biased.leadingZeroBitCount - 6
            let code = segment << 4 | (biased >> (segment + 1)) & 0x0F
            return UInt8(truncatingIfNeeded: ~code) & (sample < 0 ? 0x7F : 0xFF)
        case .a:
            // Twelve bits: segments 0 and 1 have the same step, each later one twice that of the one before.
            let level = magnitude >> 4
            let segment = max(0, level.bitWidth - level.leadingZeroBitCount - 4)
            let code = segment == 0 ? level : segment << 4 | (level >> (segment - 1)) & 0x0F
            return UInt8(truncatingIfNeeded: code ^ evenBits) ^ (sample < 0 ? 0 : 0x80)
        }
    }

    package static func encode(_ samples: some Collection<Int16>, _ law: G711Law) -> [UInt8] {
        samples.map { encode($0, law) }
    }

    /// Added to a 14-bit magnitude, so that every segment begins at a power of two.
    private static let muBias = 33
    /// A-law inverts every other bit on the line.
    private static let evenBits = 0x55

    private static let muTable: [Int16] = (0...255).map { code in
        let inverted = ~code
        let segment = (inverted >> 4) & 0x07
        let magnitude = ((inverted & 0x0F) << 1 + muBias) << segment - muBias
        return Int16(truncatingIfNeeded: (inverted & 0x80 == 0 ? magnitude : -magnitude) << 2)
    }

    private static let aTable: [Int16] = (0...255).map { code in
        let plain = code ^ evenBits
        let segment = (plain >> 4) & 0x07
        // The middle of a step is half a step above its start.
        let step = (plain & 0x0F) << 1 + 1
        let magnitude = segment == 0 ? step : (step + 32) << (segment - 1)
        return Int16(truncatingIfNeeded: (plain & 0x80 == 0 ? -magnitude : magnitude) << 3)
    }
}
