/// T.6 code of some rows that need not end with a byte, and has no EOFB.
struct T6Bits: Sendable, Equatable {
    /// The bits, the first one the high bit of the first byte, with zero bits to the end of the last byte.
    let bytes: [UInt8]
    /// The number of bits; `bytes` has just as many bytes as they need.
    let count: Int

    /// The code of these rows with those of a page below: the canonical code of both if the last row here is white.
    ///
    /// T.6 codes a row by the row above it, and the row above a page's first row is an imaginary white one (T.6 section
    /// 2.2.1); so below a white row the page's bits stay as they are and only move.
    /// - Parameter t6: the code of a page, with its EOFB.
    func followed(by t6: [UInt8]) -> [UInt8] {
        // The EOFB ends with a 1, so all zero bits at the end are padding.
        guard let last = t6.lastIndex(where: { $0 != 0 }) else { return bytes }
        let bits = (last + 1) * 8 - t6[last].trailingZeroBitCount
        let total = (count + bits + 7) / 8
        let start = count / 8
        let shift = UInt8(count % 8)
        return [UInt8](unsafeUninitializedCapacity: total) { out, initialized in
            for index in 0..<start { out.initializeElement(at: index, to: bytes[index]) }
            t6.withUnsafeBufferPointer { t6 in
                if shift == 0 {
                    for index in 0..<(total - start) { out.initializeElement(at: start + index, to: t6[index]) }
                } else {
                    out.initializeElement(at: start, to: bytes[start] | t6[0] >> shift)
                    let left = 8 - shift
                    for index in 1..<max(1, min(t6.count, total - start)) {
                        let byte = t6[index &- 1] &<< left | t6[index] &>> shift
                        out.initializeElement(at: start &+ index, to: byte)
                    }
                    if total - start > t6.count {
                        out.initializeElement(at: total - 1, to: t6[t6.count - 1] << left)
                    }
                }
            }
            initialized = total
        }
    }
}
