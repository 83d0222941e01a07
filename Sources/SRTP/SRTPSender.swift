/// Protects outgoing RTP packets (RFC 3711 3.3).
package struct SRTPSender: Sendable {
    private let keys: SRTPKeys
    private let suite: SRTPSuite
    private var stream: (source: UInt32, index: PacketIndex)?

    /// - Parameters:
    ///   - key: 16 octets of master key and 14 of master salt; nil is returned for any other count.
    ///   - suite: as SDP agreed.
    package init?(key: [UInt8], suite: SRTPSuite = .aes128CMHMACSHA1x80) {
        guard let keys = SRTPKeys(master: key) else { return nil }
        self.keys = keys
        self.suite = suite
    }

    /// The SRTP packet for an RTP packet. Nil if it is none, or if its number was used before: a key stream is never used twice. One sender
    /// has one source (SSRC), since the number of packets of another cannot be known to be new.
    package mutating func protect(_ packet: [UInt8]) -> [UInt8]? {
        guard let header = RTPHeader(packet[...]) else { return nil }
        var (source, position) = stream ?? (header.source, PacketIndex(first: header.sequence))
        guard source == header.source, let index = position.index(of: header.sequence),
            let payload = keys.cipher(packet[header.length...], source: source, index: index)
        else { return nil }
        position.accept(index)
        stream = (source, position)
        let out = packet[..<header.length] + payload
        return out + keys.tag(of: out, rollover: UInt32(truncatingIfNeeded: index >> 16), length: suite.tagLength)
    }
}
