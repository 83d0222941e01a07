import FaxModel
import HTTPTypes
import HummingbirdTesting
import Ledger
import NIOCore
import Store
import Testing
import Webhooks

@testable import Gateway

@Suite struct WebhookRoutesTests {
    private static let url = "https://hooks.example.com/fax?t=1"

    private func make(
        _ client: any TestClientProtocol, _ headers: HTTPFields = .bootstrap, _ more: String = ""
    ) async throws -> JSONValue {
        let response = try await client.post("/webhooks", headers, json: #"{"url": "\#(Self.url)"\#(more)}"#)
        #expect(response.status == .created)
        return try response.json()
    }

    @Test func `made, listed, changed and removed`() async throws {
        try await TestGateway.run { gateway, client in
            let made = try await make(client, .bootstrap, #", "events": ["fax.failed", "fax.delivered", "fax.failed"]"#)
            #expect(made.names == ["id", "url", "owner", "made_by", "all", "events", "secret", "created_at", "disabled_at"])
            #expect(made["made_by"] == "bootstrap")
            #expect(made["url"]?.text == Self.url && made["owner"] == "bootstrap" && made["all"] == false && made["disabled_at"] == .null)
            #expect(made["events"] == ["fax.delivered", "fax.failed"])
            let id = try #require(made["id"]?.text)
            let first = try #require(made["secret"]?.text)
            #expect(WebhookSecret(first) != nil)

            // The secret is shown once.
            let listed = try await client.get("/webhooks").json()
            #expect(listed.items.count == 1 && listed[0]?.names == made.names.subtracting(["secret"]))
            let all = try await make(client, .bootstrap, #", "all": true"#)
            #expect(all["events"]?.items.contains("fax.page_confirmed") == false && all["events"]?.items.contains("fax.unknown") == true)

            // A message is signed by the secrets that there are when it goes.
            #expect(try await client.post("/webhooks/\(id)/test").status == .accepted)
            func signing() async throws -> [[String]] {
                try await gateway.store.dueDeliveries(except: [], busy: [], limit: 9).map(\.secrets)
            }
            #expect(try await signing() == [[first]])
            let rotated = try await client.post("/webhooks/\(id)/rotate").json()
            let second = try #require(rotated["secret"]?.text)
            #expect(second != first)
            #expect(try await signing() == [[second, first]])
            gateway.clock.advance(by: .seconds(86_400))
            #expect(try await signing() == [[second]])

            let removed = try await client.execute(uri: "/webhooks/\(id)", method: .delete, headers: .bootstrap)
            #expect(removed.status == .ok)
            #expect(try await client.execute(uri: "/webhooks/\(id)", method: .delete, headers: .bootstrap).status == .notFound)
            #expect(try await client.post("/webhooks/\(id)/rotate").status == .notFound)
            #expect(try await client.get("/webhooks").json().items.count == 1)
            let leaves = try await gateway.store.ledgerEntries(from: 0, limit: 100).map { String(decoding: $0.leaf, as: UTF8.self) }
                .filter { $0.contains("webhook.changed") && $0.contains(id) }
            #expect(leaves.count == 3)
            for (leaf, change) in zip(leaves, ["created", "rotated", "removed"]) { #expect(leaf.contains(change)) }
            #expect(!leaves.joined().contains("hooks.example.com") && !leaves.joined().contains("whsec_"))
        }
    }

    @Test func `tried, looked at and replayed`() async throws {
        try await TestGateway.run { gateway, client in
            let id = try #require(try await make(client)["id"]?.text)
            let tried = try await client.post("/webhooks/\(id)/test")
            #expect(tried.status == .accepted)
            let message = try tried.json()
            #expect(
                message.names == [
                    "id", "webhook", "type", "state", "attempts", "next_at", "last_status", "last_failure", "created_at", "ended_at",
                ])
            #expect(message["webhook"]?.text == id && message["type"] == "webhook.test" && message["state"] == "pending")
            let key = try #require(message["id"]?.text)
            #expect(try await client.get("/webhooks/deliveries/\(key)").json() == message)
            for path in ["/webhooks/\(id)/deliveries", "/webhooks/deliveries", "/webhooks/deliveries?state=pending&limit=1"] {
                #expect(try await client.get(path).json() == .array([message]), "\(path)")
            }
            #expect(try await client.get("/webhooks/deliveries?before=\(key)").json() == [])
            #expect(try await client.get("/webhooks/\(id)/deliveries?state=dead").json() == [])

            try await gateway.store.attempted(key, .dead(status: nil, failure: "timeout"))
            let dead = try await client.get("/webhooks/\(id)/deliveries?state=dead").json()
            #expect(dead[0]?["last_failure"] == "timeout" && dead[0]?["next_at"] == .null && dead[0]?["attempts"] == 1)
            let replayed = try await client.post("/webhooks/deliveries/\(key)/replay")
            #expect(replayed.status == .accepted)
            let again = try replayed.json()
            #expect(again["id"]?.text == key && again["state"] == "pending" && again["attempts"] == 0)
            try await gateway.store.attempted(key, .dead(status: 500, failure: nil))
            #expect(try await client.post("/webhooks/\(id)/replay").json()["replayed"] == 1)
            #expect(try await client.post("/webhooks/\(id)/replay").json()["replayed"] == 0)

            try await gateway.store.attempted(key, .gone)
            #expect(try await client.get("/webhooks").json()[0]?["disabled_at"]?.text != nil)
            for path in ["/webhooks/\(id)/test", "/webhooks/\(id)/replay", "/webhooks/deliveries/\(key)/replay"] {
                #expect(try await client.post(path).status == .conflict, "\(path)")
            }
        }
    }

    @Test func `the secret of callback URLs is the key's own`() async throws {
        try await TestGateway.run { gateway, client in
            let (one, two) = (HTTPFields.key(try await gateway.key(.faxSend)), HTTPFields.key(try await gateway.key(.faxSend)))
            let first = try await client.get("/webhooks/secret", one).json()
            #expect(WebhookSecret(try #require(first["secret"]?.text)) != nil && first.names == ["secret"])
            #expect(try await client.get("/webhooks/secret", one).json() == first)
            #expect(try await client.get("/webhooks/secret", two).json() != first)
            let second = try await client.post("/webhooks/secret/rotate", one).json()
            #expect(second != first && second.names == ["secret"])
            #expect(try await client.get("/webhooks/secret", one).json() == second)
        }
    }

    @Test func malformed() async throws {
        let bodies = [
            "{}", "x", #"{"url": ""}"#, #"{"url": "http://hooks.example.com/"}"#, #"{"url": "https://127.0.0.1/"}"#,
            #"{"url": "https://[::ffff:10.0.0.1]/"}"#, #"{"url": "https://2130706433/"}"#, #"{"url": "https://user@hooks.example.com/"}"#,
            #"{"url": "https://hooks.example.com:22/"}"#, #"{"url": "https://hooks.example.com/", "events": ["fax.dialled"]}"#,
            #"{"url": "https://hooks.example.com/", "events": "fax.delivered"}"#, #"{"url": 7}"#,
        ]
        try await TestGateway.run { gateway, client in
            for body in bodies {
                let response = try await client.post("/webhooks", json: body)
                #expect(response.status == .unprocessableContent && response.detail != nil, "\(body)")
            }
            #expect(try await gateway.store.webhooks().isEmpty)
        }
    }

    @Test func `networks that the settings open`() async throws {
        let settings = ["FAXLOCK_WEBHOOK_ALLOW_LOOPBACK": "true", "FAXLOCK_WEBHOOK_ALLOWED_NETWORKS": "10.20.0.0/16"]
        try await TestGateway.run(settings) { _, client in
            for (url, isGood) in [
                ("http://127.0.0.1:9000/", true), ("http://localhost:9000/", true), ("https://10.20.3.4/", true),
                ("https://10.21.0.1/", false),
                ("http://10.20.3.4:9000/", false),
            ] {
                let response = try await client.post("/webhooks", json: #"{"url": "\#(url)"}"#)
                #expect((response.status == .created) == isGood, "\(url)")
            }
            #expect(try await client.get("/webhooks/deliveries?state=gone").status == .unprocessableContent)
        }
    }

    /// What a key may do, and that others' webhooks do not exist for it.
    @Test func `who may`() async throws {
        try await TestGateway.run { gateway, client in
            let sender = HTTPFields.key(try await gateway.key(.faxSend, .faxRead))
            let id = try #require(try await make(client)["id"]?.text)
            let message = try #require(try await client.post("/webhooks/\(id)/test").json()["id"]?.text)
            for (uri, method) in [
                ("/webhooks", HTTPRequest.Method.get), ("/webhooks", .post), ("/webhooks/\(id)", .delete),
                ("/webhooks/\(id)/rotate", .post),
                ("/webhooks/\(id)/test", .post), ("/webhooks/\(id)/replay", .post), ("/webhooks/\(id)/deliveries", .get),
            ] {
                #expect(try await client.execute(uri: uri, method: method, headers: sender).status == .forbidden, "\(method) \(uri)")
                #expect(try await client.execute(uri: uri, method: method).status == .unauthorized, "\(method) \(uri)")
            }
            #expect(try await client.get("/webhooks/deliveries/\(message)", sender).status == .notFound)
            #expect(try await client.post("/webhooks/deliveries/\(message)/replay", sender).status == .notFound)
            #expect(try await client.get("/webhooks/deliveries", sender).json() == [])
            let reader = HTTPFields.key(try await gateway.key(.faxRead))
            #expect(try await client.get("/webhooks/secret", reader).status == .forbidden)
            #expect(try await client.get("/webhooks/deliveries", .key(try await gateway.key(.faxSend))).status == .forbidden)

            // Of a mailbox's administrator: no webhook of all faxes, and none for a key that is not held to that mailbox.
            let ward = HTTPFields.key(try await gateway.key([.keysManage], grants: ["ward:administrator"]).token)
            let theirs = try await gateway.key([.faxSend], grants: ["ward:sender"]).id
            let other = try await gateway.key([.faxSend]).id
            #expect(try await client.post("/webhooks", ward, json: #"{"url": "\#(Self.url)", "all": true}"#).status == .forbidden)
            #expect(try await client.post("/webhooks", ward, json: #"{"url": "\#(Self.url)", "owner": "\#(other)"}"#).status == .notFound)
            let owned = try await make(client, ward, #", "owner": "\#(theirs)""#)
            #expect(owned["owner"]?.text == theirs)
            #expect(try await client.get("/webhooks", ward).json().items.count == 1)
            #expect(try await client.get("/webhooks").json().items.count == 2)
            #expect(try await client.post("/webhooks/\(id)/rotate", ward).status == .notFound)
        }
    }

    /// What is owned by nobody would outlive whoever made it.
    @Test func `an owner is a key that there is`() async throws {
        try await TestGateway.run { gateway, client in
            let administrator = HTTPFields.key(try await gateway.key(.keysManage))
            let gone = try await gateway.key([.faxSend]).id
            _ = try await client.execute(uri: "/admin/api-keys/\(gone)", method: .delete, headers: .bootstrap)
            for owner in ["x", "", "bootstrap", "anonymous", "person/0011", gone] {
                let response = try await client.post(
                    "/webhooks", administrator, json: #"{"url": "\#(Self.url)", "all": true, "owner": "\#(owner)"}"#)
                #expect(response.status == .notFound, "\(owner)")
            }
            #expect(try await gateway.store.webhooks().isEmpty)
            let known = try await gateway.key([.faxSend]).id
            #expect(try await make(client, administrator, #", "owner": "\#(known)""#)["owner"]?.text == known)
            #expect(try await make(client, .bootstrap, #", "owner": "bootstrap""#)["owner"] == "bootstrap")
        }
    }

    @Test func `no more than a key may have`() async throws {
        try await TestGateway.run { _, client in
            for _ in 0..<FaxStore.mostWebhooks { _ = try await make(client) }
            #expect(try await client.post("/webhooks", json: #"{"url": "\#(Self.url)"}"#).status == .conflict)
        }
    }

    @Test func `the words of the description`() async throws {
        try await TestGateway.run { _, client in
            let response = try await client.get("/openapi.yaml", [:])
            let schemas = YAMLOutline(String(decoding: response.bytes, as: UTF8.self)).root.at("components", "schemas")
            #expect(Set(schemas?["WebhookEvent"]?["enum"]?.items ?? []) == Set(FaxEventType.allCases.map(\.rawValue)))
            #expect(Set(schemas?["DeliveryState"]?["enum"]?.items ?? []) == Set(WebhookDelivery.State.allCases.map(\.rawValue)))
            let made = try await make(client)
            #expect(Set(schemas?["NewWebhook"]?["properties"]?.keys ?? []) == made.names)
            #expect(Set(schemas?["Webhook"]?["properties"]?.keys ?? []) == made.names.subtracting(["secret"]))
            let delivery = try await client.post("/webhooks/\(made["id"]?.text ?? "")/test").json()
            #expect(Set(schemas?["Delivery"]?["properties"]?.keys ?? []) == delivery.names)
        }
    }
}
