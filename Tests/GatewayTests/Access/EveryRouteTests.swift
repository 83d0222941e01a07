import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Store
import Testing

/// Every route that the router has, without a list that somebody could forget to add to.
@Suite struct EveryRouteTests {
    /// Who reaches the server may ask for these. A PDF link opens by its token, and Asterisk has a secret of its own.
    private static let open: Set<String> = [
        "GET /health", "GET /health/ready", "GET /openapi.yaml", "GET /fax/{id}/pdf", "POST /_internal/asterisk/inbound",
    ]

    @Test func asksForAKeyAndItsScopeBeforeAnythingElse() async throws {
        try await TestGateway.run { gateway, client in
            let powerless = try await gateway.key([])
            let routes = gateway.router(keys: gateway.keys).build().routes.map { route in
                (method: route.method, path: "/\(route.path.description.drop { $0 == "/" })")
            }
            #expect(routes.count >= 25)
            #expect(Self.open.isSubset(of: Set(routes.map { "\($0.method) \($0.path)" })))
            for (method, path) in routes where !Self.open.contains("\(method) \(path)") {
                let uri = path.replacing(/{[^}]*}/, with: "019a9f3c81d04b7e9a1f6c2d5e8b7a90")
                let what: Comment = "\(method) \(path)"
                for headers in [[:], HTTPFields.key("wrong"), HTTPFields.bearer("fbk_live_a_b"), HTTPFields.bearer("a.b.c")] {
                    let response = try await client.execute(uri: uri, method: method, headers: headers, body: .init(string: "x"))
                    #expect(response.status == .unauthorized, what)
                    #expect(response.detail == "Invalid or missing API key", what)
                    #expect(response.headers[.wwwAuthenticate] == "Bearer", what)
                    #expect(response.headers[.connection] == "close", what)
                }
                let response = try await client.execute(
                    uri: uri, method: method, headers: .key(powerless.token), body: .init(string: "x"))
                #expect(response.status == .forbidden, what)
                #expect(response.detail?.hasPrefix("Insufficient scope: ") == true, what)
            }
            try await gateway.expectNothing()
        }
    }

    @Test func aKeyMayComeAsABearerToken() async throws {
        try await TestGateway.run { gateway, client in
            let key = try await gateway.key([.faxRead])
            for value in ["Bearer \(key.token)", "bearer \(key.token)", "Bearer  \(TestGateway.bootstrapKey)"] {
                #expect(try await client.get("/fax", [.authorization: value]).status == .ok)
            }
            for value in ["Basic \(key.token)", key.token, "Bearer", "Bearer ", "Bearer \(key.token)x"] {
                #expect(try await client.get("/fax", [.authorization: value]).status == .unauthorized, "\(value)")
            }
            // The key goes before the token.
            var both = HTTPFields.key("wrong")
            both[.authorization] = "Bearer \(key.token)"
            #expect(try await client.get("/fax", both).status == .unauthorized)
        }
    }
}

extension HTTPFields {
    static func bearer(_ token: String) -> HTTPFields { [.authorization: "Bearer \(token)"] }
}
