/// Writes code words to memory that the caller has made large enough; whole groups of 32 bits leave the accumulator.
struct T6BitWriter {
    /// The low ``pending`` bits are still to be written; those above are of no account.
    var accumulator: UInt64
    /// Under 32 between calls.
    var pending: Int
    let base: UnsafeMutableRawPointer
    /// Bytes written.
    var offset: Int

    /// Writes a code as ``RunCodes/encoding`` packs it, with `prefix` (of `prefixBits` bits) before it: at most 32
    /// bits.
    @inline(__always)
    mutating func put(_ packed: UInt32, after prefix: UInt64 = 0, prefixBits: Int = 0) {
        let length = Int(truncatingIfNeeded: packed & 31)
        put(bits: prefix &<< UInt64(truncatingIfNeeded: length) | UInt64(packed &>> 5), count: length &+ prefixBits)
    }

    /// Writes the low `count` bits (at most 32) of `bits`, whose other bits are 0.
    @inline(__always)
    mutating func put(bits: UInt64, count: Int) {
        accumulator = accumulator &<< UInt64(truncatingIfNeeded: count) | bits
        pending &+= count
        if pending >= 32 {
            pending &-= 32
            let word = UInt32(truncatingIfNeeded: accumulator &>> UInt64(truncatingIfNeeded: pending))
            (base + offset).storeBytes(of: word.bigEndian, as: UInt32.self)
            offset &+= 4
        }
    }

    /// Writes `count` one bits.
    mutating func putOnes(_ count: Int) {
        var left = count
        while left > 0 {
            let now = min(left, 32)
            put(bits: (1 &<< UInt64(now)) &- 1, count: now)
            left &-= now
        }
    }
}
