import Telefax
import Testing

@Suite struct G711Tests {
    @Test(arguments: G711Law.allCases)
    func everyCodeReadsBack(law: G711Law) {
        for code in UInt8.min ... .max {
            let back = G711.encode(G711.decode(code, law), law)
            // mu-law has two zeros; the negative one comes back as the positive one.
            #expect(back == (law == .mu && code == 0x7F ? 0xFF : code), "\(code)")
        }
    }

    /// ITU-T G.711 tables 1 and 2, columns 6 to 8: values of 13 and 14 bits, shifted to 16.
    @Test(arguments: [
        (0x80, 8031 << 2), (0x8F, 4191 << 2), (0x90, 3999 << 2), (0xEF, 33 << 2), (0xDF, 99 << 2), (0xFE, 2 << 2), (0xFF, 0),
        (0x00, -8031 << 2),
        (0x7E, -2 << 2),
    ])
    func muLawOfTheStandard(code: Int, value: Int) {
        #expect(G711.decode(UInt8(code), .mu) == Int16(value))
    }

    @Test(arguments: [
        (0xAA, 4032 << 3), (0xA5, 2112 << 3), (0xBA, 2016 << 3), (0xD5, 1 << 3), (0xD4, 3 << 3), (0x55, -1 << 3), (0x2A, -4032 << 3),
        (0xC5, 33 << 3),
    ])
    func aLawOfTheStandard(code: Int, value: Int) {
        #expect(G711.decode(UInt8(code), .a) == Int16(value))
    }

    @Test(arguments: G711Law.allCases)
    func everySampleIsWithinItsInterval(law: G711Law) {
        var last = Int16.min
        var wrong: [Int16] = []
        for sample in Int16.min...Int16.max {
            let code = G711.encode(sample, law)
            let value = G711.decode(code, law)
            // Half an interval, and the bits below the law's own, which are cut off. The last interval reaches as far as samples do.
            let segment = Int((law == .mu ? ~code : code ^ 0x55) >> 4 & 7)
            let half = law == .mu ? 4 << segment : 8 << max(0, segment - 1)
            let isClipped = abs(Int(sample)) > (law == .mu ? 32_635 : 32_767)
            let isNear = isClipped || abs(Int(value) - Int(sample)) <= half + (law == .mu ? 4 : 16)
            if value < last || !isNear { wrong.append(sample) }
            last = value
        }
        #expect(wrong.isEmpty)
    }

    /// Decision values between the segments: 31, 95, ... of 14 bits, and 64, 128, ... of 13.
    @Test func segmentsBeginWhereTheStandardSays() {
        for segment in 0..<7 {
            let mu = Int16(((64 << segment) - 33) << 2)
            #expect(G711.encode(mu, .mu) == ~UInt8((segment + 1) << 4))
            #expect(G711.encode(mu - 1, .mu) == ~UInt8(segment << 4 | 15))
        }
        for segment in 1..<7 {
            let a = Int16((32 << segment) << 3)
            #expect(G711.encode(a, .a) ^ 0xD5 == UInt8((segment + 1) << 4))
            #expect(G711.encode(a - 1, .a) ^ 0xD5 == UInt8(segment << 4 | 15))
        }
    }

    @Test func extremesAndCollections() {
        #expect(G711.encode(.max, .mu) == 0x80)
        #expect(G711.encode(.min, .mu) == 0x00)
        #expect(G711.encode(.max, .a) == 0xAA)
        #expect(G711.encode(.min, .a) == 0x2A)
        #expect(G711.decode(G711.encode([0, 1000, -1000] as [Int16], .a), .a).map { $0.signum() } == [1, 1, -1])
        #expect(G711Law(payloadType: 0) == .mu)
        #expect(G711Law(payloadType: 8) == .a)
        #expect(G711Law(payloadType: 13) == nil)
    }
}
