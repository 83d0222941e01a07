/// Reads bits from bytes; after the end of the bytes it reads zeros, and says so when asked.
struct T6BitReader {
    /// The next bits, from the high bit on; at least ``count`` of them are true.
    private(set) var window: UInt64 = 0
    private(set) var count = 0
    /// The byte that follows the window; goes past the end of the bytes by as many zero bytes as were needed.
    private var position = 0

    /// Whether more bits were taken than the `size` bytes hold.
    func isPastEnd(of size: Int) -> Bool {
        position &* 8 &- count > size &* 8
    }

    /// Bits of the `size` bytes that have not been taken.
    func remaining(of size: Int) -> Int {
        max(0, size &* 8 &- (position &* 8 &- count))
    }

    /// Makes ``count`` at least 56.
    @inline(__always)
    mutating func refill(from source: UnsafeRawBufferPointer) {
        if position &+ 8 <= source.count {
            // Bits under `count` are the true next ones too, and are set again to what they are.
            let word = UInt64(bigEndian: source.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            window |= word &>> UInt64(truncatingIfNeeded: count)
            let bytes = (63 &- count) &>> 3
            position &+= bytes
            count &+= bytes &* 8
        } else {
            while count <= 56 {
                let byte = position < source.count ? source[position] : 0
                window |= UInt64(byte) &<< UInt64(truncatingIfNeeded: 56 &- count)
                position &+= 1
                count &+= 8
            }
        }
    }

    /// The next `bits` bits (1 ... 32) as a number.
    @inline(__always)
    func peek(_ bits: Int) -> Int {
        Int(truncatingIfNeeded: window &>> UInt64(truncatingIfNeeded: 64 &- bits))
    }

    /// Takes `bits` bits, of which ``count`` are there.
    @inline(__always)
    mutating func skip(_ bits: Int) {
        window &<<= UInt64(truncatingIfNeeded: bits)
        count &-= bits
    }
}
