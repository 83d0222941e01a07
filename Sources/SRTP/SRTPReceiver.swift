/// Checks and opens incoming SRTP packets (RFC 3711 3.3): nothing of a packet is believed, and nothing of it decrypted, before its tag is.
package struct SRTPReceiver: Sendable {
    /// Sources of one key in a call. A far end that has more than these is not believed to be one.
    static let maximumSources = 32

    private let keys: SRTPKeys
    private let suite: SRTPSuite
    private let keyIdentifierLength: Int
    private var streams: [UInt32: PacketIndex] = [:]

    /// - Parameters:
    ///   - key: 16 octets of master key and 14 of master salt of the far end's SDP; nil is returned for any other count.
    ///   - suite: as SDP agreed.
    ///   - keyIdentifierLength: octets of the key identifier (MKI) before the tag, as the far end's SDP has it; 0 for none.
    package init?(key: [UInt8], suite: SRTPSuite = .aes128CMHMACSHA1x80, keyIdentifierLength: Int = 0) {
        guard let keys = SRTPKeys(master: key), (0...128).contains(keyIdentifierLength) else { return nil }
        self.keys = keys
        self.suite = suite
        self.keyIdentifierLength = keyIdentifierLength
    }

    /// The RTP packet in an SRTP packet; nil if it is forged, damaged, cut off, has come before or is older than 64 packets.
    package mutating func unprotect(_ packet: [UInt8]) -> [UInt8]? {
        let end = packet.count - suite.tagLength - keyIdentifierLength
        guard end > 0, let header = RTPHeader(packet[..<end]) else { return nil }
        let known = streams[header.source]
        guard known != nil || streams.count < Self.maximumSources else { return nil }
        var stream = known ?? PacketIndex(first: header.sequence)
        guard let index = stream.index(of: header.sequence) else { return nil }
        let tag = keys.tag(of: packet[..<end], rollover: UInt32(truncatingIfNeeded: index >> 16), length: suite.tagLength)
        // All octets are compared, so that the time says nothing of the first wrong one.
        guard zip(tag, packet.suffix(suite.tagLength)).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0,
            let payload = keys.cipher(packet[header.length..<end], source: header.source, index: index)
        else { return nil }
        stream.accept(index)
        streams[header.source] = stream
        return packet[..<header.length] + payload
    }
}
