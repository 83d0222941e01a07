import FaxModel
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Ledger
import Store
import Testing
import Vault

/// Retention, holds, integrity and keys, as the operator's commands ask for them.
@Suite struct OperationsTests {
    private static let none = "019a9f3c81d04b7e9a1f6c2d5e8b7a90"

    private func delivered(_ gateway: TestGateway, _ client: any TestClientProtocol) async throws -> FaxID {
        let id = try #require(FaxID(try await client.send(.good).json()["id"]?.text ?? ""))
        try await gateway.render(id, TestGateway.pages(1))
        try await gateway.deliver(id, TestGateway.pages(1))
        return id
    }

    private func shred(_ client: any TestClientProtocol, _ fax: String) async throws -> TestResponse {
        try await client.post("/admin/retention/shred", json: #"{"fax": "\#(fax)"}"#)
    }

    private func hold(_ client: any TestClientProtocol, _ fax: String, _ reason: String = "legal:CASE-7F") async throws -> TestResponse {
        try await client.post("/admin/holds", json: #"{"fax": "\#(fax)", "reason": "\#(reason)"}"#)
    }

    @Test func `retention runs when asked, and says what it destroyed`() async throws {
        try await TestGateway.run(["ARTIFACT_TTL_DAYS": "30"]) { gateway, client in
            let id = try await delivered(gateway, client)
            let link = try #require(try await client.post("/fax/\(id)/pdf-token").json()["url"]?.text).dropFirst(23)
            #expect(try await client.post("/admin/retention/run").json()["faxes"] == 0)
            gateway.clock.advance(by: .seconds(30 * 86_400))
            let run = try await client.post("/admin/retention/run").json()
            #expect(run["faxes"] == 1 && run["documents"] == 3 && run["files"] == 3 && run["log_emptied"] == true)
            #expect(try gateway.blobs() == [])
            #expect(try await client.get("/fax/\(id)").json()["state"] == "delivered")
            #expect([403, 410].contains(try await client.get(String(link), [:]).status.code))
            let certificates = try await gateway.events("document.shredded")
            #expect(certificates.count == 3)
        }
    }

    @Test func `one fax is destroyed on request, but not before it is finished`() async throws {
        try await TestGateway.run { gateway, client in
            let waiting = try #require(try await client.send(.good).json()["id"]?.text)
            #expect(try await shred(client, waiting).status == .conflict)
            let id = try await delivered(gateway, client)
            #expect(try await shred(client, id.text).json()["documents"] == 3)
            #expect(try await shred(client, id.text).json()["documents"] == 0)
            for fax in [Self.none, "x"] { #expect(try await shred(client, fax).status == .notFound) }
            #expect(try await client.post("/admin/retention/shred", json: "[]").status == .unprocessableContent)
        }
    }

    @Test func `a hold stands in the way until it is released`() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await delivered(gateway, client)
            let placed = try await hold(client, id.text)
            #expect(placed.status == .ok)
            #expect(try placed.json().names == ["fax", "reason", "placed_by", "placed_at"])
            #expect(try await client.get("/admin/holds").json()[0]?["fax"]?.text == id.text)
            #expect(try await hold(client, id.text).status == .conflict)
            #expect(try await hold(client, Self.none).status == .notFound)
            #expect(try await hold(client, id.text, "Mrs Marrow asked").status == .unprocessableContent)
            #expect(try await shred(client, id.text).status == .conflict)
            for expected in [HTTPResponse.Status.ok, .notFound] {
                let released = try await client.execute(uri: "/admin/holds/\(id)", method: .delete, headers: .bootstrap)
                #expect(released.status == expected)
            }
            #expect(try await shred(client, id.text).status == .ok)
            #expect(try await hold(client, id.text).status == .conflict)
        }
    }

    @Test func `fsck says what is wrong`() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await delivered(gateway, client)
            let good = try await client.post("/admin/fsck").json()
            #expect(good["documents"] == 3 && good["problem_count"] == 0 && good["problems"]?[0] == nil)
            let document = try #require(try await gateway.store.fax(id)?.document)
            try await gateway.documents.discard(try await gateway.store.document(document))
            let bad = try await client.post("/admin/fsck").json()
            #expect(bad["problem_count"] == 1)
            #expect(bad["problems"]?[0]?["kind"] == "missing_blob")
            #expect(bad["problems"]?[0]?["document"]?.text == document.rawValue)
        }
    }

    @Test func `keys are rewrapped, and the ledger's is changed`() async throws {
        try await TestGateway.run { gateway, client in
            let rewrapped = try await client.post("/admin/keys/rewrap").json()
            #expect(rewrapped["rewrapped"] == 0 && rewrapped["remaining"] == 0)
            let before = "\(gateway.store.ledger.key.verifier)"
            let changed = try await client.post("/admin/keys/rotate-ledger").json()
            #expect(changed["former_key"]?.text == before)
            #expect(changed["key"]?.text == "\(gateway.store.ledger.key.verifier)")
        }
    }

    @Test(arguments: [
        "/admin/retention/run", "/admin/retention/shred", "/admin/holds", "/admin/fsck", "/admin/keys/rewrap", "/admin/keys/rotate-ledger",
    ]) func `none of it without the scope`(path: String) async throws {
        try await TestGateway.run { gateway, client in
            let others = try await gateway.key(.faxSend, .faxRead, .inboundList, .inboundRead, .keysManage, .auditRead)
            #expect(try await client.post(path, .key(others), json: "{}").status == .forbidden)
            #expect(try await client.post(path, [:], json: "{}").status == .unauthorized)
        }
    }
}
