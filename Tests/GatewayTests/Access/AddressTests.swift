import HTTPTypes
import HummingbirdTesting
import Store
import Testing

/// From where a key works, and who is believed about where a request comes from.
@Suite(.timeLimit(.minutes(10))) struct AddressTests {
    private static let loopback = ["127.0.0.0/8", "::1"]
    private static let behindProxy = ["FAXLOCK_TRUSTED_PROXIES": "127.0.0.0/8,::1,10.0.0.0/8"]

    private func headers(_ token: String, forwardedFor: String...) -> HTTPFields {
        var headers = HTTPFields.key(token)
        headers[values: HTTPField.Name("X-Forwarded-For")!] = forwardedFor
        return headers
    }

    @Test func aKeyThatIsBoundToAddresses() async throws {
        try await TestGateway.run([:], .ahc(.http)) { gateway, client in
            let here = try await gateway.key([.faxRead], addresses: Self.loopback)
            let elsewhere = try await gateway.key([.faxRead], addresses: ["192.0.2.0/24"])
            #expect(try await client.get("/fax", .key(here.token)).status == .ok)
            let refused = try await client.get("/fax", .key(elsewhere.token))
            #expect(refused.status == .forbidden)
            #expect(refused.detail == "This key may not be used from this address")
            let event = try #require(try await gateway.events("sign_in.failed").first)
            #expect(event.object == "key/\(elsewhere.id)" && event.details?["cause"] == "address")
            #expect(event.actor.address.map { $0 == "127.0.0.1" || $0 == "::1" } == true)
            // Without trusted proxies nobody is believed.
            for header in ["192.0.2.7", "127.0.0.1, 192.0.2.7", "192.0.2.7, 127.0.0.1"] {
                #expect(try await client.get("/fax", headers(elsewhere.token, forwardedFor: header)).status == .forbidden)
            }
        }
    }

    @Test func whereTheAddressIsNotKnownABoundKeyDoesNotWork() async throws {
        try await TestGateway.run { gateway, client in
            let key = try await gateway.key([.faxRead], addresses: ["0.0.0.0/0", "::/0"])
            #expect(try await client.get("/fax", .key(key.token)).status == .forbidden)
        }
    }

    /// A proxy appends: what stands left of the first foreign address was written by a stranger.
    @Test func theHeaderOfATrustedProxy() async throws {
        try await TestGateway.run(Self.behindProxy, .ahc(.http)) { gateway, client in
            let key = try await gateway.key([.faxRead], addresses: ["192.0.2.0/24"])
            for (fields, status) in [
                (["192.0.2.7"], HTTPResponse.Status.ok), (["198.51.100.1, 192.0.2.7"], .ok), (["192.0.2.7, 10.1.1.1"], .ok),
                (["192.0.2.7:4711"], .ok), (["198.51.100.1", "192.0.2.7, 10.1.1.1"], .ok),
                (["192.0.2.7, 198.51.100.1"], .forbidden), (["192.0.2.7", "198.51.100.1"], .forbidden), ([], .forbidden),
                (["192.0.2.7, x"], .forbidden), (["x"], .forbidden), (["192.0.2.7,"], .forbidden), (["10.1.1.1"], .forbidden),
            ] as [([String], HTTPResponse.Status)] {
                var headers = HTTPFields.key(key.token)
                headers[values: HTTPField.Name("X-Forwarded-For")!] = fields
                #expect(try await client.get("/fax", headers).status == status, "\(fields)")
            }
        }
    }

    /// Who invents addresses before a proxy's own does not get around a limit.
    @Test func limitsGoByTheRealAddress() async throws {
        let settings = Self.behindProxy.merging(["FAXLOCK_REFUSALS_PER_MINUTE": "3"]) { $1 }
        try await TestGateway.run(settings, .ahc(.http)) { gateway, client in
            for number in 0..<3 {
                let response = try await client.get("/fax", headers("guess", forwardedFor: "203.0.113.\(number), 192.0.2.7"))
                #expect(response.status == .unauthorized)
            }
            let spoofed = headers(TestGateway.bootstrapKey, forwardedFor: "203.0.113.9, 192.0.2.7")
            #expect(try await client.get("/fax", spoofed).status == .tooManyRequests)
            #expect(try await client.get("/fax", headers(TestGateway.bootstrapKey, forwardedFor: "192.0.2.8")).status == .ok)
            // One IPv6 subscriber has 2^64 addresses, which count as one.
            for number in 1...3 { _ = try await client.get("/fax", headers("guess", forwardedFor: "2001:db8::\(number)")) }
            let neighbour = headers(TestGateway.bootstrapKey, forwardedFor: "2001:db8::ffff")
            #expect(try await client.get("/fax", neighbour).status == .tooManyRequests)
            #expect(gateway.logs.all.contains { $0.contains("\"address\": 192.0.2.7") && $0.contains("\"reason\": unauthorized") })
        }
    }
}
