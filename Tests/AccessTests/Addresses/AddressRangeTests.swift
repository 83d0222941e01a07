import Access
import Testing

@Suite struct AddressRangeTests {
    @Test(
        arguments: [
            ("10.0.0.0/8", "10.0.0.0/8"), ("10.1.2.3/8", "10.0.0.0/8"), ("192.0.2.1", "192.0.2.1"), ("192.0.2.1/32", "192.0.2.1"),
            ("0.0.0.0/0", "0.0.0.0/0"), ("255.255.255.255/0", "0.0.0.0/0"), ("::1", "::1"), ("::1/128", "::1"), ("::/0", "::/0"),
            ("2001:db8::/32", "2001:db8::/32"), ("2001:db8:ffff::1/33", "2001:db8:8000::/33"), ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
            ("::ffff:0:0/96", "0.0.0.0/0"), ("::ffff:10.1.2.3", "10.1.2.3"), ("::/97", "::/97"),
        ])
    func hostBitsAreCleared(text: String, canonical: String) throws {
        let range = try #require(AddressRange(text))
        #expect(range.description == canonical)
        #expect(AddressRange(canonical) == range)
    }

    @Test(
        arguments: [
            "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0",
            "10.0.0/8", "10.0.0.0 /8", "10.0.0.0/8 ", "::/129", "::1/0x1", "::ffff:10.0.0.0/95", "::ffff:10.0.0.0/8", "localhost", "*",
            "10.0.0.0/99999999999999999999", "10.0.0.0/٨", "[::1]/128",
        ])
    func malformedTextIsRefused(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "9.255.255.255", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true), ("10.0.0.0/8", "::10.0.0.1", false), ("::ffff:10.0.0.0/104", "10.9.9.9", true),
            ("::1", "::1", true), ("::1", "127.0.0.1", false), ("2001:db8::/32", "2001:db8:ffff::", true),
            ("2001:db8::/32", "2001:db9::", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false),
            ("0.0.0.0/0", "::ffff:203.0.113.9", true), ("::/0", "2001:db8::1", true), ("::/0", "203.0.113.9", false),
            ("::/80", "203.0.113.9", false), ("192.0.2.1/31", "192.0.2.0", true), ("192.0.2.1", "192.0.2.0", false),
            ("10.0.0.0/8", "not an address", false), ("10.0.0.0/8", "", false),
        ])
    func membership(range: String, address: String, isInside: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(address) == isInside)
    }

    @Test func bytesAreLookedUpToo() throws {
        let range = try #require(AddressRange("10.0.0.0/8"))
        #expect(range.contains(bytes: [10, 1, 2, 3]))
        #expect(range.contains(bytes: [UInt8](repeating: 0, count: 10) + [255, 255, 10, 1, 2, 3]))
        #expect(!range.contains(bytes: [11, 1, 2, 3]))
        #expect(!range.contains(bytes: [10]))
        #expect(!range.contains(bytes: []))
    }

    /// An address is in a network exactly when as many of its leading bits are equal as the network's length says.
    @Test func membershipIsEqualityOfLeadingBits() throws {
        var random = SeededRandom(seed: 2)
        for _ in 0..<10_000 {
            let size = Bool.random(using: &random) ? 4 : 16
            let network = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            var other = network
            let flipped = Int.random(in: 0..<size * 8, using: &random)
            other[flipped / 8] ^= 0x80 >> UInt8(flipped % 8)
            let length = Int.random(in: 0...size * 8, using: &random)
            let address = try #require(NetworkAddress(bytes: network))
            let range = try #require(AddressRange("\(address)/\(length)"))
            #expect(range.contains(bytes: network))
            #expect(range.contains(bytes: other) == (flipped >= length))
            #expect(AddressRange(range.description) == range)
        }
    }
}
