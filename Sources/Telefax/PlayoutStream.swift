extension PlayoutBuffer {
    /// One RTP source's samples in the order of their timestamps, from what is played next to a second ahead.
    struct Stream: Sendable {
        enum Placing { case placed, late, outOfReach }
        enum Next { case sample(Int16), missing, beforeStart }

        let source: UInt32
        var sequences = SequenceRecord()
        /// Positions count samples; this one is `timestamp`'s.
        private var reference: (position: Int, timestamp: UInt32)
        /// The position that is played next.
        private var position: Int
        /// The first position that a packet filled.
        private var start: Int
        /// The position after the last one that is filled.
        private var end = 0
        private var samples = [Int16?](repeating: nil, count: PlayoutBuffer.capacity)
        /// Pulls in a row before which packets came, all of them late; and what came since the last pull.
        private var latePulls = 0
        private var isLate = false
        private var isOnTime = false
        /// Packets out of reach in a row.
        private var strays = 0

        /// Pulls after which a path that became longer is believed: 200 ms. A burst after a stall comes within one.
        private static let latePullsToRestart = 10
        private static let straysToRestart = 3
        /// Larger packets are no audio: 200 ms.
        private static let longestPacket = 1600

        /// - Parameter isFirst: whether there was no sound before; otherwise the delay is bridged like a loss.
        init(source: UInt32, firstTimestamp: UInt32, delay: Int, isFirst: Bool) {
            self.source = source
            reference = (0, firstTimestamp)
            position = -delay
            start = isFirst ? 0 : -delay
        }

        /// Samples that are there or may still come before the last one that is.
        var ahead: Int { end - position }

        /// Whether the timestamps have left what is played for good.
        var isLost: Bool { strays >= Self.straysToRestart || latePulls >= Self.latePullsToRestart }

        mutating func restart(at timestamp: UInt32, delay: Int) {
            let record = sequences
            self = Stream(source: source, firstTimestamp: timestamp, delay: delay, isFirst: false)
            sequences = record
        }

        mutating func place(_ packet: RTPPacket, _ law: G711Law) -> Placing {
            let distance = Int(Int32(bitPattern: packet.timestamp &- reference.timestamp))
            let first = reference.position + distance
            let count = packet.payload.count
            guard count <= Self.longestPacket, first + count <= position + PlayoutBuffer.capacity,
                first > position - 8 * PlayoutBuffer.capacity
            else {
                strays += 1
                return .outOfReach
            }
            strays = 0
            guard first + count > position else {
                isLate = true
                return .late
            }
            isOnTime = true
            let skipped = max(0, position - first)
            for (offset, code) in packet.payload.enumerated().dropFirst(skipped) {
                samples[Self.slot(first + offset)] = G711.decode(code, law)
            }
            if first + count > end {
                end = first + count
                // Kept close, so that timestamps may wrap.
                reference = (first, packet.timestamp)
            }
            return .placed
        }

        /// Counts how long everything has been late.
        mutating func beginPull() {
            if isOnTime {
                latePulls = 0
            } else if isLate {
                latePulls += 1
            }
            (isLate, isOnTime) = (false, false)
        }

        /// The sample that is due.
        mutating func next() -> Next {
            defer { position += 1 }
            let slot = Self.slot(position)
            if let sample = samples[slot].take() {
                // Of a packet from before the first one, which it overtook.
                start = min(start, position)
                return .sample(sample)
            }
            return position < start ? .beforeStart : .missing
        }

        /// Leaves out 20 ms.
        mutating func skipFrame() {
            for _ in 0..<PlayoutBuffer.frame { _ = next() }
        }

        private static func slot(_ position: Int) -> Int { position & (PlayoutBuffer.capacity - 1) }
    }

    /// Which numbers of a stream have come.
    struct SequenceRecord: Sendable {
        private var highest: UInt16?
        /// Bit `n`: the number `highest - n` has come.
        private var seen: UInt64 = 0

        /// Notes a number, and what is lost with it; false if it has come before.
        mutating func register(_ sequence: UInt16, counters: inout Counters) -> Bool {
            guard let highest else {
                self.highest = sequence
                seen = 1
                return true
            }
            let distance = Int(Int16(bitPattern: sequence &- highest))
            switch distance {
            case 1...1000:
                counters.lost += distance - 1
                seen = distance < 64 ? seen << UInt64(distance) | 1 : 1
                self.highest = sequence
            case -63...0:
                let bit: UInt64 = 1 << UInt64(-distance)
                guard seen & bit == 0 else {
                    counters.duplicates += 1
                    return false
                }
                seen |= bit
                counters.lost -= counters.lost > 0 ? 1 : 0
            case -1000 ..< -63: break
            default:
                // A sender that numbers anew. Where its samples belong is for the timestamp to say.
                self.highest = sequence
                seen = 1
            }
            return true
        }
    }
}
