import Testing

@testable import Imaging

@Suite struct T6BitsTests {
    @Test(arguments: 0..<40)
    func followsAtAnyOffset(count: Int) {
        let head = String(repeating: "110", count: 14).prefix(count)
        for tail in ["1", "1 0000001", "1 1111111 1", "01011100 11110000 000000000001 000000000001"] {
            for padding in 0..<3 {
                let joined = T6Bits(bytes: packed(String(head)), count: count)
                    .followed(by: packed(tail) + [UInt8](repeating: 0, count: padding))
                #expect(joined == packed(head + tail))
            }
        }
    }

    @Test func nothingToFollow() {
        let bits = T6Bits(bytes: [0xA0], count: 3)
        #expect(bits.followed(by: []) == [0xA0])
        #expect(bits.followed(by: [0, 0]) == [0xA0])
    }
}
