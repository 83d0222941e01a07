/// One RTP packet (RFC 3550 5.1). Contributing sources, a header extension and padding are taken off what comes and never sent.
package struct RTPPacket: Sendable, Equatable {
    /// 0 to 127.
    package var payloadType: UInt8
    /// The marker bit: for audio, the first packet after a silence (RFC 3551 4.1).
    package var isMarked: Bool
    package var sequence: UInt16
    /// In samples: 8,000 a second for G.711.
    package var timestamp: UInt32
    /// SSRC.
    package var source: UInt32
    package var payload: [UInt8]

    /// Bytes before the payload of what is sent.
    package static let headerLength = 12

    package init(payloadType: UInt8, isMarked: Bool = false, sequence: UInt16, timestamp: UInt32, source: UInt32, payload: [UInt8]) {
        self.payloadType = payloadType & 0x7F
        self.isMarked = isMarked
        self.sequence = sequence
        self.timestamp = timestamp
        self.source = source
        self.payload = payload
    }

    /// Reads a datagram; nil if it is not version 2, if it is RTCP on the same port (RFC 5761 4), or if a count or length in it does not fit
    /// the bytes there are.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.headerLength, bytes[0] >> 6 == 2, !(192...223).contains(bytes[1]) else { return nil }
        func word(_ index: Int) -> UInt32 { bytes[index..<(index + 4)].reduce(0) { $0 << 8 | UInt32($1) } }
        var start = Self.headerLength + 4 * Int(bytes[0] & 0x0F)
        var end = bytes.count
        if bytes[0] & 0x10 != 0 {
            guard start + 4 <= end else { return nil }
            start += 4 + 4 * (Int(bytes[start + 2]) << 8 | Int(bytes[start + 3]))
        }
        if bytes[0] & 0x20 != 0 {
            // The last byte says how many bytes of padding there are, itself among them.
            guard bytes[end - 1] > 0 else { return nil }
            end -= Int(bytes[end - 1])
        }
        guard start <= end else { return nil }
        payloadType = bytes[1] & 0x7F
        isMarked = bytes[1] & 0x80 != 0
        sequence = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        timestamp = word(4)
        source = word(8)
        payload = Array(bytes[start..<end])
    }

    /// The packet as it goes over the wire.
    package var encoded: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(Self.headerLength + payload.count)
        out.append(0x80)
        out.append((isMarked ? 0x80 : 0) | payloadType & 0x7F)
        out.append(UInt8(truncatingIfNeeded: sequence >> 8))
        out.append(UInt8(truncatingIfNeeded: sequence))
        for word in [timestamp, source] {
            for shift in stride(from: 24, through: 0, by: -8) { out.append(UInt8(truncatingIfNeeded: word >> UInt32(shift))) }
        }
        out += payload
        return out
    }
}
