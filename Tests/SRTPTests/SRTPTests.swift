import Crypto
import Testing

@testable import SRTP

@Suite struct SRTPTests {
    private static let key = (0..<30).map { UInt8($0 * 7 + 1) }
    private static let payload = (0..<20).map { 0xD5 ^ UInt8($0) }

    /// An A-law packet of 20 bytes.
    private static func packet(_ sequence: UInt16, source: UInt32 = 0xCAFE_BABE, timestamp: UInt16 = 0) -> [UInt8] {
        [0x80, 8, UInt8(sequence >> 8), UInt8(sequence & 0xFF), 0, 0, UInt8(timestamp >> 8), UInt8(timestamp & 0xFF)]
            + (0..<4).map { UInt8(truncatingIfNeeded: source >> UInt32(24 - 8 * $0)) } + payload
    }

    private static func protect(_ packet: [UInt8], _ sender: inout SRTPSender) throws -> [UInt8] {
        let protected = sender.protect(packet)
        return try #require(protected)
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// RFC 3711 B.3.
    @Test func keyDerivation() throws {
        let keys = try #require(
            SRTPKeys(master: Self.bytes("E1F97A0D3E018BE0D64FA32C06DE4139") + Self.bytes("0EC675AD498AFEEBB6960B3AABE6")))
        #expect(keys.cipherKey.withUnsafeBytes { Array($0) } == Self.bytes("C61E7A93744F39EE10734AFE3FF7A087"))
        #expect(keys.salt == Self.bytes("30CBBC08863D8C85D49DB34A9AE1"))
        #expect(keys.authenticationKey.withUnsafeBytes { Array($0) } == Self.bytes("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"))
    }

    /// What libsrtp 2.5 makes of these packets, over a wrap of the sequence number; the last has two contributing sources and an extension.
    private static let reference: [(plain: String, protected: String)] = [
        (
            "8008fffe000000a0cafebabed5d4d7d6d1d0d3d2dddcdfded9d8dbdac5c4c7c6",
            "8008fffe000000a0cafebabeaaf498f566b5bbf7858722336f35b6fc5518e311a877fffba5f693d2ea0d"
        ),
        (
            "8008ffff00000140cafebabed5d4d7d6d1d0d3d2dddcdfded9d8dbdac5c4c7c6",
            "8008ffff00000140cafebabe7e7778c6de91ab4885f0c75e99d6960e2a70aa5daafd8a73f89458f43d57"
        ),
        (
            "80080000000001e0cafebabed5d4d7d6d1d0d3d2dddcdfded9d8dbdac5c4c7c6",
            "80080000000001e0cafebabeb914a43faf0b580a4fa0ee7432f60963188f634be2c272df4aed08ad2a31"
        ),
        (
            "9208000100000280cafebabe0001020304050607bede000109080706d5d4d7d6d1d0d3d2dddcdfded9d8dbdac5c4c7c6",
            "9208000100000280cafebabe0001020304050607bede000109080706c89bdba71b8ecd84e9236415c57e6b140a1df2ec0e95380a489889d103ab"
        ),
    ]

    @Test(arguments: SRTPSuite.allCases)
    func packetsAreThoseOfLibSRTP(suite: SRTPSuite) throws {
        var sender = try #require(SRTPSender(key: Self.key, suite: suite))
        var receiver = try #require(SRTPReceiver(key: Self.key, suite: suite))
        for (plain, protected) in Self.reference {
            let expected = Array(Self.bytes(protected).dropLast(10 - suite.tagLength))
            #expect(sender.protect(Self.bytes(plain)) == expected)
            #expect(receiver.unprotect(expected) == Self.bytes(plain))
        }
    }

    @Test func lossAndReorderingAcrossWraps() throws {
        var sender = try #require(SRTPSender(key: Self.key))
        var receiver = try #require(SRTPReceiver(key: Self.key))
        // Blocks of 42 with thousands lost between them: the tenth holds the first wrap, later ones come after more of them.
        for start in stride(from: 2510, to: 300_000, by: 7000) {
            let sent = try (start..<(start + 42)).map { number in
                let plain = Self.packet(UInt16(truncatingIfNeeded: number))
                return (plain: plain, protected: try Self.protect(plain, &sender))
            }
            for index in stride(from: 0, to: 42, by: 3) {
                // The second of each three comes last, that of every other never.
                for (plain, protected) in [sent[index], sent[index + 2], sent[index + 1]].prefix(index % 2 == 0 ? 3 : 2) {
                    #expect(receiver.unprotect(protected) == plain)
                }
            }
        }
    }

    @Test func replayIsRefused() throws {
        var sender = try #require(SRTPSender(key: Self.key))
        var receiver = try #require(SRTPReceiver(key: Self.key))
        let packets = try (0..<100).map { try Self.protect(Self.packet(UInt16($0)), &sender) }
        for packet in packets[..<50] { #expect(receiver.unprotect(packet) != nil) }
        for packet in packets[..<50] { #expect(receiver.unprotect(packet) == nil) }
        #expect(receiver.unprotect(packets[99]) != nil)
        // 35 is 64 before 99, 36 came already, 50 has not.
        #expect(receiver.unprotect(packets[35]) == nil)
        #expect(receiver.unprotect(packets[50]) != nil)
        #expect(receiver.unprotect(packets[50]) == nil)
    }

    @Test(arguments: SRTPSuite.allCases)
    func everyChangedBitAndEveryTruncationIsRefused(suite: SRTPSuite) throws {
        var sender = try #require(SRTPSender(key: Self.key, suite: suite))
        var receiver = try #require(SRTPReceiver(key: Self.key, suite: suite))
        #expect(receiver.unprotect(try Self.protect(Self.packet(1), &sender)) != nil)
        let packet = try Self.protect(Self.packet(2), &sender)
        for bit in 0..<(packet.count * 8) {
            var changed = packet
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(receiver.unprotect(changed) == nil, "bit \(bit)")
        }
        for length in 0..<packet.count { #expect(receiver.unprotect(Array(packet[..<length])) == nil, "\(length) bytes") }
        #expect(receiver.unprotect(packet + [0]) == nil)
        // None of that made the receiver forget where the stream is.
        #expect(receiver.unprotect(packet) == Self.packet(2))
    }

    @Test func wrongKeyIsRefused() throws {
        var other = Self.key
        other[29] ^= 1
        var sender = try #require(SRTPSender(key: Self.key))
        var receiver = try #require(SRTPReceiver(key: other))
        #expect(receiver.unprotect(try Self.protect(Self.packet(1), &sender)) == nil)
        #expect(receiver.unprotect(Self.packet(1)) == nil, "RTP in the clear")
        #expect(SRTPSender(key: Array(Self.key.dropLast())) == nil)
        #expect(SRTPReceiver(key: Self.key + [0]) == nil)
    }

    @Test func keyIdentifierIsTakenOut() throws {
        var sender = try #require(SRTPSender(key: Self.key))
        var receiver = try #require(SRTPReceiver(key: Self.key, keyIdentifierLength: 4))
        var packet = try Self.protect(Self.packet(1), &sender)
        packet.insert(contentsOf: [0, 0, 0, 1], at: packet.count - 10)
        #expect(receiver.unprotect(packet) == Self.packet(1))
    }

    @Test func noKeyStreamIsUsedTwice() throws {
        var sender = try #require(SRTPSender(key: Self.key))
        #expect(sender.protect(Self.packet(7)) != nil)
        #expect(sender.protect(Self.packet(7)) == nil)
        #expect(sender.protect(Self.packet(8, source: 1)) == nil)
        #expect(sender.protect([1, 2, 3]) == nil)
    }

    @Test func sourcesAreCountedApartAndBounded() throws {
        var receiver = try #require(SRTPReceiver(key: Self.key))
        for source in UInt32(0)..<40 {
            var sender = try #require(SRTPSender(key: Self.key))
            let packet = try Self.protect(Self.packet(9, source: source), &sender)
            #expect((receiver.unprotect(packet) != nil) == (source < 32))
            #expect(receiver.unprotect(packet) == nil)
        }
    }

    @Test func headerLengthsThatLie() throws {
        var sender = try #require(SRTPSender(key: Self.key))
        var extended = Self.packet(1)
        extended[0] = 0x9F
        #expect(sender.protect(extended) == nil)
        extended = Self.packet(1)
        extended[0] = 0x90
        extended[14] = 0xFF
        #expect(sender.protect(extended) == nil)
    }
}
