import Telefax

/// Makes a fax machine's packets hostile: well-formed T.30 frames that say what no machine says, and packets that are not well-formed.
struct FrameMutator {
    /// What a session does to the worker.
    enum Attack: CaseIterable {
        /// Nothing: must end well.
        case none
        /// An FCD frame of three octets in error correction, which crashes libspandsp 0.0.6.
        case shortCodedData
        /// A DCS with the reserved page width, which crashes libspandsp 0.0.6 as well.
        case reservedWidth
        /// Octets of commands and of coded data are changed, the check sequence is good.
        case changedOctets
        /// Frames are cut off or made longer.
        case changedLengths
        /// Frames of a random kind and content come between the others.
        case addedFrames
        /// IFP packets are cut off, changed, doubled, or made up.
        case brokenPackets
        /// None, but the worker dies at some moment as if there had been one that works.
        case killed
    }

    let attack: Attack
    private var random: SeededRandom

    /// Commands and responses of T.30 5.3.6 and annex A, first bit lowest.
    private static let kinds: [UInt8] = [
        0x80, 0x40, 0x20, 0x81, 0x41, 0x21, 0xC1, 0xA1, 0x61, 0x82, 0x42, 0x22, 0xC2, 0xA2, 0x62, 0x84, 0x44, 0x8E, 0x4E, 0x2E, 0x1E, 0x9E,
        0x5E, 0x3E, 0x8C, 0xCC, 0x4C, 0xAC, 0x2C, 0xFC, 0xFA, 0x1A, 0x06, 0x86, 0xBE, 0xCE, 0x6E, 0x12, 0xBC, 0xEC, 0x1C, 0xCA, 0x6A, 0xEA,
    ]

    init(attack: Attack, seed: UInt64) {
        self.attack = attack
        random = SeededRandom(seed: seed)
    }

    /// The packets to send in place of one.
    mutating func mutate(_ bytes: [UInt8]) -> [[UInt8]] {
        if attack == .none || attack == .killed { return [bytes] }
        if attack == .brokenPackets { return breakUp(bytes) }
        guard var packet = IFPPacket(bytes), packet.isData,
            let index = packet.fields.firstIndex(where: { $0.type == .hdlcData && $0.octets.count >= 3 })
        else { return [bytes] }
        var octets = packet.fields[index].octets
        var added: [[UInt8]] = []
        switch attack {
        case .none, .brokenPackets, .killed: break
        case .shortCodedData:
            if octets[2] == 0x60, chance(3) { octets = Array(octets.prefix(3)) }
        case .reservedWidth:
            // DCS, whoever placed the call; its bits 17 and 18 are the first of the third octet that follows.
            if octets[2] & 0x7F == 0x41, octets.count > 5 { octets[5] |= 0xC0 }
        case .changedOctets:
            // One frame in a few, and coded data seldom, since there is so much of it.
            if chance(octets[2] == 0x60 ? 8 : 3) {
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    octets[.random(in: 2..<octets.count, using: &random)] = .random(in: 0...255, using: &random)
                }
            }
        case .changedLengths:
            if chance(octets[2] == 0x60 ? 8 : 3) {
                let length = Int.random(in: 1...(chance(8) ? 1200 : octets.count + 40), using: &random)
                octets = Array(octets.prefix(length))
                while octets.count < length { octets.append(.random(in: 0...255, using: &random)) }
            }
        case .addedFrames:
            if chance(3) { added.append(frame(like: packet)) }
        }
        packet.fields[index].octets = octets
        return added + [packet.encoded]
    }

    /// A whole frame with a good check sequence, on the same modem as `packet`.
    private mutating func frame(like packet: IFPPacket) -> [UInt8] {
        // On the line the first bit is the highest of an octet.
        let kind = Self.kinds[.random(in: 0..<Self.kinds.count, using: &random)]
        var octets: [UInt8] = [0xFF, chance(2) ? 0xC0 : 0xC8, (0..<8).reduce(0) { $0 << 1 | kind >> UInt8($1) & 1 }]
        if chance(4) { octets[2] ^= 0x80 }
        for _ in 0..<Int.random(in: 0...(chance(4) ? 300 : 12), using: &random) { octets.append(.random(in: 0...255, using: &random)) }
        return IFPPacket(head: packet.head, fields: [.init(.hdlcData, octets), .init(chance(4) ? .hdlcFCSGoodSignalEnd : .hdlcFCSGood)])
            .encoded
    }

    private mutating func breakUp(_ bytes: [UInt8]) -> [[UInt8]] {
        guard chance(4) else { return [bytes] }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return [Array(bytes.prefix(.random(in: 0...bytes.count, using: &random)))]
        case 1:
            var bytes = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            return [bytes]
        case 2: return [bytes, bytes]
        case 3: return [bytes, (0..<Int.random(in: 1...60, using: &random)).map { _ in .random(in: 0...255, using: &random) }]
        default: return []
        }
    }

    /// One in `n`.
    private mutating func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &random) == 0 }
}
