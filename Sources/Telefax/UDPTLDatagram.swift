/// One UDPTL packet (ITU-T T.38 (11/2015) 9.1.1 and its ASN.1 in annex A), as aligned PER puts it on the wire:
///
///     sequence number (2 bytes) | length, primary IFP | 0x00 | count | (length, earlier IFP)...           redundancy
///     sequence number (2 bytes) | length, primary IFP | 0x80 | 1 | span | count | (length, parity)...     FEC
///
/// A length (and a count) is one byte below 128, two bytes with the high bit set below 16,384.
package struct UDPTLDatagram: Sendable, Equatable {
    /// What helps the receiver over a loss.
    package enum Recovery: Sendable, Equatable {
        /// Earlier IFP packets, the newest (sequence number - 1) first.
        case redundancy([[UInt8]])
        /// Parity blocks: block `i` is the XOR of the `span` packets `sequence + i - k * count`, k from 1 to `span`.
        case parity(span: Int, blocks: [[UInt8]])
    }

    package var sequence: UInt16
    package var primary: [UInt8]
    package var recovery: Recovery

    package init(sequence: UInt16, primary: [UInt8], recovery: Recovery = .redundancy([])) {
        self.sequence = sequence
        self.primary = primary
        self.recovery = recovery
    }

    /// The most earlier packets or parity blocks that a reader keeps. More is nothing that a real sender does.
    package static let maximumEntries = 32
    /// The most packets that one parity block may cover.
    package static let maximumSpan = 16

    /// Reads a datagram; nil if any length, count or choice does not fit the bytes there are.
    package init?(_ bytes: [UInt8]) {
        var reader = Reader(bytes: bytes[...])
        guard let high = reader.byte(), let low = reader.byte(), let primary = reader.block(),
            let choice = reader.byte()
        else { return nil }
        sequence = UInt16(high) << 8 | UInt16(low)
        self.primary = primary
        if choice & 0x80 == 0 {
            guard let packets = reader.blocks() else { return nil }
            recovery = .redundancy(packets)
        } else {
            // The span is an unconstrained INTEGER: a length, then that many bytes. One byte holds every span there is.
            // Senders wind up: while there are too few packets to cover, some say a span of 0 and no block.
            guard reader.byte() == 1, let span = reader.byte(), span <= Self.maximumSpan, let blocks = reader.blocks(),
                span > 0 || blocks.isEmpty
            else { return nil }
            recovery = .parity(span: Int(span), blocks: blocks)
        }
    }

    /// The datagram as it goes over the wire. Parts past 16,383 bytes, which no datagram holds, are cut off.
    package var encoded: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(encodedLength)
        out.append(UInt8(truncatingIfNeeded: sequence >> 8))
        out.append(UInt8(truncatingIfNeeded: sequence))
        Self.append(block: primary, to: &out)
        let blocks: [[UInt8]]
        switch recovery {
        case .redundancy(let packets):
            out.append(0)
            blocks = packets
        case .parity(let span, let parity):
            out += [0x80, 1, UInt8(clamping: span)]
            blocks = parity
        }
        Self.append(length: blocks.count, to: &out)
        for block in blocks { Self.append(block: block, to: &out) }
        return out
    }

    /// Bytes of ``encoded``.
    package var encodedLength: Int {
        let blocks: [[UInt8]]
        var length = 2 + Self.encodedLength(ofBlock: primary.count) + 1
        switch recovery {
        case .redundancy(let packets): blocks = packets
        case .parity(_, let parity):
            blocks = parity
            length += 2
        }
        length += blocks.count < 128 ? 1 : 2
        return blocks.reduce(length) { $0 + Self.encodedLength(ofBlock: $1.count) }
    }

    /// Bytes on the wire of a part with `count` bytes.
    static func encodedLength(ofBlock count: Int) -> Int { (count < 128 ? 1 : 2) + count }

    private static let maximumLength = 0x3FFF

    private static func append(length: Int, to out: inout [UInt8]) {
        if length >= 128 { out.append(0x80 | UInt8(truncatingIfNeeded: length >> 8)) }
        out.append(UInt8(truncatingIfNeeded: length))
    }

    private static func append(block: [UInt8], to out: inout [UInt8]) {
        let block = block.prefix(maximumLength)
        append(length: block.count, to: &out)
        out += block
    }
}

/// Takes PER parts from the front of a datagram; nil is "not enough bytes" or a form that UDPTL does not use.
private struct Reader {
    var bytes: ArraySlice<UInt8>

    mutating func byte() -> UInt8? { bytes.popFirst() }

    mutating func length() -> Int? {
        guard let first = byte() else { return nil }
        guard first & 0x80 != 0 else { return Int(first) }
        // 11...... would start a fragmented value of 16,384 bytes or more.
        guard first & 0x40 == 0, let second = byte() else { return nil }
        return Int(first & 0x3F) << 8 | Int(second)
    }

    mutating func block() -> [UInt8]? {
        guard let length = length(), length <= bytes.count else { return nil }
        let block = Array(bytes.prefix(length))
        bytes = bytes.dropFirst(length)
        return block
    }

    mutating func blocks() -> [[UInt8]]? {
        guard let count = length(), count <= UDPTLDatagram.maximumEntries else { return nil }
        var blocks: [[UInt8]] = []
        for _ in 0..<count {
            guard let block = block() else { return nil }
            blocks.append(block)
        }
        return blocks
    }
}
