/// Makes an RTP stream of G.711 (RFC 3550 5.1, RFC 3551 4.5.14). The caller's clock sends one packet every 20 ms.
package struct RTPSender: Sendable {
    /// Samples of 20 ms, what a packet should hold.
    package static let samplesPerPacket = 160

    /// The law that the far end was told in SDP.
    package let law: G711Law
    /// The SSRC of this stream.
    package let source: UInt32
    private var sequence: UInt16
    private var timestamp: UInt32
    private var isFirst = true

    /// Number, timestamp and source start at random, as RFC 3550 wants it; a seeded generator makes a stream repeatable.
    package init(law: G711Law, using random: inout some RandomNumberGenerator) {
        self.law = law
        source = .random(in: .min ... .max, using: &random)
        // In the lower half, so that an SRTP receiver that misses the first packets cannot miss a wrap (RFC 3711 3.3.1).
        sequence = .random(in: 0..<0x8000, using: &random)
        timestamp = .random(in: .min ... .max, using: &random)
    }

    /// The next packet, for the next samples of the line; the first one, and the first after ``skip(samples:)``, is marked.
    package mutating func packet(for samples: some Collection<Int16>) -> [UInt8] {
        let packet = RTPPacket(
            payloadType: law.payloadType, isMarked: isFirst, sequence: sequence, timestamp: timestamp, source: source,
            payload: G711.encode(samples, law))
        isFirst = false
        sequence &+= 1
        timestamp &+= UInt32(truncatingIfNeeded: samples.count)
        return packet.encoded
    }

    /// Time passed in which nothing was sent.
    package mutating func skip(samples: Int) {
        timestamp &+= UInt32(truncatingIfNeeded: samples)
        isFirst = true
    }
}
