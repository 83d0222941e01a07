import FaxModel
import Hummingbird
import HummingbirdTesting
import Ledger
import Store
import Testing

@testable import Gateway

/// A body may take long to arrive; what its sender may do is asked again when it is there.
@Suite(.timeLimit(.minutes(10))) struct SlowBodyTests {
    private func wait(until isSo: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(20))
        while try await !isSo() {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Sends all but the end of a request, does `meanwhile`, and sends the end.
    /// - Returns: the answer's first line.
    private func send(
        _ line: String, _ credential: String, type: String = "application/json", _ body: [UInt8], port: Int?,
        meanwhile: () async throws -> Void
    ) async throws -> Substring {
        try await RawConnection.with(port: port) { connection in
            try await connection.send(
                "\(line) HTTP/1.1\r\nHost: localhost\r\n\(credential)\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n")
            try await connection.send(Array(body.dropLast(2)))
            try await meanwhile()
            try await connection.send(Array(body.suffix(2)))
            try await connection.receive(until: "\r\n")
            return connection.received.prefix { !$0.isNewline }
        }
    }

    private static let scopes: Set<Scope> = [.keysManage, .emergencyOpen, .faxSend, .faxRead]

    /// Requests by which a caller gets a credential or sends a fax.
    private static let requests: [(line: String, body: String)] = [
        ("POST /admin/api-keys", #"{"scopes": ["fax:read"]}"#),
        ("PUT /admin/api-keys/{key}/grants", #"{"grants": ["*:administrator"]}"#),
        ("POST /admin/emergency", #"{"reason": "emergency", "minutes": 10}"#),
        ("PUT /admin/mailboxes/ward", #"{"numbers": ["+15551230100"]}"#),
        ("POST /admin/people/revoke", #"{"person": "joe"}"#),
    ]

    @Test(arguments: requests) func aKeyThatIsRevokedMeanwhile(line: String, body: String) async throws {
        try await TestGateway.run([:], .live) { gateway, client in
            let other = try await gateway.key([.faxRead])
            let key = try await gateway.key(Self.scopes)
            let answer = try await send(
                line.replacing("{key}", with: other.id), "X-API-Key: \(key.token)", Array(body.utf8), port: client.port
            ) {
                try await wait { try await gateway.keys.list().contains { $0.id == key.id && $0.lastUsedAt != nil } }
                #expect(try await gateway.keys.revoke(key.id, by: .system))
            }
            #expect(answer.hasPrefix("HTTP/1.1 401 "), "\(line): \(answer)")
            #expect(try await gateway.store.apiKeys().count == 2)
            #expect(try await gateway.store.mailboxes().count == 1)
            #expect(try await gateway.events("grant.changed", "person.revoked", "break_glass.opened").isEmpty)
        }
    }

    @Test func aFaxOfARevokedKey() async throws {
        try await TestGateway.run([:], .live) { gateway, client in
            let key = try await gateway.key([.faxSend])
            let answer = try await send(
                "POST /fax", "X-API-Key: \(key.token)", type: "multipart/form-data; boundary=\(TestForm.boundary)",
                TestForm.good.bytes, port: client.port
            ) {
                try await wait { try await gateway.keys.list().contains { $0.id == key.id && $0.lastUsedAt != nil } }
                #expect(try await gateway.keys.revoke(key.id, by: .system))
            }
            #expect(answer.hasPrefix("HTTP/1.1 401 "))
            try await wait { try gateway.blobs().isEmpty }
            try await gateway.expectNothing()
        }
    }

    @Test func aPersonThatIsRevokedMeanwhile() async throws {
        try await TokenIssuer.run { issuer in
            try await TestGateway.run(["OAUTH_ISSUER": TokenIssuer.issuer], .live, tokens: issuer.verifier) { gateway, client in
                let token = try issuer.token("jane", scope: "keys:manage fax:read", at: gateway.clock.now)
                let answer = try await send(
                    "POST /admin/api-keys", "Authorization: Bearer \(token)", Array(#"{"scopes": ["fax:read"]}"#.utf8), port: client.port
                ) {
                    try await wait { try await !gateway.events("sign_in.succeeded").isEmpty }
                    let revoked = try await client.post("/admin/people/revoke", json: #"{"person": "jane"}"#)
                    #expect(revoked.status == .ok)
                }
                #expect(answer.hasPrefix("HTTP/1.1 401 "))
                #expect(try await gateway.store.apiKeys().isEmpty)
            }
        }
    }

    /// Rights that were taken away meanwhile count too.
    @Test func aKeyThatLosesItsRoleMeanwhile() async throws {
        try await TestGateway.run([:], .live) { gateway, client in
            try await gateway.mailbox("ward")
            let key = try await gateway.key([.keysManage, .faxRead], grants: ["ward:administrator"])
            let body = Array(#"{"scopes": ["fax:read"], "grants": ["ward:reader"]}"#.utf8)
            let answer = try await send("POST /admin/api-keys", "X-API-Key: \(key.token)", body, port: client.port) {
                try await wait { try await gateway.keys.list().contains { $0.id == key.id && $0.lastUsedAt != nil } }
                #expect(try await gateway.keys.setGrants([GrantRecord(mailbox: "ward", role: "reader")], of: key.id, by: .system))
            }
            #expect(answer.hasPrefix("HTTP/1.1 403 "))
            #expect(try await gateway.store.apiKeys().count == 1)
        }
    }

    // MARK: What is done to a fax

    /// A fax of somebody else in `ward` of which nobody knows whether it arrived.
    private func unknown(_ gateway: TestGateway) async throws -> FaxID {
        try await gateway.mailbox("ward")
        let id = try await gateway.fax(owner: "somebody", in: "ward")
        let attempt = try await gateway.call(id, TestGateway.pages(1))
        _ = try await gateway.store.attemptEnded(id, attempt: attempt, report: .init(.unknown, evidence: "")) {
            RetryDecision(next: .hold, progress: $0.fax.progress)
        }
        return id
    }

    private func expectNothing(of id: FaxID, _ gateway: TestGateway) async throws {
        let faxes = try await gateway.store.faxes(limit: 9)
        #expect(faxes.map(\.id) == [id] && faxes.allSatisfy { $0.state == .unknown })
        #expect(try await gateway.events("fax.resent", "fax.reconciled").isEmpty)
    }

    /// The database knows keys that were revoked, not people.
    @Test(arguments: [
        ("resend", #"{"force": true}"#), ("reconcile", #"{"finding": "delivered", "evidence": "the recipient was asked"}"#),
    ])
    func aPersonThatIsRevokedDoesNothingToFaxes(action: String, body: String) async throws {
        try await TokenIssuer.run { issuer in
            try await TestGateway.run(["OAUTH_ISSUER": TokenIssuer.issuer], .live, tokens: issuer.verifier) { gateway, client in
                let id = try await unknown(gateway)
                let token = try issuer.token("jane", scope: "keys:manage fax:send fax:read", at: gateway.clock.now)
                let answer = try await send(
                    "POST /fax/\(id)/\(action)", "Authorization: Bearer \(token)", Array(body.utf8), port: client.port
                ) {
                    try await wait { try await !gateway.events("sign_in.succeeded").isEmpty }
                    #expect(try await client.post("/admin/people/revoke", json: #"{"person": "jane"}"#).status == .ok)
                }
                #expect(answer.hasPrefix("HTTP/1.1 401 "))
                try await expectNothing(of: id, gateway)
            }
        }
    }

    @Test(arguments: [
        ("fax/ID/reconcile", #"{"finding": "delivered", "evidence": "the recipient was asked"}"#),
        ("admin/retention/shred", #"{"fax": "ID"}"#),
    ])
    func aKeyThatLosesItsRoleMeanwhile(path: String, body: String) async throws {
        try await TestGateway.run([:], .live) { gateway, client in
            let id = try await unknown(gateway)
            let key = try await gateway.key([.keysManage, .systemOperate, .faxRead], grants: ["ward:administrator"])
            let answer = try await send(
                "POST /" + path.replacing("ID", with: id.text), "X-API-Key: \(key.token)", Array(body.replacing("ID", with: id.text).utf8),
                port: client.port
            ) {
                try await wait { try await gateway.keys.list().contains { $0.id == key.id && $0.lastUsedAt != nil } }
                #expect(try await gateway.keys.setGrants([GrantRecord(mailbox: "ward", role: "reader")], of: key.id, by: .system))
            }
            #expect(answer.hasPrefix("HTTP/1.1 403 "))
            try await expectNothing(of: id, gateway)
        }
    }

    /// A copy takes the right to send and the right to open, when it is made.
    @Test(arguments: ["sender", "reader", "operator"]) func aCopyForAKeyThatLosesItsRoleMeanwhile(role: String) async throws {
        try await TestGateway.run([:], .live) { gateway, client in
            let id = try await unknown(gateway)
            let key = try await gateway.key([.faxSend, .faxRead], grants: ["ward:administrator"])
            let answer = try await send(
                "POST /fax/\(id)/resend", "X-API-Key: \(key.token)", Array(#"{"force": true}"#.utf8), port: client.port
            ) {
                try await wait { try await gateway.keys.list().contains { $0.id == key.id && $0.lastUsedAt != nil } }
                #expect(try await gateway.keys.setGrants([GrantRecord(mailbox: "ward", role: role)], of: key.id, by: .system))
            }
            #expect(answer.hasPrefix("HTTP/1.1 404 "))
            try await expectNothing(of: id, gateway)
        }
    }

    /// A body that trickles in is not waited for without end, however lively its connection is.
    @Test func aBodyHasADeadline() async throws {
        let router = Router()
        router.post("/") { request, _ in
            try JSONBody(
                try await JSONRequest.decode([String: String].self, request, expected: "words", within: .milliseconds(300))
            ).response()
        }
        try await Application(router: router, server: .gateway).test(.live) { client in
            try await RawConnection.with(port: client.port) { connection in
                try await connection.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n{")
                try await connection.receiveAll()
                #expect(connection.received.hasPrefix("HTTP/1.1 408 "))
                #expect(connection.received.lowercased().contains("\r\nconnection: close\r\n"))
            }
            try await RawConnection.with(port: client.port) { connection in
                try await connection.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\n{\"a\":\"\"}")
                try await connection.receive(until: "\"}")
                #expect(connection.received.hasPrefix("HTTP/1.1 200 "))
            }
        }
    }
}
