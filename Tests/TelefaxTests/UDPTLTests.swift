import Telefax
import Testing

@Suite struct UDPTLTests {
    /// Packet `n` of a test stream: its number, then as many bytes as the number says in its last digit.
    private func packet(_ number: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
            + [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number % 10)
    }

    private func datagrams(_ count: Int, redundancy: Int, maximum: Int = 1400, from first: UInt16 = 0) -> [[UInt8]] {
        var sender = UDPTLSender(redundancy: redundancy, maximumDatagram: maximum, firstSequence: first)
        return (0..<count).map { sender.datagram(for: packet($0)) }
    }

    @Test(arguments: [0, 1, 3, 8])
    func everyPacketOnceAndInOrder(redundancy: Int) {
        var receiver = UDPTLReceiver()
        let received = datagrams(100, redundancy: redundancy).flatMap { receiver.receive($0) }
        #expect(received.map(\.bytes) == (0..<100).map(packet))
        #expect(received.map(\.sequence) == (0..<100).map { UInt16($0) })
        #expect(receiver.counters.accepted == 100)
        #expect(receiver.counters.lost + receiver.counters.recovered + receiver.counters.late == 0)
    }

    @Test func sequenceWraps() {
        var receiver = UDPTLReceiver()
        var stream = datagrams(20, redundancy: 2, from: 65526)
        stream.removeSubrange(9...10)  // 65535 and 0
        let received = stream.flatMap { receiver.receive($0) }
        #expect(received.map(\.bytes) == (0..<20).map(packet))
        #expect(received[9].sequence == 65535)
        #expect(received[10].sequence == 0)
        #expect(receiver.counters.recovered == 2)
    }

    @Test func earlierPacketsGoNewestFirst() throws {
        let last = try #require(datagrams(12, redundancy: 8).last.flatMap { UDPTLDatagram($0) })
        #expect(last.recovery == .redundancy((3...10).reversed().map(packet)))
    }

    @Test(arguments: [1, 2, 3, 5, 8])
    func burstUpToTheDepthLeavesNoTrace(depth: Int) {
        for burst in 1...(depth + 2) {
            var receiver = UDPTLReceiver()
            var stream = datagrams(60, redundancy: depth)
            stream.removeSubrange(20..<(20 + burst))
            let received = stream.flatMap { receiver.receive($0) }.map(\.bytes)
            let lost = max(0, burst - depth)
            let expected = Array(0..<20) + Array((20 + lost)..<60)
            #expect(received == expected.map(packet))
            #expect(receiver.counters.lost == lost)
        }
    }

    @Test(arguments: [20, 40, 60, 100, 400])
    func datagramLimitCutsRedundancyFirst(maximum: Int) {
        var depths: Set<Int> = []
        var sender = UDPTLSender(redundancy: 8, maximumDatagram: maximum)
        for number in 0..<50 {
            let bytes = sender.datagram(for: packet(number))
            #expect(bytes.count <= maximum)
            if case .redundancy(let earlier)? = UDPTLDatagram(bytes)?.recovery, number > 8 {
                depths.insert(earlier.count)
            }
        }
        #expect(depths.max() ?? 0 <= 8)
        #expect(maximum < 100 || depths == [8])
        #expect(maximum > 40 || depths.max() ?? 0 < 8)
    }

    @Test func packetLongerThanTheLimitGoesAlone() {
        var sender = UDPTLSender(redundancy: 3, maximumDatagram: 20)
        _ = sender.datagram(for: [1])
        let bytes = sender.datagram(for: [UInt8](repeating: 2, count: 60))
        #expect(UDPTLDatagram(bytes)?.recovery == .redundancy([]))
    }

    @Test func repeatsAndLateDatagramsAreDropped() {
        var receiver = UDPTLReceiver()
        let stream = datagrams(6, redundancy: 0)
        let order = [0, 0, 1, 3, 2, 3, 4, 5, 5]
        #expect(order.flatMap { receiver.receive(stream[$0]) }.map(\.bytes) == [0, 1, 3, 4, 5].map(packet))
        #expect(receiver.counters.late == 4)
    }

    @Test func lateRTPIsDroppedBeforeAndDuringTheStream() {
        let rtp: [UInt8] = [0x80, 0x08, 0x12, 0x34] + [UInt8](repeating: 0, count: 168)
        // A form that would parse as UDPTL if it were let through.
        let shaped = UDPTLDatagram(sequence: 0x8008, primary: [0x12]).encoded
        var receiver = UDPTLReceiver()
        var received: [UDPTLReceiver.Packet] = []
        for datagram in datagrams(50, redundancy: 3) {
            received += receiver.receive(rtp)
            received += receiver.receive(shaped)
            received += receiver.receive(datagram)
        }
        #expect(received.map(\.bytes) == (0..<50).map(packet))
        #expect(receiver.counters.lost == 0)
    }

    @Test func longFaxPassesTheNumberThatLooksLikeRTP() {
        var receiver = UDPTLReceiver()
        var sender = UDPTLSender(redundancy: 3, maximumDatagram: 400, firstSequence: 0x7FF0)
        for number in 0..<0x120 {
            #expect(receiver.receive(sender.datagram(for: packet(number))).map(\.bytes) == [packet(number)])
        }
    }

    @Test func jumpIsBelievedOnlyWhenItGoesOn() {
        var receiver = UDPTLReceiver()
        for datagram in datagrams(5, redundancy: 0) { _ = receiver.receive(datagram) }
        let far = datagrams(10, redundancy: 3, from: 30000)
        #expect(far.prefix(3).flatMap { receiver.receive($0) }.isEmpty)
        #expect(receiver.receive(far[3]).map(\.bytes) == [packet(3)])
        #expect(receiver.receive(far[4]).map(\.bytes) == [packet(4)])
    }

    @Test func gapLongerThanRedundancyIsCounted() {
        var receiver = UDPTLReceiver()
        let stream = datagrams(401, redundancy: 2)
        _ = receiver.receive(stream[0])
        #expect(receiver.receive(stream[400]).map(\.bytes) == [398, 399, 400].map(packet))
        #expect(receiver.counters.lost == 397)
    }

    /// FEC as T.38 9.1.4.2 has it: block i of m is the XOR of every m-th packet before this one.
    private func withParity(_ number: Int, span: Int, blocks count: Int) -> [UInt8] {
        let blocks = (0..<count).map { block -> [UInt8] in
            var parity: [UInt8] = []
            for k in 1...span where number + block - k * count >= 0 {
                let covered = packet(number + block - k * count)
                if parity.count < covered.count { parity += [UInt8](repeating: 0, count: covered.count - parity.count) }
                for (index, byte) in covered.enumerated() { parity[index] ^= byte }
            }
            return parity
        }
        return UDPTLDatagram(
            sequence: UInt16(number), primary: packet(number), recovery: .parity(span: span, blocks: blocks)
        ).encoded
    }

    @Test(arguments: [(3, 1), (3, 3), (2, 5), (5, 2)])
    func parityRepairsABurstOfAsManyPacketsAsBlocks(span: Int, blocks: Int) {
        var receiver = UDPTLReceiver()
        var received: [UDPTLReceiver.Packet] = []
        let burst = 40..<(40 + blocks)
        for number in 0..<60 where !burst.contains(number) {
            received += receiver.receive(withParity(number, span: span, blocks: blocks))
        }
        #expect(received.map(\.sequence) == (0..<60).map { UInt16($0) })
        for (number, packet) in received.enumerated() {
            let expected = self.packet(number)
            // Of unequal lengths, the shorter come back with zeros after them.
            #expect(packet.bytes.starts(with: expected))
            #expect(packet.bytes.dropFirst(expected.count).allSatisfy { $0 == 0 })
        }
    }

    @Test func parityOfTwoLostPacketsRepairsNothing() {
        var receiver = UDPTLReceiver()
        var received: [UDPTLReceiver.Packet] = []
        for number in 0..<60 where number != 40 && number != 41 {
            received += receiver.receive(withParity(number, span: 3, blocks: 1))
        }
        let expected: [UInt16] = Array(0..<40) + Array(42..<60)
        #expect(received.map(\.sequence) == expected)
        #expect(receiver.counters.lost == 2)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func randomLossNeverReordersOrInvents(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var receiver = UDPTLReceiver()
        let redundancy = Int.random(in: 0...5, using: &random)
        var last = -1
        for datagram in datagrams(2000, redundancy: redundancy) where Int.random(in: 0..<100, using: &random) >= 20 {
            for received in receiver.receive(datagram) {
                #expect(Int(received.sequence) > last)
                last = Int(received.sequence)
                #expect(received.bytes == packet(last))
            }
        }
    }

    @Test func mutatedDatagramsNeverTrap() {
        var random = SeededRandom(seed: 38)
        var receiver = UDPTLReceiver()
        let valid = datagrams(40, redundancy: 4) + (20..<40).map { withParity($0, span: 3, blocks: 3) }
        for _ in 0..<20_000 {
            guard var bytes = valid.randomElement(using: &random) else { return }
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                switch Int.random(in: 0..<4, using: &random) {
                case 0 where !bytes.isEmpty: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
                case 1: bytes.append(UInt8.random(in: 0...255, using: &random))
                default:
                    guard let index = bytes.indices.randomElement(using: &random) else { continue }
                    bytes[index] = UInt8.random(in: 0...255, using: &random)
                }
            }
            let received = receiver.receive(bytes)
            #expect(received.reduce(0) { $0 + $1.bytes.count } < 1 << 20)
            #expect(zip(received, received.dropFirst()).allSatisfy { $1.sequence &- $0.sequence < 1000 })
        }
    }
}
