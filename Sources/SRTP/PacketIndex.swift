/// Where one source's stream is: its roll-over counter (ROC), the highest number, and which of the last 64 packets have come
/// (RFC 3711 3.3).
struct PacketIndex: Sendable {
    private var rollover: UInt32 = 0
    private var highest: UInt16
    /// Bit `n`: the packet `n` before the highest has come.
    private var seen: UInt64 = 0

    init(first: UInt16) { highest = first }

    /// The index of the packet with this number, the nearest to the highest one (RFC 3711 3.3.1); nil if it is before the stream's start,
    /// has come, or is too old to say (3.3.2).
    func index(of sequence: UInt16) -> UInt64? {
        let distance = Int64(Int16(bitPattern: sequence &- highest))
        let index = current + distance
        guard index >= 0, index < 1 << 48 else { return nil }
        if distance <= 0, distance <= -64 || seen & 1 << UInt64(-distance) != 0 { return nil }
        return UInt64(index)
    }

    /// Notes a packet, once it is known to be the far end's.
    mutating func accept(_ index: UInt64) {
        let distance = Int64(index) - current
        if distance > 0 {
            seen = distance < 64 ? seen << UInt64(distance) | 1 : 1
            rollover = UInt32(truncatingIfNeeded: index >> 16)
            highest = UInt16(truncatingIfNeeded: index)
        } else if distance > -64 {
            seen |= 1 << UInt64(-distance)
        }
    }

    private var current: Int64 { Int64(rollover) << 16 | Int64(highest) }
}
