import Telefax
import Testing

@Suite struct UDPTLDatagramTests {
    @Test func redundancyOnTheWire() {
        let datagram = UDPTLDatagram(sequence: 0x1234, primary: [6], recovery: .redundancy([[1, 2], []]))
        #expect(datagram.encoded == [0x12, 0x34, 1, 6, 0, 2, 2, 1, 2, 0])
        #expect(UDPTLDatagram(datagram.encoded) == datagram)
    }

    @Test func parityOnTheWire() {
        let datagram = UDPTLDatagram(sequence: 7, primary: [6], recovery: .parity(span: 3, blocks: [[9], [8, 7]]))
        #expect(datagram.encoded == [0, 7, 1, 6, 0x80, 1, 3, 2, 1, 9, 2, 8, 7])
        #expect(UDPTLDatagram(datagram.encoded) == datagram)
    }

    @Test(arguments: [0, 1, 127, 128, 129, 300, 1300])
    func lengthsInOneAndTwoBytes(count: Int) {
        let datagram = UDPTLDatagram(
            sequence: 1, primary: [UInt8](repeating: 5, count: count),
            recovery: .redundancy([[UInt8](repeating: 4, count: count)]))
        #expect(datagram.encoded.count == datagram.encodedLength)
        #expect(UDPTLDatagram(datagram.encoded) == datagram)
    }

    @Test(arguments: [
        UDPTLDatagram(sequence: 3, primary: [1, 2, 3], recovery: .redundancy([[4, 5], [6]])),
        UDPTLDatagram(sequence: 3, primary: [UInt8](repeating: 1, count: 200), recovery: .redundancy([])),
        UDPTLDatagram(sequence: 3, primary: [1, 2, 3], recovery: .parity(span: 2, blocks: [[4, 5], [6]])),
    ])
    func everyTruncationIsRejected(datagram: UDPTLDatagram) {
        let bytes = datagram.encoded
        for length in 0..<bytes.count { #expect(UDPTLDatagram(Array(bytes[..<length])) == nil, "\(length) bytes") }
    }

    @Test func lengthsAndCountsThatLie() {
        #expect(UDPTLDatagram([0, 1, 200, 1, 2, 3]) == nil)
        #expect(UDPTLDatagram([0, 1, 0xC1, 1, 2, 3, 0, 0]) == nil, "fragmented length")
        #expect(UDPTLDatagram([0, 1, 1, 6, 0, 0xBF, 0xFF] + [UInt8](repeating: 0, count: 100)) == nil, "16383 entries")
        #expect(UDPTLDatagram([0, 1, 1, 6, 0, 33] + [UInt8](repeating: 0, count: 33)) == nil, "33 entries")
        #expect(UDPTLDatagram([0, 1, 1, 6, 0x80, 1, 0, 1, 1, 1]) == nil, "span 0")
        #expect(UDPTLDatagram([0, 1, 1, 6, 0x80, 1, 255, 1, 1, 1]) == nil, "span 255")
        #expect(UDPTLDatagram([0, 1, 1, 6, 0x80, 2, 0, 3, 1, 1, 1]) == nil, "span of two bytes")
    }
}
