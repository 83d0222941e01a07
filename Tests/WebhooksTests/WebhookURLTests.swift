import Access
import Testing
import Webhooks

@Suite struct WebhookURLTests {
    @Test(arguments: [
        ("https://example.com", "https://example.com/"), ("HTTPS://Example.COM/Hooks/1?a=B%20c", "https://example.com/Hooks/1?a=B%20c"),
        ("https://example.com:443/x", "https://example.com/x"), ("https://example.com:8443", "https://example.com:8443/"),
        ("https://198.51.99.7/x", "https://198.51.99.7/x"), ("https://[2606:4700:0::1]:9000/x", "https://[2606:4700::1]:9000/x"),
        ("http://localhost:8000/x", "http://localhost:8000/x"), ("https://example.com?x", "https://example.com/?x"),
        ("https://xn--bcher-kva.example/a;b=(c)", "https://xn--bcher-kva.example/a;b=(c)"),
        ("https://[::ffff:198.51.99.7]/x", "https://198.51.99.7/x"),
    ])
    func good(text: String, canonical: String) throws {
        #expect(try WebhookURL(text).text == canonical)
    }

    /// What programs read in different ways is read by nobody.
    @Test(arguments: [
        ("ftp://example.com/", WebhookURLError.scheme), ("example.com", .scheme), ("//example.com/", .scheme), ("", .scheme),
        ("file:///etc/passwd", .scheme), ("gopher://example.com", .scheme), ("https:/example.com", .malformed),
        ("https:example.com", .malformed),
        ("https://user@example.com/", .user), ("https://user:secret@example.com/", .user), ("https://example.com@127.0.0.1/", .user),
        ("https://127.0.0.1\\@example.com/", .malformed), ("https://example.com\\.evil.example/", .malformed),
        ("https://example.com/#x", .malformed), ("https://example.com#@127.0.0.1/", .malformed), ("https://example.com/a b", .malformed),
        ("https://example.com/\r\nHost: x", .malformed), ("https://example.com/\u{e9}", .malformed), ("https://", .host),
        ("https:///x", .host),
        ("https://example.com:0/", .port), ("https://example.com:22/", .port), ("https://example.com:80/", .port),
        ("https://example.com:1023/", .port),
        ("https://example.com:65536/", .port), ("https://example.com:+443/", .port), ("https://example.com:0443/", .port),
        ("https://example.com:/", .port), ("https://example.com:443:443/", .port), ("http://example.com/", .port),
        ("https://2130706433/", .host), ("https://0x7f000001/", .host), ("https://0x7f.1/", .host), ("https://0177.0.0.1/", .host),
        ("https://127.1/", .host), ("https://127.0.0.1.2/", .host), ("https://1.2.3.256/", .host), ("https://127.0.0.0x1/", .host),
        ("https://017700000001/", .host), ("https://example.com./", .host), ("https://127.0.0.1./", .host),
        ("https://.example.com/", .host),
        ("https://a..b/", .host), ("https://-a.example/", .host), ("https://a_b.example/", .host), ("https://exa%6dple.com/", .host),
        ("https://ex\u{e4}mple.com/", .host), ("https://\u{ff11}27.0.0.1/", .host), ("https://[::1/", .host), ("https://::1/", .port),
        ("https://[fe80::1%25eth0]/", .host), ("https://[127.0.0.1]/", .host), ("https://[::1]x/", .port), ("https://[]/", .host),
        ("https://\(String(repeating: "a", count: 64)).example/", .host), ("https://\(String(repeating: "a.", count: 130))example/", .host),
        ("https://example.com/\(String(repeating: "a", count: 2048))", .tooLong(2048)),
    ])
    func malformed(text: String, expected: WebhookURLError) {
        #expect(throws: expected) { try WebhookURL(text) }
    }

    private static let closed = WebhookAddressRules()

    /// Addresses that stand for this machine, for networks around it, or for nobody.
    @Test(arguments: [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
        "203.0.113.9",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe",
        "64:ff9b::10.1.2.3", "64:ff9b:1::8.8.8.8", "2002:7f00:1::1", "2002:a00:1::1", "2002:c0a8:101::", "2002:a9fe:a9fe::1", "2001::1",
        "2001:0:7f00:1::", "2001:2::1", "2001:10::1", "2001:db8::1", "3fff::1", "100::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1",
        "ff02::1", "5f00::1", "4000::1",
    ])
    func `addresses that are not called`(text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(!Self.closed.permits(address, isSecure: true))
        let host = text.contains(":") ? "[\(text)]" : text
        #expect(throws: WebhookURLError.address) { try Self.closed.url("https://\(host)/") }
    }

    @Test(arguments: [
        "1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.169.0.1",
        "198.17.255.255", "198.20.0.1", "223.255.255.255", "2606:4700::1", "2a00:1450::1", "2001:4860::1", "64:ff9b::8.8.8.8",
        "2002:808:808::1",
        "::ffff:1.1.1.1",
    ])
    func `addresses that are`(text: String) throws {
        let address = try #require(NetworkAddress(text))
        #expect(Self.closed.permits(address, isSecure: true))
        #expect(!Self.closed.permits(address, isSecure: false))
    }

    @Test func `networks that are opened on purpose`() throws {
        let rules = WebhookAddressRules(allowed: ["10.1.0.0/16", "fd00::/8"].compactMap { AddressRange($0) })
        for (text, isOpen) in [
            ("10.1.2.3", true), ("::ffff:10.1.2.3", true), ("10.2.0.1", false), ("fd12::1", true), ("fc00::1", false), ("127.0.0.1", false),
            ("64:ff9b::10.1.2.3", false), ("1.1.1.1", true),
        ] {
            let address = try #require(NetworkAddress(text))
            #expect(rules.permits(address, isSecure: true) == isOpen, "\(text)")
            #expect(!rules.permits(address, isSecure: false), "\(text)")
        }
        #expect(throws: WebhookURLError.scheme) { try rules.url("http://10.1.2.3:8000/") }
    }

    @Test func `this machine, for development`() throws {
        let rules = WebhookAddressRules(allowsLoopback: true)
        for text in ["http://127.0.0.1:8000/", "http://[::1]:8000/x", "https://127.0.0.1/", "http://localhost:3000/"] {
            #expect(try rules.url(text).text == text)
        }
        for text in ["http://10.0.0.1:8000/", "https://10.0.0.1/", "http://1.1.1.1:8000/"] {
            #expect(throws: WebhookURLError.address) { try rules.url(text) }
        }
        #expect(throws: WebhookURLError.scheme) { try Self.closed.url("http://localhost:3000/") }
        #expect(throws: WebhookURLError.address) { try Self.closed.url("https://127.0.0.1:8443/") }
    }
}
