/// Numbers outgoing IFP packets and repeats earlier ones beside them (ITU-T T.38 (11/2015) 9.1.4.1).
///
/// A burst of lost datagrams no longer than the redundancy leaves no trace at the far end.
package struct UDPTLSender: Sendable {
    /// Earlier packets that each datagram repeats, where there is room.
    package let redundancy: Int
    /// The largest datagram that the far end takes, bytes (`T38FaxMaxDatagram`).
    package let maximumDatagram: Int
    /// The number of the next datagram.
    package private(set) var nextSequence: UInt16
    /// The packets sent before, newest first.
    private var earlier: [[UInt8]] = []

    /// - Parameters:
    ///   - redundancy: 0 where the far end did not ask for any; more than ``UDPTLDatagram/maximumEntries`` is never
    ///     used.
    ///   - maximumDatagram: bytes.
    ///   - firstSequence: 0 by T.38; a test of the wrap starts elsewhere.
    package init(redundancy: Int, maximumDatagram: Int, firstSequence: UInt16 = 0) {
        self.redundancy = min(max(0, redundancy), UDPTLDatagram.maximumEntries)
        self.maximumDatagram = maximumDatagram
        nextSequence = firstSequence
    }

    /// The datagram for the next IFP packet. To be sent as often as T.30 asks: the repeats have the same number.
    ///
    /// As many earlier packets go with it as fit in ``maximumDatagram``, the newest first. A packet that alone is too
    /// long goes anyway: limits below that are known to be wrong more often than meant, and without the packet the fax
    /// is lost for sure.
    package mutating func datagram(for packet: [UInt8]) -> [UInt8] {
        var length = 2 + UDPTLDatagram.encodedLength(ofBlock: packet.count) + 2
        var repeated: [[UInt8]] = []
        for old in earlier {
            length += UDPTLDatagram.encodedLength(ofBlock: old.count)
            guard length <= maximumDatagram else { break }
            repeated.append(old)
        }
        let datagram = UDPTLDatagram(sequence: nextSequence, primary: packet, recovery: .redundancy(repeated))
        nextSequence &+= 1
        if redundancy > 0 {
            earlier.insert(packet, at: 0)
            if earlier.count > redundancy { earlier.removeLast() }
        }
        return datagram.encoded
    }
}
