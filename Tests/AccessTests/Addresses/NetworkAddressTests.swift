import Access
import Glibc
import Testing

@Suite struct NetworkAddressTests {
    @Test(
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"),
            ("2001:DB8::00A1", "2001:db8::a1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:0:0:0:0:0:0:0", "1::"),
            ("1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"), ("0:2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("::ffff:192.0.2.1", "192.0.2.1"), ("::ffff:c000:201", "192.0.2.1"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"), ("0000:0000:0000:0000:0000:ffff:255.255.255.255", "255.255.255.255"),
        ])
    func canonicalText(text: String, canonical: String) throws {
        #expect(try #require(NetworkAddress(text)).description == canonical)
    }

    @Test(
        arguments: [
            "", " ", "192.0.2", "192.0.2.1.1", "192.0.2.256", "192.0.2.01", "0300.0.2.1", "192.0.2.0x1", "192.0.2.1 ", " 192.0.2.1",
            "192.0.2.-1", "192.0.2.+1", "192.0..1", ".192.0.2.1", "3221225985", "192.0.2.1:80", ":", ":::", "1:::2", "::1::", "1::2::3",
            "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", "::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::", "12345::", "::g", "1:",
            ":1", "1:2:3:4:5:6:7:8:", "[::1]", "::1%eth0", "::1/128", "192.0.2.1::", "::192.0.2.1:1", "::ffff:192.0.2.256",
            "1:2:3:4:5:6:7:192.0.2.1", "::١", "１.1.1.1", String(repeating: "0", count: 100), String(repeating: ":", count: 100_000),
        ])
    func malformedTextIsRefused(text: String) {
        #expect(NetworkAddress(text) == nil)
    }

    @Test func bytesAndText() {
        #expect(NetworkAddress(bytes: [192, 0, 2, 1]) == NetworkAddress("192.0.2.1"))
        #expect(NetworkAddress(bytes: [UInt8](repeating: 0, count: 10) + [255, 255, 192, 0, 2, 1]) == NetworkAddress("192.0.2.1"))
        #expect(NetworkAddress(bytes: [UInt8](repeating: 0, count: 15) + [1]) == NetworkAddress("::1"))
        for count in [0, 1, 3, 5, 15, 17, 1000] { #expect(NetworkAddress(bytes: [UInt8](repeating: 0, count: count)) == nil) }
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("::ffff:127.0.0.1", true), ("128.0.0.1", false), ("::2", false),
        ("::7f00:1", false),
    ])
    func loopback(text: String, isLoopback: Bool) throws {
        #expect(try #require(NetworkAddress(text)).isLoopback == isLoopback)
    }

    @Test func limitsCountSubscribers() throws {
        #expect(try #require(NetworkAddress("192.0.2.1")).subscriber.description == "192.0.2.1")
        #expect(try #require(NetworkAddress("2001:db8:1:2:3:4:5:6")).subscriber.description == "2001:db8:1:2::/64")
    }

    /// The C library reads and writes the same, but for IPv4-mapped addresses, and numbers with a leading zero.
    @Test func agreesWithTheCLibrary() throws {
        var random = SeededRandom(seed: 1)
        let characters = Array("0123456789abcdefABCDEF::::....%/ g")
        for _ in 0..<20_000 {
            var groups = (0..<8).map { _ in Bool.random(using: &random) ? 0 : UInt16.random(in: 0...0xffff, using: &random) }
            if groups[0...4].allSatisfy({ $0 == 0 }) { groups[0] = 1 }
            let bytes = groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
            let address = try #require(NetworkAddress(bytes: bytes))
            let text = Self.text(bytes)
            #expect(address.description == text)
            #expect(NetworkAddress(text) == address)
            #expect(NetworkAddress(address.description) == address)

            var mutated = Array(Bool.random(using: &random) ? text : bytes.prefix(4).map(String.init).joined(separator: "."))
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let position = Int.random(in: 0..<mutated.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: mutated[position] = characters.randomElement(using: &random) ?? "0"
                case 1: mutated.insert(characters.randomElement(using: &random) ?? "0", at: position)
                default: if mutated.count > 1 { mutated.remove(at: position) }
                }
            }
            #expect(NetworkAddress(String(mutated)) == Self.address(String(mutated)), "\(String(mutated))")
        }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        var characters = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(AF_INET6, bytes, &characters, socklen_t(characters.count))
        return String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func address(_ text: String) -> NetworkAddress? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return NetworkAddress(bytes: bytes.prefix(4)) }
        return inet_pton(AF_INET6, text, &bytes) == 1 ? NetworkAddress(bytes: bytes) : nil
    }
}
