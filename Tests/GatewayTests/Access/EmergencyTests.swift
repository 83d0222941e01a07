import FaxModel
import HTTPTypes
import HummingbirdTesting
import Store
import Testing

/// Emergency access on the simulated clock (45 CFR 164.312(a)(2)(ii)).
@Suite struct EmergencyTests {
    private static let body = #"{"reason": "emergency:CASE-12A", "minutes": 30}"#

    @Test func readsEverythingForAShortWhile() async throws {
        try await TestGateway.run { gateway, client in
            try await gateway.mailbox("ward")
            let doctor = try await gateway.key([.faxRead, .emergencyOpen], owner: "dr-jane", grants: ["ward:sender"])
            let fax = try await gateway.fax(owner: "another")
            let received = try await gateway.received(in: "main", number: "+15551230100")
            #expect(try await client.get("/fax/\(fax)", .key(doctor.token)).status == .notFound)

            let opened = try await client.post("/admin/emergency", .key(doctor.token), json: Self.body)
            #expect(opened.status == .ok)
            let key = try opened.json()
            #expect(key["expires_at"] == "2026-11-22T09:00:00.000Z")
            #expect(key["scopes"] == ["fax:read", "inbound:list", "inbound:read"])
            #expect(key["owner"] == "dr-jane")
            #expect(key["grants"] == ["*:reader"])
            let id = try #require(key["key_id"]?.text)
            let headers = HTTPFields.key(try #require(key["token"]?.text))
            #expect(gateway.logs.all.contains { $0.hasPrefix("warning emergency access opened") && $0.contains(id) })
            let event = try #require(try await gateway.events("break_glass.opened").first)
            #expect(event.object == "key/\(id)" && event.actor.id == doctor.id && event.details?["reason"] == "emergency:CASE-12A")

            #expect(try await client.get("/fax/\(fax)", headers).status == .ok)
            #expect(try await client.get("/inbound", headers).json().items.count == 1)
            #expect(try await client.get("/inbound/\(received)/pdf", headers).status == .ok)
            let link = try await client.post("/fax/\(fax)/pdf-token", headers).json()
            // No longer than the key, whatever PDF_TOKEN_TTL_MINUTES says.
            #expect(link["expires_at"] == "2026-11-22T09:00:00.000Z")
            let path = "/fax/\(fax)/pdf?token=\(link["token"]?.text ?? "")"
            #expect(try await client.send(.good, headers).status == .forbidden)
            #expect(try await client.post("/admin/api-keys", headers).status == .forbidden)
            #expect(try await client.post("/admin/emergency", headers, json: Self.body).status == .forbidden)

            gateway.clock.advance(by: .seconds(30 * 60) - .milliseconds(1))
            #expect(try await client.get("/fax/\(fax)", headers).status == .ok)
            #expect(try await client.get(path, [:]).status == .ok)
            gateway.clock.advance(by: .milliseconds(1))
            #expect(try await client.get("/fax/\(fax)", headers).status == .unauthorized)
            #expect(try await client.get(path, [:]).status == .forbidden)
        }
    }

    @Test func somebodyElseReviews() async throws {
        try await TestGateway.run { gateway, client in
            let doctor = try await gateway.key([.emergencyOpen, .auditRead], owner: "dr-jane")
            let sameDoctor = try await gateway.key([.auditRead], owner: "dr-jane")
            let nobody = try await gateway.key([.auditRead])
            let officer = try await gateway.key([.auditRead], owner: "officer")
            let opened = try await client.post("/admin/emergency", .key(doctor.token), json: Self.body).json()
            let id = try #require(opened["key_id"]?.text)
            func list() async throws -> JSONValue? { try await client.get("/admin/emergency", .key(officer.token)).json()[0] }
            let before = try #require(try await list())
            #expect(before["opened_by"]?.text == doctor.id && before["reason"] == "emergency:CASE-12A")
            #expect(before["reviewed_by"] == .null)
            for token in [doctor.token, sameDoctor.token, nobody.token] {
                let refused = try await client.post("/admin/emergency/\(id)/review", .key(token))
                #expect(refused.status == .forbidden)
                #expect(refused.detail == "Emergency access is reviewed by somebody else than who opened it")
            }
            #expect(try await client.post("/admin/emergency/\(id)/review", .key(officer.token)).status == .ok)
            #expect(try await client.post("/admin/emergency/\(id)/review", .key(officer.token)).status == .conflict)
            #expect(try await client.post("/admin/emergency/nothing/review", .key(officer.token)).status == .notFound)
            #expect(try await list()?["reviewed_by"]?.text == officer.id)
            #expect(try await gateway.events("break_glass.reviewed").map(\.actor.id) == [officer.id])
        }
    }

    /// Who opens with a key and reviews with a token, or the other way round, is one person.
    @Test func nobodyReviewsHerselfByAnotherCredential() async throws {
        try await TokenIssuer.run { issuer in
            try await TestGateway.run(["OAUTH_ISSUER": TokenIssuer.issuer], tokens: issuer.verifier) { gateway, client in
                func token(_ person: String) throws -> HTTPFields {
                    .bearer(try issuer.token(person, scope: "emergency:open audit:read", at: gateway.clock.now))
                }
                func opened(_ headers: HTTPFields) async throws -> String {
                    try #require(try await client.post("/admin/emergency", headers, json: Self.body).json()["key_id"]?.text)
                }
                let key = HTTPFields.key(try await gateway.key([.emergencyOpen, .auditRead], owner: "Dr|Jane").token)
                let (byKey, byToken) = (try await opened(key), try await opened(token("dr|jane")))
                #expect(try await client.post("/admin/emergency/\(byKey)/review", token("dr|jane")).status == .forbidden)
                #expect(try await client.post("/admin/emergency/\(byToken)/review", key).status == .forbidden)
                for id in [byKey, byToken] {
                    #expect(try await client.post("/admin/emergency/\(id)/review", token("joe")).status == .ok)
                }
            }
        }
    }

    @Test func endsWithThePerson() async throws {
        try await TestGateway.run { gateway, client in
            let doctor = try await gateway.key([.emergencyOpen], owner: "dr-jane")
            let key = try await client.post("/admin/emergency", .key(doctor.token), json: Self.body).json()
            let headers = HTTPFields.key(key["token"]?.text)
            #expect(try await client.get("/fax", headers).status == .ok)
            #expect(try await client.post("/admin/people/revoke", json: #"{"person": "dr-jane"}"#).status == .ok)
            #expect(try await client.get("/fax", headers).status == .unauthorized)
        }
    }

    @Test(arguments: ["", "dr-jane"]) func endsWithTheKeyThatOpenedIt(owner: String) async throws {
        try await TestGateway.run { gateway, client in
            let doctor = try await gateway.key([.emergencyOpen], owner: owner)
            let fax = try await gateway.fax(owner: "another")
            let key = try await client.post("/admin/emergency", .key(doctor.token), json: Self.body).json()
            let headers = HTTPFields.key(key["token"]?.text)
            let link = try await client.post("/fax/\(fax)/pdf-token", headers).json()
            let path = "/fax/\(fax)/pdf?token=\(link["token"]?.text ?? "")"
            #expect(try await client.get(path, [:]).status == .ok)
            let revoked = try await client.execute(uri: "/admin/api-keys/\(doctor.id)", method: .delete, headers: .bootstrap)
            #expect(revoked.status == .ok)
            #expect(try await client.get("/fax", headers).status == .unauthorized)
            #expect(try await client.get(path, [:]).status == .forbidden)
        }
    }

    /// Whichever comes first: an emergency key is not in memory when the key that opened it has ended.
    @Test func openedWhileItsKeyIsRevoked() async throws {
        try await TestGateway.run { gateway, client in
            for _ in 0..<20 {
                let doctor = try await gateway.key([.emergencyOpen])
                async let opening = client.post("/admin/emergency", .key(doctor.token), json: Self.body)
                async let revoking = client.execute(uri: "/admin/api-keys/\(doctor.id)", method: .delete, headers: .bootstrap)
                let (opened, revoked) = try await (opening, revoking)
                #expect(revoked.status == .ok)
                #expect([.ok, .unauthorized].contains(opened.status))
                if opened.status == .ok {
                    let token = try opened.json()["token"]?.text
                    #expect(try await client.get("/fax", .key(token)).status == .unauthorized)
                }
            }
            #expect(try await gateway.store.apiKeys().allSatisfy { $0.revokedAt != nil })
        }
    }

    private static let malformed = [
        "", "{}", #"{"minutes": 10}"#, #"{"reason": "emergency"}"#, #"{"reason": "emergency", "minutes": 0}"#,
        #"{"reason": "emergency", "minutes": 241}"#, #"{"reason": "emergency", "minutes": 1.5}"#,
        #"{"reason": "Jane Doe fell", "minutes": 10}"#, #"{"reason": "", "minutes": 10}"#,
    ]

    @Test(arguments: malformed) func malformedRequests(body: String) async throws {
        try await TestGateway.run { gateway, client async throws in
            #expect(try await client.post("/admin/emergency", json: body).status == .unprocessableContent)
            #expect(try await gateway.store.apiKeys().isEmpty)
        }
    }
}
