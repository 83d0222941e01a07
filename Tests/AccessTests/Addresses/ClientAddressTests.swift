import Access
import Testing

@Suite struct ClientAddressTests {
    private static let proxies = ["10.0.0.0/8", "::1", "2001:db8:ffff::/48"].compactMap { AddressRange($0) }

    @Test(
        arguments: [
            // No proxy: the header is a stranger's.
            ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"), ("203.0.113.9", ["10.0.0.1"], "203.0.113.9"),
            ("203.0.113.9", [], "203.0.113.9"),
            // One and more proxies.
            ("10.0.0.1", [], "10.0.0.1"), ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"), ("10.0.0.1", ["203.0.113.9, 10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", ["203.0.113.9,10.0.0.2 ,\t10.0.0.3 "], "203.0.113.9"),
            ("10.0.0.1", ["198.51.100.1", "203.0.113.9", "10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", ["203.0.113.9", "198.51.100.1"], "198.51.100.1"), ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
            ("::1", ["2001:db8::7"], "2001:db8::7"), ("::1", ["2001:db8::7, 2001:db8:ffff::1"], "2001:db8::7"),
            ("10.0.0.1", ["::ffff:203.0.113.9"], "203.0.113.9"), ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            // With ports.
            ("10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"), ("10.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
            ("10.0.0.1", ["[2001:db8::7]"], "2001:db8::7"),
            // Malformed: the last trusted proxy, and nothing of what is further left.
            ("10.0.0.1", [""], "10.0.0.1"), ("10.0.0.1", ["203.0.113.9, "], "10.0.0.1"), ("10.0.0.1", ["unknown"], "10.0.0.1"),
            ("10.0.0.1", ["203.0.113.9, unknown, 10.0.0.2"], "10.0.0.2"), ("10.0.0.1", ["203.0.113.9", "", "10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", ["203.0.113.9, _hidden"], "10.0.0.1"), ("10.0.0.1", ["\"203.0.113.9\""], "10.0.0.1"),
            ("10.0.0.1", ["203.0.113.9:"], "10.0.0.1"), ("10.0.0.1", ["203.0.113.9:65536"], "10.0.0.1"),
            ("10.0.0.1", ["203.0.113.9:80:80"], "10.0.0.1"), ("10.0.0.1", ["[203.0.113.9]"], "10.0.0.1"),
            ("10.0.0.1", ["[2001:db8::7"], "10.0.0.1"), ("10.0.0.1", ["[2001:db8::7]x"], "10.0.0.1"),
            ("10.0.0.1", ["[2001:db8::7]]"], "10.0.0.1"), ("10.0.0.1", ["[]"], "10.0.0.1"), ("10.0.0.1", ["203.0.113.9\u{a0}"], "10.0.0.1"),
            ("10.0.0.1", ["203.0.113.9\n"], "10.0.0.1"), ("10.0.0.1", ["203.0.113.09"], "10.0.0.1"),
            ("10.0.0.1", [String(repeating: ",", count: 100_000)], "10.0.0.1"),
            ("10.0.0.1", [String(repeating: "9", count: 100_000)], "10.0.0.1"),
        ])
    func client(peer: String, header: [String], expected: String) throws {
        let client = ClientAddress.client(peer: try #require(NetworkAddress(peer)), forwardedFor: header, trusted: Self.proxies)
        #expect(client.description == expected)
    }

    @Test func nobodyIsTrustedByDefault() throws {
        let peer = try #require(NetworkAddress("127.0.0.1"))
        #expect(ClientAddress.client(peer: peer, forwardedFor: ["203.0.113.9"], trusted: []) == peer)
    }

    /// Whatever a client writes to the left of what a trusted proxy adds changes nothing.
    @Test func clientsCannotChooseTheirAddress() throws {
        var random = SeededRandom(seed: 3)
        let peer = try #require(NetworkAddress("10.0.0.1"))
        let characters = Array("0123456789.:,[] abcdef\t\"xé")
        for _ in 0..<5_000 {
            let forged = String((0..<Int.random(in: 0...40, using: &random)).map { _ in characters.randomElement(using: &random) ?? "," })
            for header in [["\(forged),203.0.113.9"], [forged, "203.0.113.9"], [forged, "203.0.113.9, 10.0.0.2"]] {
                let client = ClientAddress.client(peer: peer, forwardedFor: header, trusted: Self.proxies)
                #expect(client.description == "203.0.113.9", "\(forged)")
            }
        }
    }
}
