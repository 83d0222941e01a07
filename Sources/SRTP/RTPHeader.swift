/// As much of an RTP packet as SRTP needs (RFC 3550 5.1).
struct RTPHeader {
    let sequence: UInt16
    let source: UInt32
    /// Octets before the payload, which alone is encrypted: contributing sources and a header extension are not.
    let length: Int

    /// Nil if `bytes` is no RTP packet, or ends within its header.
    init?(_ bytes: ArraySlice<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count >= 12, bytes[0] >> 6 == 2 else { return nil }
        var length = 12 + 4 * Int(bytes[0] & 0x0F)
        if bytes[0] & 0x10 != 0 {
            guard bytes.count >= length + 4 else { return nil }
            length += 4 + 4 * (Int(bytes[length + 2]) << 8 | Int(bytes[length + 3]))
        }
        guard bytes.count >= length else { return nil }
        self.length = length
        sequence = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        source = bytes[8..<12].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
