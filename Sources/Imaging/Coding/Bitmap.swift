/// A picture of black and white picture elements, as a fax page has them.
///
/// Rows are packed: the leftmost element is the high bit of a row's first byte, 1 is black, and the bits after the last
/// element are 0.
package struct Bitmap: Sendable, Hashable {
    /// Picture elements of a row.
    package let width: Int
    /// Rows.
    package let height: Int
    /// Bytes of a row: `width / 8`, rounded up.
    package let rowBytes: Int
    /// The rows from the top, each of ``rowBytes`` bytes.
    package private(set) var bytes: [UInt8]

    /// An all white picture. A negative size is taken as 0.
    package init(width: Int, height: Int) {
        self.width = max(0, width)
        self.height = max(0, height)
        rowBytes = Bitmap.rowBytes(width: self.width)
        bytes = [UInt8](repeating: 0, count: rowBytes * self.height)
    }

    /// A picture of packed rows; nil if `bytes` is not exactly `height` rows of ``rowBytes`` bytes.
    ///
    /// Bits after the last element of a row are cleared, whatever they were.
    package init?(width: Int, height: Int, bytes: [UInt8]) {
        guard width >= 0, height >= 0 else { return nil }
        let rowBytes = Bitmap.rowBytes(width: width)
        let (count, overflow) = rowBytes.multipliedReportingOverflow(by: height)
        guard !overflow, bytes.count == count else { return nil }
        self.width = width
        self.height = height
        self.rowBytes = rowBytes
        self.bytes = bytes
        let padding = rowBytes * 8 - width
        if padding > 0 {
            for y in 0..<height { self.bytes[(y + 1) * rowBytes - 1] &= 0xFF << UInt8(padding) }
        }
    }

    /// Bytes that a row of `width` picture elements needs.
    package static func rowBytes(width: Int) -> Int {
        width / 8 + (width % 8 == 0 ? 0 : 1)
    }

    /// Whether the element in column `x` (from the left, 0 first) of row `y` (from the top, 0 first) is black.
    ///
    /// Everything outside the picture is white, and setting it changes nothing.
    package subscript(x: Int, y: Int) -> Bool {
        get {
            guard x >= 0, x < width, y >= 0, y < height else { return false }
            return bytes[y * rowBytes + x / 8] & (0x80 >> UInt8(x % 8)) != 0
        }
        set {
            guard x >= 0, x < width, y >= 0, y < height else { return }
            let mask = 0x80 as UInt8 >> UInt8(x % 8)
            if newValue {
                bytes[y * rowBytes + x / 8] |= mask
            } else {
                bytes[y * rowBytes + x / 8] &= ~mask
            }
        }
    }

    /// Makes the elements of `columns` in row `y` black; what lies outside the picture is left out.
    package mutating func blacken(columns: Range<Int>, row y: Int) {
        guard y >= 0, y < height else { return }
        let start = max(0, columns.lowerBound)
        let end = min(width, columns.upperBound)
        let rowBytes = rowBytes
        bytes.withUnsafeMutableBytes { bytes in
            Bitmap.blacken(from: start, to: end, in: UnsafeMutableRawBufferPointer(rebasing: bytes[(y * rowBytes)...]))
        }
    }

    /// The packed row `y`, which must be one of the picture's, of ``rowBytes`` bytes.
    package func withRow<Result>(_ y: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        precondition(y >= 0 && y < height)
        return try bytes.withUnsafeBytes { bytes in
            try body(UnsafeRawBufferPointer(rebasing: bytes[(y * rowBytes)..<((y + 1) * rowBytes)]))
        }
    }

    /// All rows from the top, each of ``rowBytes`` bytes, without a gap.
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes(body)
    }

    /// Sets the bits `start ..< end` of a packed row. The caller has checked that `start >= 0` and that `end` lies in
    /// `row`.
    static func blacken(from start: Int, to end: Int, in row: UnsafeMutableRawBufferPointer) {
        guard start < end else { return }
        let first = start &>> 3
        let last = (end &- 1) &>> 3
        let head = 0xFF as UInt8 &>> UInt8(truncatingIfNeeded: start & 7)
        let tail = 0xFF as UInt8 &<< UInt8(truncatingIfNeeded: 7 &- ((end &- 1) & 7))
        if first == last {
            row[first] |= head & tail
        } else {
            row[first] |= head
            var middle = first &+ 1
            while middle < last {
                row[middle] = 0xFF
                middle &+= 1
            }
            row[last] |= tail
        }
    }
}
