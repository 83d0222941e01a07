import Telefax
import Testing

@Suite struct UDPTLParityTests {
    /// Packet `n`: its number, then as many bytes as its last digit says, so that neighbours differ in length.
    private func packet(_ number: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number), 0xFF]
            + [UInt8](repeating: UInt8(truncatingIfNeeded: number | 1), count: number % 10)
    }

    private func datagrams(_ count: Int, _ parity: UDPTLSender.Parity, maximum: Int = 1400, from first: UInt16 = 0) -> [[UInt8]] {
        var sender = UDPTLSender(redundancy: 5, maximumDatagram: maximum, parity: parity, firstSequence: first)
        return (0..<count).map { sender.datagram(for: packet($0)) }
    }

    @Test(arguments: [(3, 3), (3, 1), (2, 5), (1, 1), (16, 32)], [0, 65_500] as [UInt16])
    func burstUpToTheBlocksIsRepaired(shape: (span: Int, entries: Int), first: UInt16) {
        let parity = UDPTLSender.Parity(span: shape.span, entries: shape.entries)
        var receiver = UDPTLReceiver()
        let count = shape.span * shape.entries + 100
        var stream = datagrams(count, parity, from: first)
        let burst = (count - 60)..<(count - 60 + shape.entries)
        stream.removeSubrange(burst)
        let received = stream.flatMap { receiver.receive($0) }
        #expect(received.map(\.sequence) == (0..<count).map { first &+ UInt16($0) })
        for (number, packet) in received.enumerated() {
            let expected = self.packet(number)
            #expect(packet.bytes.starts(with: expected))
            #expect(packet.bytes.dropFirst(expected.count).allSatisfy { $0 == 0 })
        }
        #expect(receiver.counters.recovered == shape.entries)
        #expect(receiver.counters.lost == 0)
    }

    @Test func windsUpAndNamesItsSpan() {
        let recoveries = datagrams(20, .init()).map { UDPTLDatagram($0)?.recovery }
        var blocks: [Int] = []
        for recovery in recoveries {
            guard case .parity(let span, let parity)? = recovery else {
                Issue.record("no parity")
                return
            }
            #expect(span == 3)
            blocks.append(parity.count)
        }
        #expect(blocks == [0, 0, 0, 1, 1, 1, 2, 2, 2] + [Int](repeating: 3, count: 11))
    }

    /// Computed by hand: packets 0 to 3 are 01, 0203, 04, 10; one block of span 3 before the fourth is the XOR of the first three.
    @Test func onTheWire() {
        var sender = UDPTLSender(redundancy: 0, maximumDatagram: 400, parity: .init(span: 3, entries: 1))
        for packet in [[1], [2, 3], [4]] as [[UInt8]] { _ = sender.datagram(for: packet) }
        #expect(sender.datagram(for: [0x10]) == [0, 3, 1, 0x10, 0x80, 1, 3, 1, 2, 7, 3])
    }

    @Test(arguments: [20, 40, 60, 400])
    func datagramLimitCutsBlocks(maximum: Int) {
        for datagram in datagrams(50, .init(), maximum: maximum) {
            #expect(datagram.count <= maximum)
            #expect(UDPTLDatagram(datagram) != nil)
        }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func randomLossNeverReordersOrInvents(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var receiver = UDPTLReceiver()
        var last = -1
        var received = 0
        for datagram in datagrams(2000, .init()) where Int.random(in: 0..<100, using: &random) >= 10 {
            for packet in receiver.receive(datagram) {
                #expect(Int(packet.sequence) > last)
                last = Int(packet.sequence)
                #expect(packet.bytes.starts(with: self.packet(last)))
                received += 1
            }
        }
        #expect(received > 1980)
    }

    @Test func senderThatWindsUpWithASpanOfZeroIsRead() {
        var receiver = UDPTLReceiver()
        #expect(receiver.receive([0, 0, 1, 6, 0x80, 1, 0, 0]).map(\.bytes) == [[6]])
        #expect(receiver.receive([0, 2, 1, 7, 0x80, 1, 0, 0]).map(\.bytes) == [[7]])
        #expect(receiver.counters.lost == 1)
    }

    @Test func whatTheFirstDatagramRepeatsIsTaken() {
        var sender = UDPTLSender(redundancy: 3, maximumDatagram: 400)
        let stream = (0..<6).map { sender.datagram(for: packet($0)) }
        var receiver = UDPTLReceiver()
        #expect(receiver.receive(stream[2]).map(\.bytes) == [0, 1, 2].map(packet))
        #expect(receiver.receive(stream[1]).isEmpty)
        #expect(receiver.receive(stream[5]).map(\.bytes) == [3, 4, 5].map(packet))
    }

    @Test func streamWhoseNumbersLookLikeRTPIsTakenWhenItGoesOn() {
        var sender = UDPTLSender(redundancy: 3, maximumDatagram: 400, firstSequence: 0x8000)
        var receiver = UDPTLReceiver()
        let stream = (0..<6).map { sender.datagram(for: packet($0)) }
        #expect(!UDPTLReceiver.isSound(stream[0]))
        #expect(stream.flatMap { receiver.receive($0) }.map(\.bytes) == [3, 4, 5].map(packet))
        #expect(UDPTLReceiver.isSound(UDPTLDatagram(sequence: 0, primary: [6]).encoded))
        #expect(!UDPTLReceiver.isSound([0x80, 8] + [UInt8](repeating: 0, count: 170)))
    }
}
