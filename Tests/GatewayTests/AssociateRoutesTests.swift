import FaxDispatch
import FaxModel
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Store
import Testing

@Suite struct AssociateRoutesTests {
    @Test func recordedListedAndRemoved() async throws {
        try await TestGateway.run { gateway, client in
            let uri = "/admin/associates/phaxio"
            #expect(try await client.get(uri).status == .notFound)
            let made = try await client.execute(
                uri: uri, method: .put, headers: .bootstrap,
                body: ByteBuffer(string: #"{"agreed_on": "2026-11-01", "expires_on": "2026-11-22", "note": "binder 4"}"#))
            #expect(made.status == .ok && made.headers[.cacheControl] == "no-store")
            let json = try made.json()
            #expect(json.names == ["provider", "agreed_on", "expires_on", "in_force", "note", "recorded_at"])
            #expect(json["in_force"] == true && json["expires_on"] == "2026-11-22" && json["note"] == "binder 4")
            #expect(try await client.get(uri).json() == json)
            gateway.clock.advance(by: .seconds(86_400))
            let ended = try #require(try await client.get("/admin/associates").json()[0])
            #expect(ended["in_force"] == false)
            #expect(try await client.execute(uri: uri, method: .delete, headers: .bootstrap).status == .ok)
            #expect(try await client.execute(uri: uri, method: .delete, headers: .bootstrap).status == .notFound)
            #expect(try await client.get("/admin/associates").json() == [])
        }
    }

    @Test(arguments: [
        ("phaxio", "{}"), ("phaxio", "x"), ("phaxio", #"{"agreed_on": "yesterday"}"#), ("phaxio", #"{"agreed_on": "2026-13-01"}"#),
        ("phaxio", #"{"agreed_on": "2026-11-01T00:00:00Z"}"#), ("phaxio", #"{"agreed_on": "2026-11-02", "expires_on": "2026-11-01"}"#),
        ("Phaxio", #"{"agreed_on": "2026-11-01"}"#), ("a%20b", #"{"agreed_on": "2026-11-01"}"#),
        ("phaxio", #"{"agreed_on": "2026-11-01", "note": "\#(String(repeating: "x", count: 2001))"}"#),
    ])
    func malformed(provider: String, body: String) async throws {
        try await TestGateway.run { gateway, client in
            let response = try await client.execute(
                uri: "/admin/associates/\(provider)", method: .put, headers: .bootstrap, body: ByteBuffer(string: body))
            #expect(response.status == .unprocessableContent && response.detail != nil)
            #expect(try await gateway.store.associates().isEmpty)
        }
    }

    @Test func onlyForOperators() async throws {
        try await TestGateway.run { gateway, client in
            let weak = HTTPFields.key(try await gateway.key(.faxSend, .faxRead, .keysManage, .auditRead))
            for (uri, method) in [
                ("/admin/associates", HTTPRequest.Method.get), ("/admin/associates/phaxio", .get), ("/admin/associates/phaxio", .put),
                ("/admin/associates/phaxio", .delete), ("/admin/doctor/facts", .get), ("/admin/doctor/report", .post),
                ("/admin/audit/sinks", .get),
            ] {
                #expect(try await client.execute(uri: uri, method: method, headers: weak).status == .forbidden, "\(method) \(uri)")
                #expect(try await client.execute(uri: uri, method: method).status == .unauthorized)
            }
        }
    }

    /// Production takes no fax in for a provider without an agreement, and says so before the document is read.
    @Test func noFaxWithoutAnAgreement() async throws {
        try await TestGateway.run { gateway, _ in
            let clock = gateway.clock
            let rule = AgreementRule(store: gateway.store, associate: "phaxio", clock: { clock.now })
            let intake = Intake(
                documents: gateway.documents, backend: "phaxio", isDisabled: false, agreement: rule, clock: { clock.now }, wake: {})
            let router = gateway.router(keys: gateway.keys, intake: intake)
            try await Application(router: router.build(), logger: gateway.logs.logger()).test(.router) { client in
                let refused = try await client.send(.good)
                #expect(refused.status == .serviceUnavailable && refused.headers[.retryAfter] == "3600")
                #expect(refused.detail?.contains("no agreement in force with phaxio") == true)
                try await gateway.expectNothing()
                _ = try await client.execute(
                    uri: "/admin/associates/phaxio", method: .put, headers: .bootstrap,
                    body: ByteBuffer(string: #"{"agreed_on": "2026-11-01"}"#))
                #expect(try await client.send(.good).status == .accepted)
            }
        }
    }
}
