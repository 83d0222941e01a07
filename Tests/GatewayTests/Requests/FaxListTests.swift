import FaxModel
import HTTPTypes
import HummingbirdTesting
import Store
import Testing

/// Lists that are narrowed.
@Suite struct FaxListTests {
    private func send(_ client: any TestClientProtocol, _ fields: (String, String)..., key: HTTPFields = .bootstrap) async throws -> String
    {
        let form = TestForm(
            parts: fields.map { .field($0.0, $0.1) } + (fields.contains { $0.0 == "to" } ? [] : [.field("to", "+15551230100")])
                + [.file(TestForm.text)])
        return try #require(try await client.send(form, key).json()["id"]?.text)
    }

    private func list(_ client: any TestClientProtocol, _ query: String, key: HTTPFields = .bootstrap) async throws -> [String] {
        let response = try await client.get("/fax?\(query)", key)
        #expect(response.status == .ok, "\(query)")
        return try response.json().items.compactMap { $0["id"]?.text }
    }

    @Test func byEachProperty() async throws {
        try await TestGateway.run { gateway, client in
            let plain = try await send(client)
            gateway.clock.advance(by: .seconds(1))
            let urgent = try await send(client, ("priority", "urgent"), ("purpose", "treatment"), ("tags", "ward 3,referral"))
            gateway.clock.advance(by: .seconds(1))
            try await gateway.mailbox("ward")
            let other = try await send(client, ("to", "5551230107"), ("mailbox", "ward"), ("tags", "referral"))
            gateway.clock.advance(by: .seconds(1))
            let cancelled = try await send(client, ("to", "+15551230108"))
            _ = try await client.post("/fax/\(cancelled)/cancel")

            #expect(try await list(client, "") == [cancelled, other, urgent, plain])
            #expect(try await list(client, "priority=urgent") == [urgent])
            #expect(try await list(client, "purpose=treatment") == [urgent])
            #expect(try await list(client, "tag=referral") == [other, urgent])
            #expect(try await list(client, "tag=ward%203") == [urgent])
            #expect(try await list(client, "tag=Referral") == [])
            #expect(try await list(client, "mailbox=ward") == [other])
            #expect(try await list(client, "mailbox=nowhere") == [])
            #expect(try await list(client, "to=%2B5551230107") == [other])
            #expect(try await list(client, "to=5551230107") == [other])
            #expect(try await list(client, "state=cancelled") == [cancelled])
            #expect(try await list(client, "state=accepted,cancelled&tag=referral&mailbox=ward") == [other])
            #expect(try await list(client, "status=FAILED") == [cancelled])
            #expect(try await list(client, "status=queued,FAILED").count == 4)
            #expect(try await list(client, "status=FAILED&state=accepted") == [])
            #expect(try await list(client, "state=held,unknown,scheduled") == [])
            #expect(try await list(client, "since=2026-11-22T08:30:02Z") == [cancelled, other])
            #expect(try await list(client, "until=2026-11-22T08:30:02Z") == [urgent, plain])
            #expect(try await list(client, "since=2026-11-22T08:30:01Z&until=2026-11-22T08:30:02Z") == [urgent])
            #expect(try await list(client, "since=1969-01-01") == [cancelled, other, urgent, plain])
            #expect(try await list(client, "unknown=1") == [cancelled, other, urgent, plain])
        }
    }

    /// A filter never shows more than the key may see.
    @Test func onlyOnesOwn() async throws {
        try await TestGateway.run { gateway, client in
            let mine = HTTPFields.key(try await gateway.key(.faxSend, .faxRead))
            _ = try await send(client, ("tags", "a"))
            let own = try await send(client, ("tags", "a"), key: mine)
            for query in ["tag=a", "to=+15551230100", "state=accepted", "priority=normal", "mailbox=main", ""] {
                #expect(try await list(client, query, key: mine) == [own], "\(query)")
            }
        }
    }

    @Test func theLinkLeadsThroughAllPages() async throws {
        try await TestGateway.run { gateway, client in
            var ids: [String] = []
            for index in 0..<7 {
                ids.insert(try await send(client, ("tags", index == 3 ? "b" : "a")), at: 0)
                gateway.clock.advance(by: .milliseconds(1))
            }
            ids.remove(at: 3)
            var found: [String] = []
            var next: String? = "/fax?tag=a&limit=2"
            var pages = 0
            while let uri = next {
                let response = try await client.get(uri)
                #expect(response.status == .ok)
                found += try response.json().items.compactMap { $0["id"]?.text }
                next = response.headers[HTTPField.Name("Link")!].flatMap { $0.wholeMatch(of: /<(.*)>; rel="next"/) }.map { String($0.1) }
                pages += 1
            }
            #expect(found == ids)
            // The last page says that it is the last: no empty one comes after it.
            #expect(pages == 3)
        }
    }

    @Test(arguments: [
        "state=", "state=x", "state=accepted,x", "status=x", "purpose=x", "priority=x", "batch=x", "to=x", "to=12", "since=x",
        "until=never",
        "cursor=x", "cursor='%20OR%201=1",
    ]) func wrongParameters(query: String) async throws {
        try await TestGateway.run { _, client in
            let response = try await client.get("/fax?\(query)")
            #expect(response.status == .unprocessableContent)
            #expect(response.detail != nil)
        }
    }

    @Test func aBatch() async throws {
        try await TestGateway.run { _, client in
            let form = TestForm(.field("to", "5551230100,5551230101"), .file(TestForm.text))
            let batch = try #require(try await client.send(form).json()["batch_id"]?.text)
            _ = try await client.send(.good)
            #expect(try await list(client, "batch=\(batch)").count == 2)
        }
    }

    /// What a fax asked for is in its job.
    @Test func theJobSaysWhatWasAsked() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await send(
                client, ("send_at", "2026-11-22T10:00:00Z"), ("priority", "bulk"), ("purpose", "operations"), ("tags", "x"),
                ("max_dials", "3"))
            let job = try await client.get("/fax/\(id)").json()
            #expect(job["send_at"] == "2026-11-22T10:00:00.000Z")
            #expect(job["next_attempt_at"] == "2026-11-22T10:00:00.000Z")
            #expect(job["not_after"] == "2026-11-22T13:00:00.000Z")
            #expect(job["priority"] == "bulk")
            #expect(job["purpose"] == "operations")
            #expect(job["tags"] == ["x"])
            #expect(job["dials"] == 0)
            #expect(job["tries"] == 0)
            // A number for tests is nobody's; the warning of the first answer stays.
            #expect(job["warnings"] == ["No such number is known to be in use: check it."])
            #expect(job["hold"] == .null)
            let faxID = try #require(FaxID(id))
            let fax = try #require(try await gateway.store.fax(faxID))
            #expect(fax.terms.maximumDials == 3)
            try await gateway.render(fax.id, TestGateway.pages(1))
            #expect(try await client.get("/fax/\(id)").json()["state"] == "scheduled")
            #expect(try await list(client, "state=scheduled") == [id])
        }
    }

    @Test func attemptsWithTheirPages() async throws {
        try await TestGateway.run { gateway, client in
            let id = try #require(FaxID(try await send(client)))
            #expect(try await client.get("/fax/\(id)/attempts").json() == [])
            let pages = TestGateway.pages(2)
            try await gateway.render(id, pages)
            try await gateway.deliver(id, pages)
            let attempt = try #require(try await client.get("/fax/\(id)/attempts").json()[0])
            #expect(attempt["number"] == 1)
            #expect(attempt["outcome"] == "delivered")
            #expect(attempt["evidence"] == "T.30 error 0")
            #expect(attempt["first_page"] == 1)
            #expect(attempt["pages_confirmed"] == 2)
            #expect(attempt["pages"]?.items.map { $0["page"] } == [1, 2])
            #expect(attempt["pages"]?[0]?["bit_rate"] == 14_400)
        }
    }
}
