import FaxModel
import HTTPTypes
import HummingbirdTesting
import Ledger
import Store
import Testing

/// One call ends everything that a person has (45 CFR 164.308(a)(3)(ii)(C)).
@Suite(.timeLimit(.minutes(10))) struct PeopleTests {
    @Test func keysLinksAndTokens() async throws {
        try await TokenIssuer.run { issuer in
            try await TestGateway.run(["OAUTH_ISSUER": TokenIssuer.issuer], tokens: issuer.verifier) { gateway, client in
                let first = try await gateway.key([.faxSend, .faxRead], owner: "jane")
                let second = try await gateway.key([.faxRead], owner: TokenIssuer.issuer + "|jane")
                let other = try await gateway.key([.faxRead], owner: "joe")
                let token = try issuer.token("jane", scope: "fax:read", at: gateway.clock.now)
                let others = try issuer.token("joe", scope: "fax:read", at: gateway.clock.now)
                var links: [String] = []
                let person = "person/\(try gateway.store.pseudonym(person: TokenIssuer.issuer + "|jane"))"
                for (owner, headers) in [(first.id, HTTPFields.key(first.token)), (person, .bearer(token))] {
                    let fax = try await gateway.fax(owner: owner)
                    let link = try await client.post("/fax/\(fax)/pdf-token", headers).json()
                    links.append("/fax/\(fax)/pdf?token=\(try #require(link["token"]?.text))")
                }
                for link in links { #expect(try await client.get(link, [:]).status == .ok) }
                gateway.clock.advance(by: .seconds(5))

                // From the answer on, not a moment later.
                let response = try await client.post("/admin/people/revoke", json: #"{"person": "jane"}"#)
                #expect(response.status == .ok)
                #expect(try response.json() == .object(["keys": .array([first.id, second.id].sorted().map { .string($0) })]))
                for headers in [HTTPFields.key(first.token), .key(second.token), .bearer(token), .bearer(first.token)] {
                    #expect(try await client.get("/fax", headers).status == .unauthorized)
                }
                for link in links { #expect(try await client.get(link, [:]).status == .forbidden) }

                #expect(try await client.get("/fax", .key(other.token)).status == .ok)
                #expect(try await client.get("/fax", .bearer(others)).status == .ok)
                // What is issued later is another matter: the issuer knows her again.
                // The issuer's clock may be a minute ahead of this one: until then, a token may be an old one.
                let ahead = try issuer.token("jane", scope: "fax:read", at: gateway.clock.now.advanced(by: .seconds(60)))
                #expect(try await client.get("/fax", .bearer(ahead)).status == .unauthorized)
                gateway.clock.advance(by: .seconds(61))
                #expect(try await client.get("/fax", .bearer(ahead)).status == .unauthorized)
                let later = try issuer.token("jane", scope: "fax:read", at: gateway.clock.now)
                #expect(try await client.get("/fax", .bearer(later)).status == .ok)
                #expect(try await client.get("/fax", .bearer(token)).status == .unauthorized)
                #expect(try await gateway.events("person.revoked").map(\.details) == [.object(["keys": 1]), .object(["keys": 1])])
                #expect(try await client.post("/admin/people/revoke", json: #"{"person": "nobody"}"#).json() == .object(["keys": []]))
            }
        }
    }

    /// It holds over a restart: then the database is asked.
    @Test func theNextStartKnows() async throws {
        try await TokenIssuer.run { issuer in
            try await TestGateway.run(tokens: issuer.verifier) { gateway, client in
                let token = try issuer.token("jane", scope: "fax:read", at: gateway.clock.now)
                _ = try await gateway.store.revokePerson(TokenIssuer.issuer + "|jane", by: .system)
                let response = try await client.get("/fax", .bearer(token))
                #expect(response.status == .unauthorized)
                #expect(response.detail == "The person's access was revoked.")
            }
        }
    }

    /// Whichever comes first, no key of the person is good once the revocation was confirmed, but those made after it.
    @Test func aKeyThatIsMadeMeanwhile() async throws {
        try await TestGateway.run { gateway, client in
            for _ in 0..<20 {
                async let making = client.post("/admin/api-keys", json: #"{"owner": "jane", "scopes": ["fax:read"]}"#)
                async let revoking = client.post("/admin/people/revoke", json: #"{"person": "jane"}"#)
                let (made, revoked) = try await (making.json(), revoking)
                #expect(revoked.status == .ok)
                let id = try #require(made["key_id"]?.text)
                let isGood = try await client.get("/fax", .key(made["token"]?.text)).status == .ok
                let stored = try #require(try await gateway.store.apiKeys().first { $0.id == id })
                #expect(isGood == (stored.revokedAt == nil))
                _ = try await client.post("/admin/people/revoke", json: #"{"person": "jane"}"#)
                #expect(try await client.get("/fax", .key(made["token"]?.text)).status == .unauthorized)
            }
        }
    }

    @Test(arguments: ["", "{}", "[]", #"{"person": ""}"#, #"{"person": 1}"#]) func malformed(body: String) async throws {
        try await TestGateway.run { gateway, client async throws in
            #expect(try await client.post("/admin/people/revoke", json: body).status == .unprocessableContent)
            #expect(try await gateway.events("person.revoked").isEmpty)
        }
    }
}
