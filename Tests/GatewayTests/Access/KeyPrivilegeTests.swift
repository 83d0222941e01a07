import FaxModel
import GRDB
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Store
import Testing

/// Nobody gives away, or takes for himself, what he does not have.
@Suite struct KeyPrivilegeTests {
    private func create(
        _ client: any TestClientProtocol, _ token: String, scopes: [String], grants: [String] = []
    ) async throws -> TestResponse {
        func list(_ words: [String]) -> String { words.map { "\"\($0)\"" }.joined(separator: ", ") }
        return try await client.post(
            "/admin/api-keys", .key(token), json: #"{"scopes": [\#(list(scopes))], "grants": [\#(list(grants))]}"#)
    }

    @Test func scopes() async throws {
        try await TestGateway.run { gateway, client in
            let manager = try await gateway.key([.keysManage, .faxRead])
            let strong = try await gateway.key([.faxRead, .auditRead])
            #expect(try await create(client, manager.token, scopes: ["fax:read"]).status == .ok)
            #expect(try await create(client, manager.token, scopes: ["keys:manage", "fax:read"]).status == .ok)
            for scopes in [["fax:send"], ["fax:read", "audit:read"], ["emergency:open"]] {
                let refused = try await create(client, manager.token, scopes: scopes)
                #expect(refused.status == .forbidden)
                #expect(refused.detail?.hasPrefix("You cannot give a scope that you do not have: ") == true)
            }
            // The default has fax:send.
            #expect(try await client.post("/admin/api-keys", .key(manager.token)).status == .forbidden)
            // Nor by a new token for a key that has more.
            let path = "/admin/api-keys/\(strong.id)"
            #expect(try await client.post(path + "/rotate", .key(manager.token)).status == .forbidden)
            let grants = try await client.execute(
                uri: path + "/grants", method: .put, headers: .key(manager.token),
                body: ByteBuffer(string: #"{"grants": ["*:reader"]}"#))
            #expect(grants.status == .forbidden)
            #expect(try await client.get("/fax", .key(strong.token)).status == .ok)
            // Taking away is not giving.
            #expect(try await client.execute(uri: path, method: .delete, headers: .key(manager.token)).status == .ok)
        }
    }

    /// What the database has of other keys does not keep a reduction from this one.
    @Test func reducedBesideADamagedKey() async throws {
        try await TestGateway.run { gateway, client in
            for id in ["ward", "lab"] { try await gateway.mailbox(id) }
            let key = try await gateway.key([.faxRead], grants: ["ward:reader", "lab:reader"])
            let other = try await gateway.key([.faxRead])
            let fax = try await gateway.fax(owner: "another", in: "lab")
            #expect(try await client.get("/fax/\(fax)", .key(key.token)).status == .ok)
            let database = try DatabaseQueue(path: gateway.path + "/faxlock.db")
            try await database.write { [id = other.id] database in
                try database.execute(sql: "UPDATE api_keys SET sealed_name = x'00' WHERE id = ?", arguments: [id])
            }
            try database.close()
            let response = try await client.execute(
                uri: "/admin/api-keys/\(key.id)/grants", method: .put, headers: .bootstrap,
                body: ByteBuffer(string: #"{"grants": ["ward:reader"]}"#))
            #expect(response.status == .ok)
            #expect(try await client.get("/fax/\(fax)", .key(key.token)).status == .notFound)
        }
    }

    /// Who manages the keys of one mailbox.
    @Test func rolesInMailboxes() async throws {
        try await TestGateway.run { gateway, client in
            for id in ["ward", "lab"] { try await gateway.mailbox(id) }
            let scopes: Set<Scope> = [.keysManage, .faxRead, .inboundList, .inboundRead]
            let manager = try await gateway.key(scopes, grants: ["ward:administrator", "lab:reader"])
            let foreign = try await gateway.key([.faxRead], grants: ["lab:reader"])
            let free = try await gateway.key([.faxRead])
            let made = try await create(client, manager.token, scopes: ["inbound:read"], grants: ["ward:reader"])
            #expect(made.status == .ok)
            #expect(try made.json()["grants"] == ["ward:reader"])
            for grants in [["lab:reader"], ["*:reader"], ["ward:reader", "lab:auditor"], [], ["main:sender"]] {
                #expect(try await create(client, manager.token, scopes: ["inbound:read"], grants: grants).status == .forbidden, "\(grants)")
            }
            // Others' keys do not exist.
            #expect(try await client.get("/admin/api-keys", .key(manager.token)).json().items.count == 1)
            for id in [foreign.id, free.id] {
                for (method, path) in [
                    (HTTPRequest.Method.delete, ""), (.post, "/rotate"), (.put, "/grants"), (.delete, "/grants"),
                ] {
                    let response = try await client.execute(
                        uri: "/admin/api-keys/\(id)\(path)", method: method, headers: .key(manager.token))
                    #expect(response.status == .notFound, "\(method) \(path)")
                }
            }
            // A key without grants would see more than its manager.
            let id = try #require(try made.json()["key_id"]?.text)
            let removal = try await client.execute(uri: "/admin/api-keys/\(id)/grants", method: .delete, headers: .key(manager.token))
            #expect(removal.status == .forbidden)
            #expect(try await client.post("/admin/people/revoke", .key(manager.token), json: #"{"person": "jane"}"#).status == .forbidden)
            #expect(try await client.get("/fax/\(try await gateway.fax(owner: "another", in: "lab"))", .key(manager.token)).status == .ok)
            #expect(try await client.get("/fax/\(try await gateway.fax(owner: "another"))", .key(manager.token)).status == .notFound)
        }
    }

    @Test func grantsChangeAtOnce() async throws {
        try await TestGateway.run { gateway, client in
            for id in ["ward", "lab"] { try await gateway.mailbox(id) }
            let key = try await gateway.key([.faxRead], grants: ["ward:reader"])
            let (ward, lab) = (try await gateway.fax(owner: "another", in: "ward"), try await gateway.fax(owner: "another", in: "lab"))
            let link = try await client.post("/fax/\(ward)/pdf-token", .key(key.token)).json()["token"]?.text ?? ""
            #expect(try await client.get("/fax/\(ward)/pdf?token=\(link)", [:]).status == .ok)
            func set(_ method: HTTPRequest.Method, _ body: String?) async throws -> TestResponse {
                try await client.execute(
                    uri: "/admin/api-keys/\(key.id)/grants", method: method, headers: .bootstrap, body: body.map { ByteBuffer(string: $0) })
            }
            #expect(
                try await set(.put, #"{"grants": ["lab:auditor", "*:sender"]}"#).json() == .object(["grants": ["*:sender", "lab:auditor"]]))
            #expect(try await client.get("/fax/\(ward)", .key(key.token)).status == .notFound)
            #expect(try await client.get("/fax/\(lab)", .key(key.token)).status == .ok)
            #expect(try await client.get("/fax/\(ward)/pdf?token=\(link)", [:]).status == .forbidden)
            #expect(try await client.get("/admin/api-keys").json()[0]?["grants"] == ["*:sender", "lab:auditor"])
            #expect(try await set(.delete, nil).json() == .object(["grants": []]))
            #expect(try await client.get("/fax/\(lab)", .key(key.token)).status == .notFound)
            for body in ["", "{}", #"{"grants": ["ward"]}"#, #"{"grants": ["ward:king"]}"#, #"{"grants": ["attic:reader"]}"#] {
                #expect(try await set(.put, body).status == .unprocessableContent, "\(body)")
            }
            #expect(try await gateway.events("grant.changed").map { $0.details?["grants"] } == ["*:sender lab:auditor", ""])
            try await gateway.afterRestart { client async throws in
                #expect(try await client.get("/fax/\(lab)", .key(key.token)).status == .notFound)
            }
        }
    }

    @Test func addresses() async throws {
        try await TestGateway.run { gateway, client in
            let made = try await client.post("/admin/api-keys", json: #"{"addresses": ["192.0.2.9/24", "2001:DB8::1"]}"#)
            #expect(try made.json()["addresses"] == ["192.0.2.0/24", "2001:db8::1"])
            #expect(try await client.get("/admin/api-keys").json()[0]?["addresses"] == ["192.0.2.0/24", "2001:db8::1"])
            for text in ["192.0.2", "example.org", "192.0.2.0/33", "", "192.0.2.1 192.0.2.2"] {
                let refused = try await client.post("/admin/api-keys", json: #"{"addresses": ["\#(text)"]}"#)
                #expect(refused.status == .unprocessableContent, "\(text)")
            }
            // A new token does not free a key of its bounds.
            let id = try #require(try made.json()["key_id"]?.text)
            #expect(try await client.post("/admin/api-keys/\(id)/rotate").json()["addresses"] == ["192.0.2.0/24", "2001:db8::1"])
        }
    }
}
