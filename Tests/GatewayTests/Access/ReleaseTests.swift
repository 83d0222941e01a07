import FaxModel
import HTTPTypes
import HummingbirdTesting
import Store
import Testing

/// Opening a document: why, on the record, and not at all when it cannot be recorded (45 CFR 164.312(b)).
@Suite struct ReleaseTests {
    private static let field = HTTPField.Name("X-Access-Reason")!

    private func headers(_ reason: String?, _ key: String = TestGateway.bootstrapKey) -> HTTPFields {
        var headers = HTTPFields.key(key)
        if let reason { headers[Self.field] = reason }
        return headers
    }

    @Test func theReasonIsRecorded() async throws {
        try await TestGateway.run { gateway, client in
            let received = try await gateway.receive()
            #expect(try await client.get("/inbound/\(received.id)/pdf", headers("payment:REF-7F")).status == .ok)
            let sent = try await gateway.fax(owner: "another")
            let link = try await client.post("/fax/\(sent)/pdf-token", headers("treatment")).json()
            let path = "/fax/\(sent)/pdf?token=\(try #require(link["token"]?.text))"
            #expect(try await client.get(path, [:]).status == .ok)
            #expect(try await client.get(path, [Self.field: "audit"]).status == .ok)

            let released = try await gateway.events("content.released")
            #expect(released.map(\.reason) == ["payment:REF-7F", "treatment", "audit"])
            #expect(released.map(\.object) == ["fax/\(received.id)", "fax/\(sent)", "fax/\(sent)"])
            #expect(released.map(\.actor.type) == ["key", "link", "link"])
            #expect(released.map(\.actor.id) == ["bootstrap", "bootstrap", "bootstrap"])
            #expect(released.allSatisfy { $0.details?["sha256"]?.text?.count == 64 && $0.details?["form"] == "pdf" })
            #expect(try await gateway.events("token.issued").map(\.reason) == ["treatment"])
        }
    }

    private static let malformed = [
        "because", "treatment:", "treatment:5551230100", "Treatment", "treatment: x", "treatment:Jane Doe", "treatment,audit", "",
        String(repeating: "treatment", count: 1000),
    ]

    @Test(arguments: malformed) func aMalformedReason(reason: String) async throws {
        try await TestGateway.run { gateway, client in
            let received = try await gateway.receive()
            let sent = try await gateway.fax(owner: "another")
            let token = try #require(try await client.post("/fax/\(sent)/pdf-token").json()["token"]?.text)
            let responses = [
                try await client.get("/inbound/\(received.id)/pdf", headers(reason)),
                try await client.post("/fax/\(sent)/pdf-token", headers(reason)),
                try await client.get("/fax/\(sent)/pdf?token=\(token)", headers(reason)),
            ]
            for response in responses {
                #expect(response.status == .badRequest)
                #expect(response.detail?.hasPrefix("X-Access-Reason must be one of treatment, payment, ") == true)
                #expect(reason.count < 20 || response.detail?.contains(reason) == false)
            }
            #expect(try await gateway.events("content.released").isEmpty)
        }
    }

    @Test func theReasonMayBeRequired() async throws {
        try await TestGateway.run(["FAXLOCK_REQUIRE_REASON": "true"]) { gateway, client in
            let received = try await gateway.receive()
            let sent = try await gateway.fax(owner: "another")
            #expect(try await client.get("/inbound/\(received.id)/pdf").status == .badRequest)
            let refused = try await client.post("/fax/\(sent)/pdf-token")
            #expect(refused.status == .badRequest)
            #expect(refused.detail?.hasPrefix("Opening a document takes a reason: X-Access-Reason must be one of") == true)
            #expect(try await client.get("/inbound/\(received.id)").status == .ok)
            #expect(try await client.get("/fax/\(sent)").status == .ok)
            let link = try await client.post("/fax/\(sent)/pdf-token", headers("individual")).json()
            // The link was made for a reason; who opens it need not give one.
            #expect(try await client.get("/fax/\(sent)/pdf?token=\(link["token"]?.text ?? "")", [:]).status == .ok)
            #expect(try await gateway.events("content.released").map(\.reason) == ["individual"])
        }
    }

    @Test func whatCannotBeRecordedIsNotReleased() async throws {
        try await TestGateway.run { gateway, client in
            let received = try await gateway.receive()
            let sent = try await gateway.fax(owner: "another")
            let token = try #require(try await client.post("/fax/\(sent)/pdf-token").json()["token"]?.text)
            let paths = ["/inbound/\(received.id)/pdf", "/fax/\(sent)/pdf?token=\(token)"]
            try await gateway.withoutLedger {
                for path in paths {
                    let response = try await client.get(path)
                    #expect(response.status == .serviceUnavailable)
                    #expect(response.detail == "The audit ledger cannot be written, so nothing was done. Try again later.")
                    #expect(response.headers[.retryAfter] == "60")
                    #expect(response.headers[.contentType] == "application/json; charset=utf-8")
                    #expect(!response.bytes.contains(Array("%PDF".utf8)))
                }
                #expect(try await client.post("/fax/\(sent)/pdf-token").status == .serviceUnavailable)
                #expect(try await client.post("/admin/api-keys").status == .serviceUnavailable)
                // What is refused stays refused.
                #expect(try await client.get("/fax", .key("wrong")).status == .unauthorized)
            }
            for path in paths { #expect(try await client.get(path).status == .ok) }
            #expect(try await gateway.events("content.released").count == 2)
            #expect(try await gateway.store.apiKeys().isEmpty)
        }
    }

    @Test func whatCannotBeRecordedIsNotAccepted() async throws {
        try await TestGateway.run { gateway, client in
            try await gateway.withoutLedger {
                let response = try await client.send(.good)
                #expect(response.status == .serviceUnavailable)
                #expect(response.headers[.retryAfter] == "60")
                try await gateway.expectNothing()
            }
            #expect(try await client.send(.good).status == .accepted)
            #expect(try await gateway.events("fax.accepted").count == 1)
        }
    }
}
