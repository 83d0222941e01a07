import FaxModel
import HTTPTypes
import HummingbirdTesting
import Ledger
import Store
import Testing

@testable import Gateway

/// A copy of a fax is its sender's own, who can open it and send it anywhere: who gets one, and what goes with it.
@Suite struct ResendTests {
    private static let callback = "https://hooks.example.com/faxes"

    /// A fax with all that belongs to its recipient and its sender, cancelled before a call.
    private func cancelled(_ gateway: TestGateway, _ client: any TestClientProtocol, _ key: HTTPFields) async throws -> FaxID {
        let form = TestForm(
            .field("to", "+15551230100"), .field("hours", "Mon-Fri 08:00-17:00 America/New_York"), .field("callback_url", Self.callback),
            .field("cover_to", "Dr. Example"), .field("expected_station", "15551230100"), .file(TestForm.text))
        let id = try #require(FaxID(try await client.send(form, key).json()["id"]?.text ?? ""))
        #expect(try await client.post("/fax/\(id)/cancel", key).status == .ok)
        return id
    }

    private func copy(
        _ id: FaxID, _ gateway: TestGateway, _ client: any TestClientProtocol, _ key: HTTPFields = .bootstrap, json: String = "{}"
    ) async throws -> FaxRecord {
        let response = try await client.post("/fax/\(id)/resend", key, json: json)
        #expect(response.status == .accepted)
        let copy = try #require(FaxID(try response.json()["id"]?.text ?? ""))
        return try #require(try await gateway.store.fax(copy))
    }

    @Test func `only for who may open the first`() async throws {
        try await TestGateway.run { gateway, client in
            try await gateway.mailbox("ward")
            let id = try await gateway.fax(owner: "somebody", in: "ward")
            _ = try await gateway.store.cancel(id, by: .system)
            let blobs = try gateway.blobs().count
            let blind = try await gateway.key([.faxSend, .faxRead], grants: ["ward:operator", "ward:sender"])
            for json in ["{}", #"{"to": "+15551230107"}"#, "x"] {
                let refused = try await client.post("/fax/\(id)/resend", .key(blind.token), json: json)
                #expect(refused.status == .forbidden)
                #expect(refused.detail?.contains("does not open documents") == true)
            }
            #expect(try gateway.blobs().count == blobs)
            #expect(try await gateway.store.faxes(limit: 9).count == 1)
            let refusals = try await gateway.events("scope.denied")
            #expect(refusals.map(\.actor.id).contains(blind.id) && refusals.allSatisfy { $0.details?["needed"] == "reader" })
            // All but reading was theirs already.
            let reader = try await gateway.key([.faxSend, .faxRead], grants: ["ward:operator", "ward:sender", "ward:reader"])
            #expect(try await copy(id, gateway, client, .key(reader.token)).owner == reader.id)
        }
    }

    @Test func `another's receiver is not told of the copy`() async throws {
        try await TestGateway.run { gateway, client in
            let key = try await gateway.key([.faxSend, .faxRead])
            let id = try await cancelled(gateway, client, .key(key.token))
            let foreign = try await copy(id, gateway, client)
            #expect(foreign.owner == "bootstrap" && foreign.terms.callbackURL == nil)
            let own = try await copy(id, gateway, client, .key(key.token))
            #expect(own.owner == key.id && own.terms.callbackURL == Self.callback)
        }
    }

    @Test func `what belongs to the recipient goes with it to the same number, and to no other`() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await cancelled(gateway, client, .bootstrap)
            let hours = try #require(RecipientHours("Mon-Fri 08:00-17:00 America/New_York"))
            let same = try await copy(id, gateway, client).terms
            #expect(same.hours == hours && same.cover == Cover(to: "Dr. Example") && same.expectedStation == "15551230100")
            let other = try await copy(id, gateway, client, json: #"{"to": "+15551230107"}"#).terms
            #expect(other.hours == nil && other.cover == Cover() && other.expectedStation == nil)
        }
    }

    @Test func `a document that was destroyed is not sent again`() async throws {
        try await TestGateway.run { gateway, client in
            let id = try #require(FaxID(try await client.send(.good).json()["id"]?.text ?? ""))
            try await gateway.render(id, TestGateway.pages(1))
            try await gateway.deliver(id, TestGateway.pages(1))
            #expect(try await client.post("/admin/retention/shred", json: #"{"fax": "\#(id)"}"#).status == .ok)
            let blobs = try gateway.blobs().count
            for json in ["{}", #"{"to": "+15551230107", "force": true}"#] {
                let refused = try await client.post("/fax/\(id)/resend", json: json)
                #expect(refused.status == .gone)
                #expect(refused.detail == "The document was destroyed on 2026-11-22.")
            }
            #expect(try gateway.blobs().count == blobs)
            #expect(try await gateway.store.faxes(limit: 9).count == 1)
            #expect(try await gateway.events("fax.resent").isEmpty)
        }
    }

    /// Destroyed while the copy was made: it does not live on in it.
    @Test func `nor one that is destroyed meanwhile`() async throws {
        try await TestGateway.run { gateway, client async throws in
            let id = try await cancelled(gateway, client, .bootstrap)
            let seen = try #require(try await gateway.store.fax(id))
            let document = try await gateway.documents.copy(seen.document)
            #expect(try await gateway.store.shred(id, cause: .request, by: .system) == .done(documents: 1, epochs: 0))
            var generator = SystemRandomNumberGenerator()
            let copy = FaxRecord(
                id: FaxID(now: gateway.clock.now, using: &generator), state: .accepted, owner: "bootstrap", number: seen.number,
                backend: seen.backend, format: seen.format, resolution: seen.resolution, paper: seen.paper, document: document.id,
                createdAt: gateway.clock.now, updatedAt: gateway.clock.now, resentFrom: id)
            await #expect(throws: FaxStore.FaxMoved.self) {
                try await gateway.store.acceptRequest([(fax: copy, document: document)], ifStill: seen.state, by: .system)
            }
            #expect(try await gateway.store.faxes(limit: 9).map(\.id) == [id])
        }
    }
}
