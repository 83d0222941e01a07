import Access
import FaxModel
import HTTPTypes
import HummingbirdTesting
import Store
import Testing

/// People who sign in elsewhere and come with a token (OpenID Connect), over HTTP all the way.
@Suite(.timeLimit(.minutes(10))) struct BearerTokenTests {
    @Test func aPersonSendsAndReads() async throws {
        try await TokenIssuer.run { issuer in
            try await TestGateway.run(["OAUTH_ISSUER": TokenIssuer.issuer], tokens: issuer.verifier) { gateway, client in
                try await gateway.mailbox("ward")
                let ward = try await gateway.received(in: "ward", number: "+15551230100")
                let main = try await gateway.received(in: "main", number: "+15551230102")
                let jane = try issuer.token(
                    "jane", scope: "openid fax:send fax:read inbound:read nonsense", grants: ["ward:administrator"],
                    at: gateway.clock.now)
                let sent = try await client.send(.good, .bearer(jane))
                #expect(sent.status == .accepted)
                #expect(try sent.json()["mailbox"] == "ward")
                #expect(try await client.get("/fax", .bearer(jane)).json().items.count == 1)
                #expect(try await client.get("/inbound/\(ward)/pdf", .bearer(jane)).status == .ok)
                #expect(try await client.get("/inbound/\(main)", .bearer(jane)).status == .notFound)
                let list = try await client.get("/inbound", .bearer(jane))
                #expect(list.status == .forbidden && list.detail == "Insufficient scope: inbound:list required")

                // In the ledger she has a pseudonym, by which who knows her finds her.
                let name = "person/\(try gateway.store.pseudonym(person: TokenIssuer.issuer + "|jane"))"
                #expect(try await gateway.events("fax.accepted").map(\.actor.id) == [name])
                #expect(try await gateway.events("content.released").map(\.actor.type) == ["person"])
                let leaves = try await gateway.store.ledgerEntries(from: 0, limit: 1000)
                #expect(!leaves.contains { String(decoding: $0.leaf, as: UTF8.self).contains("jane") })
                #expect(!gateway.logs.all.contains { $0.contains("jane") })

                let other = try issuer.token("joe", scope: "fax:read", at: gateway.clock.now)
                #expect(try await client.get("/fax", .bearer(other)).json().items.isEmpty)
                // One event of a person in a quarter of an hour.
                #expect(try await gateway.events("sign_in.succeeded").count == 2)
                gateway.clock.advance(by: .seconds(15 * 60))
                #expect(try await client.get("/fax", .bearer(jane)).status == .ok)
                #expect(try await client.get("/fax", .bearer(jane)).status == .ok)
                #expect(try await gateway.events("sign_in.succeeded").map(\.object).filter { $0 == name }.count == 2)
            }
        }
    }

    /// Neither a word that is no role nor an empty list makes a person one who is held to nothing.
    @Test func rolesThatAreNone() async throws {
        try await TokenIssuer.run { issuer in
            try await TestGateway.run(tokens: issuer.verifier) { gateway, client in
                _ = try await gateway.received(in: "main", number: "+15551230100")
                let scope = "inbound:list keys:manage audit:read system:operate fax:send"
                func token(_ grants: [String]?) throws -> HTTPFields {
                    .bearer(try issuer.token("jane", scope: scope, grants: grants, at: gateway.clock.now))
                }
                #expect(try await client.get("/inbound", token(nil)).json().items.count == 1)
                for grants in [["main:viewer"], ["main:reader", "x"]] {
                    #expect(try await client.get("/inbound", token(grants)).status == .unauthorized, "\(grants)")
                }
                let none = try token([])
                #expect(try await client.get("/inbound", none).json().items.isEmpty)
                #expect(try await client.get("/admin/audit/events", none).status == .forbidden)
                #expect(try await client.post("/admin/fsck", none).status == .forbidden)
                #expect(try await client.send(.good, none).status == .forbidden)
            }
        }
    }

    @Test func badTokens() async throws {
        try await TokenIssuer.run { issuer in
            try await TestGateway.run(tokens: issuer.verifier) { gateway, client in
                let now = gateway.clock.now
                let good = try issuer.token("jane", scope: "fax:read", at: now)
                #expect(try await client.get("/fax", .bearer(good)).status == .ok)
                let parts = good.split(separator: ".")
                let bad = [
                    ("\(parts[0]).\(parts[1]).\(parts[2].reversed())", "token_"),
                    // {"alg": "none", "kid": "test-1"}
                    ("eyJhbGciOiAibm9uZSIsICJraWQiOiAidGVzdC0xIn0.\(parts[1]).", "token_algorithm_not_allowed"),
                    (try issuer.token("jane", scope: "fax:read", at: now, audience: "another"), "token_audience_foreign"),
                    (try issuer.token("jane", scope: "fax:read", at: now.advanced(by: .seconds(-7200))), "token_expired"),
                    (try issuer.token("jane", scope: "fax:read", at: now.advanced(by: .seconds(7200))), "token_issued_in_future"),
                ]
                for (token, cause) in bad {
                    let response = try await client.get("/fax", .bearer(token))
                    #expect(response.status == .unauthorized, "\(cause)")
                    #expect(response.headers[.wwwAuthenticate] == "Bearer")
                    gateway.clock.advance(by: .seconds(10))
                    let event = try #require(try await gateway.events("sign_in.failed").last)
                    #expect(event.details?["cause"]?.text?.hasPrefix(cause) == true)
                }
            }
        }
    }

    @Test func anIssuerThatCannotBeReached() async throws {
        try await TestGateway.run(tokens: { clock in
            .init(
                try .init(issuer: TokenIssuer.issuer, audience: TokenIssuer.audience, keySetURL: "https://id.example.org/jwks"),
                clock: { clock.now }, fetch: { throw CancellationError() }, report: { _ in })
        }) { _, client in
            // {"alg": "ES256", "kid": "test-1"}
            let response = try await client.get("/fax", .bearer("eyJhbGciOiAiRVMyNTYiLCAia2lkIjogInRlc3QtMSJ9.e30.AAAA"))
            #expect(response.status == .serviceUnavailable)
            #expect(response.headers[.retryAfter] == "30")
        }
    }
}
