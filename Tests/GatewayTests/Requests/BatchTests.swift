import FaxModel
import HTTPTypes
import HummingbirdTesting
import Store
import Testing
import Vault

/// One request, several recipients.
@Suite struct BatchTests {
    private func send(_ client: any TestClientProtocol, _ to: [String], _ headers: HTTPFields = .bootstrap) async throws -> TestResponse {
        try await client.send(TestForm(parts: to.map { .field("to", $0) } + [.file(TestForm.text)]), headers)
    }

    @Test func oneFaxForEach() async throws {
        try await TestGateway.run { gateway, client in
            let response = try await send(client, ["+15551230100, 5551230101", "+15551230102"])
            #expect(response.status == .accepted)
            let batch = try response.json()
            let id = try #require(batch["batch_id"]?.text)
            #expect(response.headers[.location] == "/batches/\(id)")
            #expect(batch["faxes"]?.items.map { $0["to"]?.text } == ["+15551230100", "5551230101", "+15551230102"])
            #expect(batch["faxes"]?.items.allSatisfy { $0["batch_id"]?.text == id } == true)
            #expect(batch["counts"]?["accepted"] == 3)
            #expect(batch["is_done"] == false)
            #expect(gateway.wakes.count == 1)
            // Each has a copy of its own, under a key of its own.
            let faxes = try await gateway.store.faxes(limit: 9)
            #expect(Set(faxes.map(\.document)).count == 3)
            var keys: Set<[UInt8]> = []
            for fax in faxes {
                let document = try await gateway.store.document(fax.document)
                keys.insert(document.wrappedKey)
                let reader = try await gateway.documents.open(fax.document)
                #expect(try await reader.read(upTo: 99) == TestForm.text)
            }
            #expect(keys.count == 3)
            // What the client should know of the numbers is said once.
            let shown = try await client.get("/batches/\(id)").json()
            #expect(shown == batch)
        }
    }

    @Test func aLongDocumentIsCopiedByteForByte() async throws {
        try await TestGateway.run { gateway, client in
            var document = TestForm.pdf
            var random = SeededGenerator(seed: 7)
            document += (0..<700_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(
                try await client.send(TestForm(.field("to", "5551230100,5551230101"), .file(document))).status == .accepted)
            let faxes = try await gateway.store.faxes(limit: 9)
            #expect(faxes.count == 2)
            for fax in faxes {
                #expect(try await gateway.documents.open(fax.document).read(upTo: 1 << 20) == document)
                #expect(try await gateway.store.document(fax.document).size == document.count)
            }
        }
    }

    @Test func allOrNone() async throws {
        try await TestGateway.run { gateway, client in
            for to in [["5551230177", "x"], ["5551230177", "5551230177"], ["5551230177,"], (0..<101).map { "55512301\(100 + $0)" }] {
                let response = try await send(client, to)
                #expect(response.status == .badRequest)
                #expect(try response.json()["detail"]?.text?.contains("5551230177") == false)
            }
            let third = try await send(client, ["5551230100", "5551230101", "12"]).json()
            #expect(third["detail"]?.text?.hasPrefix("Recipient 3 of 3: ") == true)
            try await gateway.expectNothing()
        }
    }

    /// If the database takes one of them not, it takes none, and no copy is left.
    @Test func aFailureLeavesNothing() async throws {
        try await TestGateway.run { gateway, client in
            try await gateway.execute(
                "CREATE TRIGGER refuse BEFORE INSERT ON faxes WHEN (SELECT count(*) FROM faxes) = 2 BEGIN SELECT RAISE(ABORT, 'no'); END")
            #expect(try await send(client, ["5551230100", "5551230101", "5551230102"]).status == .internalServerError)
            try await gateway.expectNothing()
        }
    }

    @Test func itsFaxesAreWithdrawnOneByOne() async throws {
        try await TestGateway.run { gateway, client in
            let batch = try await send(client, ["5551230100", "5551230101", "5551230102"]).json()
            let id = try #require(batch["batch_id"]?.text)
            let ids = batch["faxes"]?.items.compactMap { FaxID($0["id"]?.text ?? "") } ?? []
            try #require(ids.count == 3)
            let pages = TestGateway.pages(1)
            for fax in ids.prefix(2) { try await gateway.render(fax, pages) }
            try await gateway.deliver(ids[0], pages)
            _ = try await gateway.call(ids[1], pages, reference: "b")
            let after = try await client.post("/batches/\(id)/cancel").json()
            #expect(after["cancelled"] == 1)
            #expect(after["ending"] == 1)
            #expect(after["too_late"] == 1)
            #expect(after["counts"]?["delivered"] == 1)
            #expect(after["counts"]?["cancelled"] == 1)
            #expect(after["counts"]?["sending"] == 1)
            #expect(gateway.endedCalls.all == [ids[1]])
        }
    }

    @Test func anothersBatchDoesNotExist() async throws {
        try await TestGateway.run { gateway, client in
            let mine = HTTPFields.key(try await gateway.key(.faxSend, .faxRead))
            let foreign = try #require(try await send(client, ["5551230100", "5551230101"]).json()["batch_id"]?.text)
            let own = try #require(try await send(client, ["5551230100", "5551230101"], mine).json()["batch_id"]?.text)
            #expect(try await client.get("/batches/\(own)", mine).status == .ok)
            #expect(try await client.get("/batches/\(own)").status == .ok)
            for id in [foreign, "019a9f3c81d04b7e9a1f6c2d5e8b7a90", "x"] {
                #expect(try await client.get("/batches/\(id)", mine).status == .notFound)
                #expect(try await client.post("/batches/\(id)/cancel", mine).status == .notFound)
            }
            #expect(try await gateway.store.faxes(matching: FaxFilter(), limit: 9).allSatisfy { $0.state == .accepted })
        }
    }
}
