import Telefax
import Testing

@Suite struct IFPPacketTests {
    @Test func onTheWire() {
        #expect(IFPPacket(head: 0x06, fields: []).encoded == [0x06])
        #expect(IFPPacket([0x06]) == IFPPacket(head: 0x06, fields: []))
        let frame = IFPPacket(head: 0x40, fields: [.init(.hdlcData, [0xFF, 0xC8, 0x84]), .init(.hdlcFCSGoodSignalEnd)])
        #expect(frame.encoded == [0xC0, 2, 0x80, 0, 2, 0xFF, 0xC8, 0x84, 0x40])
        #expect(IFPPacket(frame.encoded) == frame)
        let halves = IFPPacket(
            head: 0x40,
            fields: [.init(.hdlcFCSGood), .init(.hdlcData, [9]), .init(.hdlcFCSGood), .init(.hdlcSignalEnd), .init(.hdlcFCSBad)])
        #expect(halves.encoded == [0xC0, 5, 0x28, 0, 0, 9, 0x21, 0x30])
        #expect(IFPPacket(halves.encoded) == halves)
    }

    @Test func lengthsThatLie() {
        let bytes = IFPPacket(head: 0x40, fields: [.init(.hdlcData, [1, 2, 3]), .init(.hdlcFCSGood)]).encoded
        for length in 0..<bytes.count { #expect(IFPPacket(Array(bytes[..<length])) == nil, "\(length) bytes") }
        #expect(IFPPacket([0xC0, 1, 0x80, 0xFF, 0xFF, 1]) == nil)
        #expect(IFPPacket([0xC0, 0x81, 0]) == nil)
    }

    private static let good = IFPPacket.Field(.hdlcFCSGood)

    /// FCD of an address, a control and a kind octet, whole or in pieces.
    @Test(arguments: [
        [IFPPacket(head: 0x48, fields: [.init(.hdlcData, [0xFF, 0xC0, 0x60]), good])],
        [
            IFPPacket(head: 0x48, fields: [.init(.hdlcData, [0xFF, 0xC0])]),
            IFPPacket(head: 0x48, fields: [.init(.hdlcData, [0x60]), good]),
        ],
        [
            IFPPacket(head: 0x48, fields: [.init(.hdlcData, [0xFF, 0xC0, 0x60, 0, 1]), good, .init(.hdlcData, [0xFF, 0xC0, 0x60])]),
            IFPPacket(head: 0x48, fields: [.init(.hdlcFCSGoodSignalEnd)]),
        ],
    ])
    func shortFrameIsSpoiled(packets: [IFPPacket]) throws {
        var frames = FrameGuard()
        let passed = packets.map { frames.checked($0.encoded) }
        let last = try #require(passed.last.flatMap { IFPPacket($0) }?.fields.last)
        #expect(last.type == .hdlcFCSBad || last.type == .hdlcFCSBadSignalEnd)
        #expect(frames.spoiled == 1)
        #expect(Array(passed.dropLast()) == packets.dropLast().map(\.encoded))
    }

    @Test func allOthersPassUnchanged() {
        var frames = FrameGuard()
        for packet in [
            [0x06], [], [0xC0, 9], IFPPacket(head: 0x40, fields: [.init(.hdlcData, [0xFF, 0xC8, 0x84]), Self.good]).encoded,
            IFPPacket(head: 0x48, fields: [.init(.hdlcData, [0xFF, 0xC0, 0x60, 0]), Self.good]).encoded,
            IFPPacket(head: 0x48, fields: [.init(.hdlcData, [0xFF, 0xC0, 0x60]), .init(.hdlcFCSBad), Self.good]).encoded,
        ] as [[UInt8]] {
            #expect(frames.checked(packet) == packet)
        }
        #expect(frames.spoiled == 0)
    }
}
