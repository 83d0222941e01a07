import FaxModel
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Store
import Testing

/// Who may do what, on every route.
@Suite struct AuthenticationTests {
    struct Route: Sendable, CustomStringConvertible {
        let method: HTTPRequest.Method
        let path: String
        let scope: Scope
        var description: String { "\(method) \(path)" }
    }

    private static let id = "019a9f3c81d04b7e9a1f6c2d5e8b7a90"

    /// Every route that asks for a key.
    static let routes: [Route] = [
        Route(method: .post, path: "/fax", scope: .faxSend),
        Route(method: .get, path: "/fax", scope: .faxRead),
        Route(method: .get, path: "/fax/\(id)", scope: .faxRead),
        Route(method: .post, path: "/fax/\(id)/pdf-token", scope: .faxRead),
        Route(method: .get, path: "/inbound", scope: .inboundList),
        Route(method: .get, path: "/inbound/\(id)", scope: .inboundRead),
        Route(method: .get, path: "/inbound/\(id)/pdf", scope: .inboundRead),
        Route(method: .post, path: "/admin/api-keys", scope: .keysManage),
        Route(method: .get, path: "/admin/api-keys", scope: .keysManage),
        Route(method: .delete, path: "/admin/api-keys/k1", scope: .keysManage),
        Route(method: .post, path: "/admin/api-keys/k1/rotate", scope: .keysManage),
        Route(method: .get, path: "/admin/config", scope: .keysManage),
    ]

    private func expectUnauthorized(_ response: TestResponse, _ what: Comment) {
        #expect(response.status == .unauthorized, what)
        #expect(response.detail == "Invalid or missing API key", what)
    }

    @Test(arguments: routes) func needsAKey(route: Route) async throws {
        try await TestGateway.run { gateway, client in
            let good = try await gateway.key(route.scope)
            let expired = try await gateway.key(route.scope, expiresAt: gateway.clock.now.advanced(by: .seconds(60)))
            gateway.clock.advance(by: .seconds(60))
            let foreign = try await gateway.key(route.scope)
            let id = try #require(good.split(separator: "_").dropFirst(2).first)
            let secret = try #require(foreign.split(separator: "_").last)
            let wrong = [
                nil, "", " ", "fbk_live_", "fbk_live_x_y", good + "0", String(good.dropLast()), good.uppercased(), expired,
                "fbk_live_\(id)_\(secret)", TestGateway.bootstrapKey + "x", String(repeating: "k", count: 5000),
            ]
            for token in wrong {
                let response = try await client.execute(uri: route.path, method: route.method, headers: .key(token))
                expectUnauthorized(response, "\(token ?? "none")")
            }
            for token in [good, TestGateway.bootstrapKey] {
                let response = try await client.execute(uri: route.path, method: route.method, headers: .key(token))
                #expect(response.status != .unauthorized && response.detail?.hasPrefix("Insufficient scope") != true)
                #expect(response.status.code < 500)
            }
        }
    }

    @Test(arguments: routes) func needsItsScope(route: Route) async throws {
        try await TestGateway.run { gateway, client in
            for scope in Scope.allCases where scope != route.scope {
                let response = try await client.execute(
                    uri: route.path, method: route.method, headers: .key(try await gateway.key(scope)))
                #expect(response.status == .forbidden)
                #expect(response.detail == "Insufficient scope: \(route.scope.rawValue) required")
            }
            try await gateway.expectNothing()
        }
    }

    @Test func anExpiringKeyWorksToItsLastMillisecond() async throws {
        try await TestGateway.run { gateway, client in
            let key = try await gateway.key(.faxRead, expiresAt: gateway.clock.now.advanced(by: .milliseconds(2)))
            gateway.clock.advance(by: .milliseconds(1))
            #expect(try await client.get("/fax", .key(key)).status == .ok)
            gateway.clock.advance(by: .milliseconds(1))
            expectUnauthorized(try await client.get("/fax", .key(key)), "expired")
        }
    }

    @Test func whatNeedsNoKey() async throws {
        try await TestGateway.run { _, client async throws in
            for path in ["/health", "/health/ready", "/openapi.yaml"] {
                #expect(try await client.get(path, [:]).status == .ok)
            }
        }
    }

    @Test func keysMayBeOptional() async throws {
        try await TestGateway.run(["REQUIRE_API_KEY": "false"]) { gateway, client in
            #expect(try await client.send(.good, [:]).status == .accepted)
            let list = try await client.get("/fax", [:]).json()
            #expect(list.items.count == 1)
            #expect(try await client.get("/admin/config", [:]).status == .ok)
            // Who says who he is must be right.
            expectUnauthorized(try await client.get("/fax", .key("wrong")), "wrong key")
        }
    }

    /// No key at all opens nothing, whatever is sent.
    @Test func withoutAnyKeyNothingOpens() async throws {
        try await TestGateway.run(["API_KEY": ""]) { gateway, client in
            #expect(gateway.keys.isEmpty)
            for token in [nil, "", "fbk_live_", TestGateway.bootstrapKey] {
                expectUnauthorized(try await client.get("/fax", .key(token)), "\(token ?? "none")")
            }
            _ = try await gateway.key(.faxRead)
            #expect(!gateway.keys.isEmpty)
        }
    }

    /// Keys that a former start made work in the next one.
    @Test func keysAreKeptOverARestart() async throws {
        try await TestGateway.run { gateway, client in
            let kept = try await gateway.key(.faxRead)
            let revoked = try await gateway.key(.faxRead)
            let id = try #require(revoked.split(separator: "_").dropFirst(2).first)
            #expect(try await client.execute(uri: "/admin/api-keys/\(id)", method: .delete, headers: .bootstrap).status == .ok)
            try await gateway.afterRestart { client async throws in
                #expect(try await client.get("/fax", .key(kept)).status == .ok)
                #expect(try await client.get("/fax", .key(revoked)).status == .unauthorized)
                #expect(try await client.get("/fax", .bootstrap).status == .unauthorized)
            }
        }
    }

    @Test func aKeySeesItsOwnFaxesOnly() async throws {
        try await TestGateway.run { gateway, client in
            let mine = try await gateway.key(.faxSend, .faxRead)
            let yours = try await gateway.key(.faxSend, .faxRead)
            let manager = try await gateway.key(.faxRead, .keysManage)
            let id = try #require(try await client.send(.good, .key(mine)).json()["id"]?.text)
            #expect(try await client.send(.good, .key(yours)).status == .accepted)

            for (key, count) in [(mine, 1), (yours, 1), (manager, 2), (TestGateway.bootstrapKey, 2)] {
                #expect(try await client.get("/fax", .key(key)).json().items.count == count)
            }
            for key in [mine, manager, TestGateway.bootstrapKey] {
                #expect(try await client.get("/fax/\(id)", .key(key)).status == .ok)
                #expect(try await client.post("/fax/\(id)/pdf-token", .key(key)).status == .ok)
            }
            for path in ["/fax/\(id)", "/fax/019a9f3c81d04b7e9a1f6c2d5e8b7a90", "/fax/x", "/fax/..%2F"] {
                let response = try await client.get(path, .key(yours))
                #expect(response.status == .notFound)
                #expect(response.detail == "Job not found")
            }
            #expect(try await client.post("/fax/\(id)/pdf-token", .key(yours)).detail == "Job not found")
        }
    }
}
