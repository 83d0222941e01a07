package import FaxModel

/// Turns grey pages into the black and white of a fax, by a threshold that follows paper, light and tint over the
/// page, and a line screen in photographs. The same grey always gives the same page.
package struct Binariser: Sendable {
    /// Bytes of a packed row.
    package static let bytesPerRow = Resolution.width / 8

    private var grid: BlockGrid

    /// - Parameter resolution: of the pages to come; it says how many rows a window of some millimetres has.
    package init(resolution: Resolution) {
        let blockRows =
            switch resolution {
            case .standard: 8
            case .fine: 16
            case .superfine: 32
            }
        grid = BlockGrid(width: Resolution.width, blockRows: blockRows)
    }

    /// Binarises a page.
    ///
    /// - Parameters:
    ///   - grey: `rows` rows of 1,728 bytes, 0 black, 255 white.
    ///   - bits: replaced by `rows` rows of ``bytesPerRow`` bytes, first element in the high bit,
    ///     1 black. Its storage is reused.
    package mutating func binarise(_ grey: UnsafeRawBufferPointer, rows: Int, into bits: inout [UInt8]) {
        precondition(rows >= 0 && grey.count >= rows * Resolution.width, "The grey page is shorter than its rows.")
        bits.removeAll(keepingCapacity: true)
        bits.append(contentsOf: repeatElement(0, count: rows * Self.bytesPerRow))
        guard rows > 0 else { return }
        grid.measure(grey, rows: rows)
        let map = ThresholdMap(grid)
        let photos = PhotoRegions(grid, paper: map.paper, noise: map.noise, grey: grey, rows: rows)
        bits.withUnsafeMutableBytes { bits in
            guard let grey = grey.baseAddress, let bits = bits.baseAddress else { return }
            pack(grey, rows: rows, map: map, photos: photos, into: bits)
        }
    }

    private func pack(
        _ grey: UnsafeRawPointer, rows: Int, map: ThresholdMap, photos: PhotoRegions, into bits: UnsafeMutableRawPointer
    ) {
        let screen = photos.isEmpty ? nil : LineScreen(width: Resolution.width, paper: map.paper)
        for line in 0..<grid.lines {
            let top = line * grid.blockRows
            let height = min(grid.blockRows, rows - top)
            for column in 0..<grid.columns {
                let block = line * grid.columns + column
                let left = column * BlockGrid.blockWidth
                var from = grey + top * Resolution.width + left
                var to = bits + top * Self.bytesPerRow + column * 2
                if let screen, photos.isPhoto[block] {
                    for row in 0..<height {
                        let black =
                            from.loadUnaligned(as: SIMD16<UInt8>.self)
                            .< screen.thresholds(row: top + row, column: left)
                        to.storeBytes(of: Self.packed(black), as: UInt16.self)
                        from += Resolution.width
                        to += Self.bytesPerRow
                    }
                } else if grid.darkest[block] < map.thresholds[block] {
                    let threshold = SIMD16<UInt8>(repeating: map.thresholds[block])
                    for _ in 0..<height {
                        let black = from.loadUnaligned(as: SIMD16<UInt8>.self) .< threshold
                        to.storeBytes(of: Self.packed(black), as: UInt16.self)
                        from += Resolution.width
                        to += Self.bytesPerRow
                    }
                }
            }
        }
    }

    /// Sixteen comparisons as sixteen bits, the first in the high bit of the first byte.
    @inline(__always)
    private static func packed(_ mask: SIMDMask<SIMD16<Int8>>) -> UInt16 {
        let halves = unsafeBitCast(mask, to: SIMD2<UInt64>.self) & 0x0101_0101_0101_0101
        // Each byte's lowest bit moves to its place in the highest byte: no two terms of the product meet.
        let first = (halves[0] &* 0x8040_2010_0804_0201) >> 56
        let second = (halves[1] &* 0x8040_2010_0804_0201) >> 56
        return UInt16(truncatingIfNeeded: first | second << 8)
    }
}
