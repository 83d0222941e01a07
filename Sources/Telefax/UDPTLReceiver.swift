/// Puts the IFP packets of arriving UDPTL datagrams in order and fills gaps from redundancy or parity
/// (ITU-T T.38 (11/2015) 9.1.4). Every packet is delivered once at most, and never after a later one.
package struct UDPTLReceiver: Sendable {
    /// An IFP packet with its number.
    package struct Packet: Sendable, Equatable {
        package let sequence: UInt16
        package let bytes: [UInt8]
    }

    /// What became of the datagrams, for the record of a call.
    package struct Counters: Sendable, Equatable {
        /// Datagrams that were taken.
        package var accepted = 0
        /// Packets that came only with a later datagram.
        package var recovered = 0
        /// Packets that never came.
        package var lost = 0
        /// Datagrams that came again, or after a later one.
        package var late = 0
        /// Datagrams that are no UDPTL, or whose number is far from what was expected.
        package var rejected = 0
    }

    package private(set) var counters = Counters()

    /// Numbers up to this far ahead are a gap, up to this far behind a late datagram; others are a jump.
    /// At 33 packets a second it is a quarter of a minute.
    static let window = 512
    /// A sender that started anew is believed after this many datagrams in a row.
    static let datagramsToResynchronise = 4

    private var expected: UInt16?
    /// The number that follows the last one outside the window, and how many came in a row.
    private var jump: (next: UInt16, count: Int)?
    private var history = History()

    package init() {}

    /// Takes one datagram as it came from the socket; returns the packets that can now go to T.38, oldest first.
    package mutating func receive(_ bytes: [UInt8]) -> [Packet] {
        guard let datagram = UDPTLDatagram(bytes) else {
            counters.rejected += 1
            return []
        }
        guard let expected else {
            // RTP that was on its way when the call changed to T.38. UDPTL numbers start at 0; one that looks like RTP is
            // believed if it counts up, which the first bytes of RTP do not.
            guard !Self.isLikeRTP(datagram.sequence) else { return afterJump(datagram) }
            // What the first datagram repeats came before it and was lost.
            var first = datagram.sequence
            if case .redundancy(let earlier) = datagram.recovery { first -= min(first, UInt16(clamping: earlier.count)) }
            return accept(datagram, from: first)
        }
        let distance = Int(Int16(bitPattern: datagram.sequence &- expected))
        switch distance {
        case 0..<Self.window:
            return accept(datagram, from: expected)
        case -Self.window..<0:
            counters.late += 1
            return []
        default:
            return afterJump(datagram)
        }
    }

    /// Whether a datagram is UDPTL and cannot be RTP: what shows where a far end behind NAT sends from.
    package static func isSound(_ bytes: [UInt8]) -> Bool {
        guard let datagram = UDPTLDatagram(bytes) else { return false }
        return !isLikeRTP(datagram.sequence)
    }

    /// Version 2 of RTP in the two high bits.
    private static func isLikeRTP(_ sequence: UInt16) -> Bool { sequence >> 14 == 2 }

    /// A number out of all reach. Late RTP has the same first two bytes each time and so never counts up.
    private mutating func afterJump(_ datagram: UDPTLDatagram) -> [Packet] {
        counters.rejected += 1
        if let jump, datagram.sequence == jump.next &- 1 { return [] }
        let count = if let jump, datagram.sequence == jump.next { jump.count + 1 } else { 1 }
        jump = (datagram.sequence &+ 1, count)
        guard count >= Self.datagramsToResynchronise else { return [] }
        counters.rejected -= 1
        history = History()
        return accept(datagram, from: datagram.sequence)
    }

    private mutating func accept(_ datagram: UDPTLDatagram, from first: UInt16) -> [Packet] {
        counters.accepted += 1
        jump = nil
        expected = datagram.sequence &+ 1
        history.store(datagram.primary, at: datagram.sequence)
        let missing = Int(datagram.sequence &- first)
        if missing > 0 { recover(from: datagram) }
        var packets: [Packet] = []
        for offset in 0..<missing {
            let sequence = first &+ UInt16(offset)
            guard let bytes = history[sequence] else {
                counters.lost += 1
                continue
            }
            counters.recovered += 1
            if !bytes.isEmpty { packets.append(Packet(sequence: sequence, bytes: bytes)) }
        }
        if !datagram.primary.isEmpty {
            packets.append(Packet(sequence: datagram.sequence, bytes: datagram.primary))
        }
        return packets
    }

    private mutating func recover(from datagram: UDPTLDatagram) {
        switch datagram.recovery {
        case .redundancy(let earlier):
            for (index, bytes) in earlier.enumerated() {
                let sequence = datagram.sequence &- UInt16(index + 1)
                if history[sequence] == nil { history.store(bytes, at: sequence) }
            }
        case .parity(let span, let blocks) where span > 0:
            for (index, block) in blocks.enumerated() {
                let covered = (1...span).map { datagram.sequence &+ UInt16(index) &- UInt16($0 * blocks.count) }
                let unknown = covered.filter { history[$0] == nil }
                guard unknown.count == 1 else { continue }
                var bytes = block
                for sequence in covered {
                    guard let known = history[sequence] else { continue }
                    for position in 0..<min(bytes.count, known.count) { bytes[position] ^= known[position] }
                }
                // The block is as long as the longest packet it covers: a shorter one comes back with zeros after its
                // end, which IFP, whose fields carry their lengths, does not mind.
                history.store(bytes, at: unknown[0])
            }
        case .parity: break
        }
    }
}

/// The packets of the last 1,024 numbers: as many as parity may reach back, and a whole gap.
private struct History: Sendable {
    private static let size = 1024
    private var slots = [(sequence: UInt16, bytes: [UInt8])?](repeating: nil, count: size)

    subscript(sequence: UInt16) -> [UInt8]? {
        guard let slot = slots[Int(sequence) % Self.size], slot.sequence == sequence else { return nil }
        return slot.bytes
    }

    mutating func store(_ bytes: [UInt8], at sequence: UInt16) {
        slots[Int(sequence) % Self.size] = (sequence, bytes)
    }
}
