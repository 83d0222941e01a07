import Imaging

/// Seeded random numbers: the same in every run.
struct CodecRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

/// Kinds of pictures whose code differs much.
enum PageGenerator: CaseIterable, Sendable {
    case white, black, noise, sparse, strokes, lines, fuzzyEdge

    func bitmap(width: Int, height: Int, seed: UInt64) -> Bitmap {
        var random = CodecRandom(seed: seed)
        var bitmap = Bitmap(width: width, height: height)
        switch self {
        case .white:
            break
        case .black:
            for y in 0..<height { bitmap.blacken(columns: 0..<width, row: y) }
        case .noise:
            for y in 0..<height {
                for x in 0..<width { bitmap[x, y] = Bool.random(using: &random) }
            }
        case .sparse:
            for _ in 0..<(width * height / 200) {
                bitmap[.random(in: 0..<width, using: &random), .random(in: 0..<height, using: &random)] = true
            }
        case .strokes:
            // Slanted strokes of some elements, as letters have.
            for _ in 0..<(width * height / 300 + 1) {
                var x = Double(Int.random(in: -4...width, using: &random))
                let top = Int.random(in: 0..<height, using: &random)
                let slant = Double.random(in: -1.5...1.5, using: &random)
                let thick = Int.random(in: 1...6, using: &random)
                for y in top..<(top + Int.random(in: 1...20, using: &random)) {
                    bitmap.blacken(columns: Int(x)..<(Int(x) + thick), row: y)
                    x += slant
                }
            }
        case .lines:
            for y in stride(from: 3, to: height, by: 9) {
                bitmap.blacken(columns: 0..<width, row: y)
                bitmap.blacken(columns: (width / 3)..<(width / 3 + 2), row: y - 1)
            }
        case .fuzzyEdge:
            // Edges that move by -4 ... 4 from row to row: all vertical modes and those next to them.
            var edges = (0..<(width / 20 + 1)).map { $0 * 20 + 5 }
            for y in 0..<height {
                for index in edges.indices {
                    edges[index] += .random(in: -4...4, using: &random)
                    bitmap.blacken(columns: edges[index]..<(edges[index] + 8), row: y)
                }
            }
        }
        return bitmap
    }
}

extension Bitmap {
    /// This picture with another one of the same width below.
    func above(_ other: Bitmap) -> Bitmap? {
        Bitmap(width: width, height: height + other.height, bytes: bytes + other.bytes)
    }
}

/// Bytes from bits, with spaces between for the reader, and zero bits to the end of the byte.
func packed(_ bits: String) -> [UInt8] {
    var bits = bits.utf8.filter { $0 != 0x20 }.map { $0 & 1 }
    while bits.count % 8 != 0 { bits.append(0) }
    return stride(from: 0, to: bits.count, by: 8).map { place in
        bits[place..<(place + 8)].reduce(0) { $0 << 1 | $1 }
    }
}
