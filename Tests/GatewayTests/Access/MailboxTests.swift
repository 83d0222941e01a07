import FaxModel
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Store
import Testing

/// Mailboxes over the API: rules and numbers.
@Suite struct MailboxTests {
    private func put(_ client: any TestClientProtocol, _ id: String, _ body: String, _ headers: HTTPFields = .bootstrap) async throws
        -> TestResponse
    {
        try await client.execute(uri: "/admin/mailboxes/\(id)", method: .put, headers: headers, body: ByteBuffer(string: body))
    }

    @Test func madeAndChanged() async throws {
        try await TestGateway.run { gateway, client in
            let made = try await put(
                client, "ward", #"{"retention_days": 30, "delete_on_success": true, "numbers": ["+15551230100", "15551230102"]}"#)
            #expect(made.status == .ok)
            let json = try made.json()
            #expect(json.names == ["id", "numbers", "retention_days", "inbound_retention_days", "delete_on_success"])
            #expect(json["id"] == "ward" && json["retention_days"] == 30 && json["inbound_retention_days"] == .null)
            #expect(json["delete_on_success"] == true)
            #expect(Set(json["numbers"]?.items.compactMap(\.text) ?? []) == ["+15551230100", "15551230102"])
            #expect(try await client.get("/admin/mailboxes/ward").json() == json)
            #expect(try await client.get("/admin/mailboxes").json().items.map { $0["id"] } == ["main", "ward"])
            // With or without +, a number is the same; one that is left out is retired; without the list all stay.
            #expect(try await put(client, "ward", #"{"numbers": ["15551230100"]}"#).json()["numbers"] == ["+15551230100"])
            let changed = try await put(client, "ward", #"{"inbound_retention_days": 0}"#).json()
            #expect(changed["numbers"] == ["+15551230100"])
            #expect(changed["retention_days"] == .null && changed["inbound_retention_days"] == 0)
            #expect(try await gateway.store.mailbox(ofNumber: "15551230100") == "ward")
            #expect(try await gateway.store.mailbox(ofNumber: "+15551230102") == "main")

            let taken = try await put(client, "lab", #"{"numbers": ["+15551230103", "+15551230100"]}"#)
            #expect(taken.status == .conflict)
            #expect(try await client.get("/admin/mailboxes/lab").status == .notFound)
            #expect(try await gateway.store.mailbox(ofNumber: "+15551230103") == "main")

            #expect(try await gateway.events("mailbox.changed").count == 3)
            #expect(try await gateway.events("number.changed").map { $0.details?["change"] } == ["assigned", "assigned", "retired"])
            let leaves = try await gateway.store.ledgerEntries(from: 0, limit: 1000)
            #expect(!leaves.contains { String(decoding: $0.leaf, as: UTF8.self).contains("555123") })
        }
    }

    @Test func malformed() async throws {
        try await TestGateway.run { gateway, client async throws in
            for (id, body) in [
                ("ward", "[]"), ("ward", #"{"retention_days": -1}"#), ("ward", #"{"retention_days": 36501}"#),
                ("ward", #"{"retention_days": "30"}"#), ("ward", #"{"numbers": ["12345"]}"#), ("ward", #"{"numbers": ["x"]}"#),
                ("Ward", "{}"), ("a%20b", "{}"), ("%2e%2e", "{}"), (String(repeating: "w", count: 65), "{}"),
            ] {
                #expect(try await put(client, id, body).status == .unprocessableContent, "\(id) \(body)")
            }
            #expect(try await gateway.store.mailboxes().map(\.mailbox.id) == ["main"])
        }
    }

    @Test func theirAdministratorsChangeThem() async throws {
        try await TestGateway.run { gateway, client in
            for id in ["ward", "lab"] { try await gateway.mailbox(id) }
            let key = try await gateway.key([.keysManage], grants: ["ward:administrator", "lab:reader"])
            let headers = HTTPFields.key(key.token)
            #expect(try await client.get("/admin/mailboxes", headers).json().items.map { $0["id"] } == ["ward"])
            #expect(try await put(client, "ward", "{}", headers).status == .ok)
            #expect(try await put(client, "lab", "{}", headers).status == .forbidden)
            #expect(try await put(client, "attic", "{}", headers).status == .forbidden)
            #expect(try await client.get("/admin/mailboxes/lab", headers).status == .notFound)
        }
    }

    /// Numbers of no mailbox lead to `main`: one mailbox's administrator does not turn them to his own.
    @Test func numbersAreForAdministratorsOfAll() async throws {
        try await TestGateway.run { gateway, client in
            try await gateway.mailbox("ward", numbers: ["+15551230102"])
            let one = try await gateway.key([.keysManage], grants: ["ward:administrator"])
            let all = try await gateway.key([.keysManage], grants: ["*:administrator"])
            for numbers in [#"["+15551230100", "+15551230102"]"#, "[]"] {
                let refused = try await put(client, "ward", #"{"numbers": \#(numbers)}"#, .key(one.token))
                #expect(refused.status == .forbidden)
                #expect(refused.detail == "Assigning numbers takes an administrator of all mailboxes")
            }
            #expect(try await gateway.store.mailbox(ofNumber: "+15551230100") == "main")
            #expect(try await gateway.store.mailbox(ofNumber: "+15551230102") == "ward")
            #expect(try await put(client, "ward", #"{"retention_days": 3}"#, .key(one.token)).status == .ok)
            #expect(try await put(client, "ward", #"{"numbers": ["+15551230100"]}"#, .key(all.token)).status == .ok)
            #expect(try await gateway.store.mailbox(ofNumber: "+15551230100") == "ward")
        }
    }
}
