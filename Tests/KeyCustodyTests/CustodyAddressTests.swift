import Testing

@testable import KeyCustody

@Suite struct CustodyAddressTests {
    @Test(arguments: [
        ("https://vault.example.com:8200", "https://vault.example.com:8200/v1", "vault.example.com:8200"),
        ("https://Vault.example.com/", "https://vault.example.com/v1", "vault.example.com"),
        ("https://vault.example.com:443/proxy/", "https://vault.example.com/proxy/v1", "vault.example.com"),
        ("https://[2001:db8::1]:8200", "https://[2001:db8::1]:8200/v1", "[2001:db8::1]:8200"),
        ("http://127.0.0.1:8200", "http://127.0.0.1:8200/v1", "127.0.0.1:8200"),
        ("http://127.8.0.1", "http://127.8.0.1/v1", "127.8.0.1"), ("http://[::1]:80", "http://[::1]/v1", "[::1]"),
        ("http://localhost:1", "http://localhost:1/v1", "localhost:1"),
    ])
    func goodAddresses(text: String, url: String, authority: String) throws {
        let address = try CustodyAddress(text, setting: "S")
        #expect(address.url("/v1") == url)
        #expect(address.authority == authority)
    }

    @Test(arguments: [
        "http://vault.example.com", "http://10.0.0.1:8200", "http://127.0.0.1.example.com", "http://[2001:db8::1]", "http://127.1",
    ])
    func overTheNetworkOnlyWithTLS(text: String) {
        let error = #expect(throws: CustodyError.self) { try CustodyAddress(text, setting: "FAXLOCK_TRANSIT_URL") }
        #expect(error?.description.contains("FAXLOCK_TRANSIT_URL must begin with https://") == true)
    }

    @Test(arguments: [
        "", "vault.example.com", "ftp://a", "https://", "https://user:pw@a", "https://a:0", "https://a:65536", "https://a:", "https://a?x",
        "https://a#x",
        "https://a b", "https://a/../b", "https://a/\r\nX: y", "https://[::1", "https://[a b]", "https://ä", "https://a/%2e",
        "https://" + String(repeating: "a", count: 300),
    ])
    func badAddresses(text: String) {
        #expect(throws: CustodyError.self) { try CustodyAddress(text, setting: "S") }
    }
}
