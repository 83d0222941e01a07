import Telefax
import Testing

@Suite struct RTPTests {
    private let packet = RTPPacket(
        payloadType: 8, isMarked: true, sequence: 0x1234, timestamp: 0x5678_9ABC, source: 0xDEF0_1234, payload: [1, 2, 3])

    @Test func onTheWire() {
        let bytes: [UInt8] = [0x80, 0x88, 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF0, 0x12, 0x34, 1, 2, 3]
        #expect(packet.encoded == bytes)
        #expect(RTPPacket(bytes) == packet)
    }

    @Test func sourcesExtensionAndPaddingAreTakenOff() {
        var bytes = packet.encoded
        bytes.insert(contentsOf: [9, 9, 9, 9, 8, 8, 8, 8, 0xBE, 0xDE, 0, 1, 7, 7, 7, 7], at: 12)
        bytes += [0, 0, 0, 4]
        bytes[0] = 0x80 | 0x20 | 0x10 | 2
        #expect(RTPPacket(bytes) == packet)
    }

    @Test func lengthsThatLie() {
        let bytes = packet.encoded
        for length in 0..<12 { #expect(RTPPacket(Array(bytes[..<length])) == nil) }
        func changed(_ changes: [Int: UInt8]) -> [UInt8] {
            var bytes = bytes
            for (index, byte) in changes { bytes[index] = byte }
            return bytes
        }
        #expect(RTPPacket(changed([0: 0x81])) == nil, "source past the end")
        #expect(RTPPacket(changed([0: 0x90])) == nil, "extension past the end")
        #expect(RTPPacket(changed([0: 0xA0, 14: 0])) == nil, "no padding")
        #expect(RTPPacket(changed([0: 0xA0, 14: 4])) == nil, "padding into the header")
        #expect(RTPPacket(changed([0: 0xA0, 14: 3]))?.payload == [])
        #expect(RTPPacket(changed([0: 0x40])) == nil, "version 1")
        #expect(RTPPacket(changed([1: 200])) == nil, "RTCP")
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func randomBytesNeverTrap(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            if !bytes.isEmpty { bytes[0] = bytes[0] & 0x3F | 0x80 }
            guard let packet = RTPPacket(bytes) else { continue }
            #expect(packet.payload.count <= bytes.count - 12)
        }
    }

    @Test func senderNumbersItsPackets() throws {
        var random = SeededRandom(seed: 5)
        var sender = RTPSender(law: .mu, using: &random)
        let samples = [Int16](repeating: 1000, count: 160)
        let packets = try (0..<3).map { _ in try #require(RTPPacket(sender.packet(for: samples))) }
        sender.skip(samples: 800)
        let after = try #require(RTPPacket(sender.packet(for: samples[..<80])))
        #expect(packets.map(\.isMarked) == [true, false, false])
        #expect(packets[0].sequence < 0x8000)
        #expect(packets.map { $0.sequence &- packets[0].sequence } == [0, 1, 2])
        #expect(packets.map { $0.timestamp &- packets[0].timestamp } == [0, 160, 320])
        #expect(packets[1].payload == G711.encode(samples, .mu))
        #expect(packets[1].payloadType == 0)
        #expect(after.isMarked)
        #expect(after.sequence &- packets[2].sequence == 1)
        #expect(after.timestamp &- packets[2].timestamp == 960)
        #expect(after.payload.count == 80)
        #expect(Set((packets + [after]).map(\.source)).count == 1)
        var other = RTPSender(law: .mu, using: &random)
        #expect(RTPPacket(other.packet(for: samples))?.source != packets[0].source)
    }
}
