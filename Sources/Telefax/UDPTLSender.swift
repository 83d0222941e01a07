/// Numbers outgoing IFP packets and sends with them what repairs a loss: earlier packets (ITU-T T.38 (11/2015) 9.1.4.1) or, where the far
/// end asked for it, parity over them (9.1.4.2).
///
/// A burst of lost datagrams no longer than the redundancy, or than the parity has blocks, leaves no trace at the far end.
package struct UDPTLSender: Sendable {
    /// How much parity each datagram carries.
    package struct Parity: Sendable, Equatable {
        /// Packets that a block covers.
        package let span: Int
        /// Blocks, and so the longest burst that is repaired.
        package let entries: Int

        /// - Parameters:
        ///   - span: 1 to ``UDPTLDatagram/maximumSpan``.
        ///   - entries: 1 to ``UDPTLDatagram/maximumEntries``.
        package init(span: Int = 3, entries: Int = 3) {
            self.span = min(max(1, span), UDPTLDatagram.maximumSpan)
            self.entries = min(max(1, entries), UDPTLDatagram.maximumEntries)
        }
    }

    /// Earlier packets that each datagram repeats, where there is room.
    package let redundancy: Int
    /// Parity in place of repeated packets.
    package let parity: Parity?
    /// The largest datagram that the far end takes, bytes (`T38FaxMaxDatagram`).
    package let maximumDatagram: Int
    /// The number of the next datagram.
    package private(set) var nextSequence: UInt16
    /// The packets sent before, newest first.
    private var earlier: [[UInt8]] = []
    /// How many of them are needed.
    private let memory: Int

    /// - Parameters:
    ///   - redundancy: 0 where the far end did not ask for any; more than ``UDPTLDatagram/maximumEntries`` is never
    ///     used.
    ///   - maximumDatagram: bytes.
    ///   - parity: used in place of `redundancy`; nil unless the far end asked for it (`T38FaxUdpEC:t38UDPFEC`).
    ///   - firstSequence: 0 by T.38; a test of the wrap starts elsewhere.
    package init(redundancy: Int, maximumDatagram: Int, parity: Parity? = nil, firstSequence: UInt16 = 0) {
        self.redundancy = min(max(0, redundancy), UDPTLDatagram.maximumEntries)
        self.parity = parity
        memory = parity.map { $0.span * $0.entries } ?? self.redundancy
        self.maximumDatagram = maximumDatagram
        nextSequence = firstSequence
    }

    /// The datagram for the next IFP packet. To be sent as often as T.30 asks: the repeats have the same number.
    ///
    /// As much repair goes with it as fits in ``maximumDatagram``. A packet that alone is too long goes anyway: limits below that are known
    /// to be wrong more often than meant, and without the packet the fax is lost for sure.
    package mutating func datagram(for packet: [UInt8]) -> [UInt8] {
        let recovery = parity.map { blocks(of: $0, beside: packet) } ?? repeats(beside: packet)
        let datagram = UDPTLDatagram(sequence: nextSequence, primary: packet, recovery: recovery)
        nextSequence &+= 1
        if memory > 0 {
            earlier.insert(packet, at: 0)
            if earlier.count > memory { earlier.removeLast() }
        }
        return datagram.encoded
    }

    /// Earlier packets, the newest first.
    private func repeats(beside packet: [UInt8]) -> UDPTLDatagram.Recovery {
        var length = 2 + UDPTLDatagram.encodedLength(ofBlock: packet.count) + 2
        var repeated: [[UInt8]] = []
        for old in earlier {
            length += UDPTLDatagram.encodedLength(ofBlock: old.count)
            guard length <= maximumDatagram else { break }
            repeated.append(old)
        }
        return .redundancy(repeated)
    }

    /// As many blocks as there are packets for and as fit: with fewer of them, each covers packets that lie closer.
    private func blocks(of parity: Parity, beside packet: [UInt8]) -> UDPTLDatagram.Recovery {
        var count = min(parity.entries, earlier.count / parity.span)
        while count > 0 {
            let blocks = (0..<count).map { block in Self.parity(of: (1...parity.span).map { earlier[$0 * count - block - 1] }) }
            let recovery = UDPTLDatagram.Recovery.parity(span: parity.span, blocks: blocks)
            let datagram = UDPTLDatagram(sequence: nextSequence, primary: packet, recovery: recovery)
            if datagram.encodedLength <= maximumDatagram { return recovery }
            count -= 1
        }
        return .parity(span: parity.span, blocks: [])
    }

    /// The exclusive or of packets, each thought of as followed by zeros.
    private static func parity(of packets: [[UInt8]]) -> [UInt8] {
        var parity = [UInt8](repeating: 0, count: packets.reduce(0) { max($0, $1.count) })
        for packet in packets {
            for (index, byte) in packet.enumerated() { parity[index] ^= byte }
        }
        return parity
    }
}
