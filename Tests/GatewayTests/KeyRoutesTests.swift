import FaxModel
import HTTPTypes
import HummingbirdTesting
import Store
import Testing

/// Keys over the API: make, list, rotate, revoke.
@Suite struct KeyRoutesTests {
    private static let listNames: Set<String> = [
        "key_id", "name", "owner", "scopes", "addresses", "grants", "created_at", "last_used_at", "expires_at", "revoked_at", "note",
    ]

    @Test func madeWithEverything() async throws {
        try await TestGateway.run { gateway, client in
            let response = try await client.post(
                "/admin/api-keys",
                json: """
                    {"name": "Front desk", "owner": "Clinic", "scopes": ["fax:read", "inbound:list"],
                     "expires_at": "2026-11-22T10:30:00+01:00", "note": "until the move"}
                    """)
            #expect(response.status == .ok)
            #expect(response.headers[.cacheControl] == "no-store")
            let made = try response.json()
            let token = try #require(made["token"]?.text)
            let id = try #require(made["key_id"]?.text)
            #expect(made.names == ["key_id", "token", "name", "owner", "scopes", "addresses", "grants", "expires_at"])
            #expect(token.wholeMatch(of: /fbk_live_[0-9A-Za-z]{1,64}_[0-9a-f]{64}/) != nil)
            #expect(token.hasPrefix("fbk_live_\(id)_"))
            #expect(made["name"] == "Front desk")
            #expect(made["owner"] == "Clinic")
            #expect(made["scopes"] == ["fax:read", "inbound:list"])
            #expect(made["expires_at"] == "2026-11-22T09:30:00.000Z")

            #expect(try await client.get("/fax", .key(token)).status == .ok)
            gateway.clock.advance(by: .seconds(1))
            let list = try await client.get("/admin/api-keys")
            let key = try #require(try list.json()[0])
            #expect(key.names == Self.listNames)
            #expect(key["note"] == "until the move")
            #expect(key["created_at"] == "2026-11-22T08:30:00.000Z")
            #expect(key["last_used_at"] == "2026-11-22T08:30:00.000Z")
            #expect(key["revoked_at"] == .null)
            #expect(!list.bytes.contains(Array(token.utf8.suffix(64))))
        }
    }

    @Test(arguments: [nil, "", "{}", #"{"name": null, "scopes": null, "expires_at": null, "unknown": 1}"#])
    func madeWithDefaults(body: String?) async throws {
        try await TestGateway.run { _, client in
            let made = try await client.post("/admin/api-keys", json: body).json()
            #expect(made.names == ["key_id", "token", "name", "owner", "scopes", "addresses", "grants", "expires_at"])
            #expect(made["scopes"] == ["fax:read", "fax:send"])
            for name in ["name", "owner", "expires_at"] { #expect(made[name] == .null) }
            let key = try #require(try await client.get("/admin/api-keys").json()[0])
            #expect(key.names == Self.listNames)
            for name in ["name", "owner", "note", "last_used_at", "expires_at", "revoked_at"] { #expect(key[name] == .null) }
        }
    }

    private static let malformed = [
        "[]", "x", "{", "1", #"{"scopes": "fax:send"}"#, #"{"scopes": ["fax:everything"]}"#, #"{"name": 1}"#,
        #"{"expires_at": "tomorrow"}"#, #"{"expires_at": "2026-02-30"}"#, "{\"name\": \"\(String(repeating: "n", count: 201))\"}",
        "{\"note\": \"\(String(repeating: "n", count: 1001))\"}", "\u{0}",
    ]

    @Test(arguments: malformed) func refused(body: String) async throws {
        try await TestGateway.run { gateway, client in
            let response = try await client.post("/admin/api-keys", json: body)
            #expect(response.status == .unprocessableContent)
            #expect(response.detail != nil)
            #expect(try await gateway.store.apiKeys().isEmpty)
        }
    }

    @Test func tooLongABody() async throws {
        try await TestGateway.run { gateway, client in
            let response = try await client.post("/admin/api-keys", json: String(repeating: " ", count: 70_000))
            #expect(response.status == .contentTooLarge)
            #expect(response.detail != nil)
            #expect(try await gateway.store.apiKeys().isEmpty)
        }
    }

    @Test func theOldTokenIsDeadAtOnceAfterRotation() async throws {
        try await TestGateway.run { gateway, client in
            let old = try await gateway.key(.faxRead)
            let id = try #require(old.split(separator: "_").dropFirst(2).first)
            let response = try await client.post("/admin/api-keys/\(id)/rotate")
            #expect(response.status == .ok)
            #expect(response.headers[.cacheControl] == "no-store")
            let rotated = try response.json()
            #expect(rotated.names == ["key_id", "token", "name", "owner", "scopes", "addresses", "grants", "expires_at"])
            #expect(rotated["key_id"]?.text == String(id))
            #expect(rotated["scopes"] == ["fax:read"])
            let new = try #require(rotated["token"]?.text)
            #expect(try await client.get("/fax", .key(old)).status == .unauthorized)
            #expect(try await client.get("/fax", .key(new)).status == .ok)
            #expect(try await gateway.store.apiKeys().count == 1)
        }
    }

    @Test func aRevokedKeyIsDeadAtOnceAndStaysSo() async throws {
        try await TestGateway.run { gateway, client in
            let token = try await gateway.key(.faxRead)
            let id = try #require(token.split(separator: "_").dropFirst(2).first)
            let path = "/admin/api-keys/\(id)"
            #expect(try await client.get("/fax", .key(token)).status == .ok)
            let response = try await client.execute(uri: path, method: .delete, headers: .bootstrap)
            #expect(response.status == .ok)
            #expect(try response.json() == .object(["status": "ok"]))
            #expect(try await client.get("/fax", .key(token)).status == .unauthorized)
            #expect(try await client.get("/admin/api-keys").json()[0]?["revoked_at"] == "2026-11-22T08:30:00.000Z")
            for (method, uri) in [(HTTPRequest.Method.delete, path), (.post, path + "/rotate")] {
                let again = try await client.execute(uri: uri, method: method, headers: .bootstrap)
                #expect(again.status == .notFound)
                #expect(again.detail == "Key not found")
            }
            #expect(try await client.get("/fax", .key(token)).status == .unauthorized)
        }
    }

    /// Whatever order the two take: a key whose revocation was confirmed opens nothing, neither with the old token nor with a new one.
    @Test func rotationDoesNotUndoARevocation() async throws {
        try await TestGateway.run { gateway, client in
            for _ in 0..<20 {
                let token = try await gateway.key(.faxRead)
                let id = try #require(token.split(separator: "_").dropFirst(2).first)
                async let rotation = client.post("/admin/api-keys/\(id)/rotate")
                async let revocation = client.execute(uri: "/admin/api-keys/\(id)", method: .delete, headers: .bootstrap)
                let (rotated, revoked) = try await (rotation, revocation)
                #expect(revoked.status == .ok)
                #expect([.ok, .notFound, .conflict].contains(rotated.status))
                let new = try rotated.json()["token"]?.text
                for token in [token, new].compactMap(\.self) {
                    #expect(try await client.get("/fax", .key(token)).status == .unauthorized)
                }
            }
            let keys = try await gateway.store.apiKeys()
            #expect(keys.count == 20)
            #expect(keys.allSatisfy { $0.revokedAt != nil })
        }
    }

    /// Of rotations at the same time, the token that works is the one that works after a restart too.
    @Test func rotationsAtTheSameTimeAgree() async throws {
        try await TestGateway.run { gateway, client in
            let first = try await gateway.key(.faxRead)
            let id = try #require(first.split(separator: "_").dropFirst(2).first)
            let tokens = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        let response = try await client.post("/admin/api-keys/\(id)/rotate")
                        #expect([.ok, .conflict].contains(response.status))
                        return try response.json()["token"]?.text
                    }
                }
                return try await group.reduce(into: [first]) { tokens, token in if let token { tokens.append(token) } }
            }
            var living: [String] = []
            for token in tokens where try await client.get("/fax", .key(token)).status == .ok { living.append(token) }
            #expect(living.count == 1)
            let good = try #require(living.first)
            try await gateway.afterRestart { client async throws in
                #expect(try await client.get("/fax", .key(good)).status == .ok)
            }
        }
    }

    @Test func unknownKeys() async throws {
        try await TestGateway.run { _, client async throws in
            for id in ["k", "..%2f", "%00", "bootstrap", String(repeating: "k", count: 1000)] {
                let path = "/admin/api-keys/\(id)"
                #expect(try await client.execute(uri: path, method: .delete, headers: .bootstrap).detail == "Key not found")
                #expect(try await client.post(path + "/rotate").detail == "Key not found")
            }
        }
    }

    @Test func listedOldestFirst() async throws {
        try await TestGateway.run { gateway, client in
            for name in ["first", "second", "third"] {
                _ = try await client.post("/admin/api-keys", json: "{\"name\": \"\(name)\"}")
                gateway.clock.advance(by: .milliseconds(1))
            }
            #expect(try await client.get("/admin/api-keys").json().items.map { $0["name"] } == ["first", "second", "third"])
        }
    }
}
