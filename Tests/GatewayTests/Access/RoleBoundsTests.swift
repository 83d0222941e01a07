import Access
import FaxModel
import HTTPTypes
import HummingbirdTesting
import Ledger
import NIOCore
import Store
import Testing

@testable import Gateway

/// What roles permit on the routes of auditors and operators (45 CFR 164.308(a)(4)): a scope alone is not enough for who has roles.
@Suite struct RoleBoundsTests {
    private static let scopes: Set<Scope> = [.auditRead, .systemOperate]
    private static let audit: [(HTTPRequest.Method, String)] = [
        (.get, "/admin/audit/events"), (.get, "/admin/audit/leaves"), (.get, "/admin/audit/checkpoints"),
        (.post, "/admin/audit/checkpoints"), (.get, "/admin/audit/evidence/x"), (.get, "/admin/audit/review"),
        (.post, "/admin/audit/review"), (.get, "/admin/emergency"), (.post, "/admin/emergency/k/review"),
    ]
    private static let operation: [(HTTPRequest.Method, String)] = [
        (.post, "/admin/retention/run"), (.post, "/admin/fsck"), (.post, "/admin/backup"), (.post, "/admin/backup/drill"),
        (.post, "/admin/keys/rewrap"), (.post, "/admin/keys/rotate-ledger"), (.get, "/admin/associates"), (.get, "/admin/associates/x"),
        (.put, "/admin/associates/x"), (.delete, "/admin/associates/x"), (.get, "/admin/doctor/facts"), (.post, "/admin/doctor/report"),
        (.get, "/admin/audit/sinks"),
    ]

    private static let cases: [(grants: [String], audits: Bool, operates: Bool)] = [
        ([], true, true), (["*:administrator"], true, true), (["*:auditor"], true, false), (["main:auditor"], false, false),
        (["main:administrator"], false, false), (["*:operator", "*:reader", "*:sender"], false, false),
    ]

    @Test(arguments: cases) func allMailboxes(grants: [String], audits: Bool, operates: Bool) async throws {
        try await TestGateway.run { gateway, client in
            let key = try await gateway.key(Self.scopes, owner: "officer", grants: grants)
            for (routes, isPermitted) in [(Self.audit, audits), (Self.operation, operates)] {
                for (method, path) in routes {
                    let response = try await client.execute(uri: path, method: method, headers: .key(key.token), body: .init(string: ""))
                    #expect((response.status != .forbidden) == isPermitted, "\(grants) \(method) \(path)")
                }
            }
            let denied = try await gateway.events("scope.denied")
            #expect(denied.allSatisfy { $0.actor.id == key.id })
            #expect(denied.contains { $0.details?["needed"] == "*:readAudit" } == !audits)
            #expect(denied.contains { $0.details?["needed"] == "*:manageMailbox" } == !operates)
        }
    }

    @Test func destructionAndHoldsOfAMailbox() async throws {
        try await TestGateway.run { gateway, client in
            try await gateway.mailbox("ward")
            let key = try await gateway.key(Self.scopes, grants: ["ward:administrator", "main:operator"])
            let headers = HTTPFields.key(key.token)
            let ward = try await gateway.received(in: "ward", number: "+15551230100").text
            let main = try await gateway.received(in: "main", number: "+15551230102").text
            let sent = try await gateway.fax(owner: "another", in: "main").text
            func hold(_ fax: String, _ headers: HTTPFields) async throws -> HTTPResponse.Status {
                try await client.post("/admin/holds", headers, json: #"{"fax": "\#(fax)", "reason": "legal"}"#).status
            }
            func release(_ fax: String, _ headers: HTTPFields) async throws -> HTTPResponse.Status {
                try await client.execute(uri: "/admin/holds/\(fax)", method: .delete, headers: headers).status
            }
            func shred(_ fax: String) async throws -> HTTPResponse.Status {
                try await client.post("/admin/retention/shred", headers, json: #"{"fax": "\#(fax)"}"#).status
            }
            for fax in [main, sent, "019a9f3c81d04b7e9a1f6c2d5e8b7a90"] {
                #expect(try await hold(fax, headers) == .forbidden)
                #expect(try await release(fax, headers) == .forbidden)
                #expect(try await shred(fax) == .forbidden)
            }
            #expect(try await hold(ward, headers) == .ok)
            #expect(try await hold(main, .bootstrap) == .ok)
            let listed = try await client.get("/admin/holds", headers).json()
            #expect(listed[0]?["fax"]?.text == ward && listed[1] == nil)
            #expect(try await client.get("/admin/holds", .bootstrap).json()[1] != nil)
            #expect(try await release(main, headers) == .forbidden)
            #expect(try await release(ward, headers) == .ok)
            #expect(try await shred(ward) == .ok)
            #expect(try await gateway.events("scope.denied").allSatisfy { $0.details?["needed"] == "manageMailbox" })
        }
    }

    /// A role that this release does not know is not no role.
    @Test(arguments: [["main:viewer"], ["main:reader", "main:viewer"], ["*:administrator", "MAIN:reader"]])
    func rolesThatCannotBeRead(words: [String]) async throws {
        try await TestGateway.run { gateway, client in
            _ = try await gateway.received(in: "main", number: "+15551230100")
            let records = words.map { word in
                let parts = word.split(separator: ":")
                return GrantRecord(mailbox: String(parts[0]), role: String(parts[1]))
            }
            let made = try await gateway.keys.create(
                name: "", owner: "", scopes: Set(Scope.allCases), expiresAt: nil, note: "", grants: records, by: .system)
            let another = try await gateway.key([.faxRead])
            for headers in [HTTPFields.key(made.token)] {
                #expect(try await client.get("/inbound", headers).json().items.isEmpty)
                #expect(try await client.send(.good, headers).status == .forbidden)
                #expect(try await client.get("/admin/audit/events", headers).status == .forbidden)
                #expect(try await client.post("/admin/fsck", headers).status == .forbidden)
                #expect(
                    try await client.execute(uri: "/admin/api-keys/\(another.id)", method: .delete, headers: headers).status == .notFound)
            }
        }
    }

    /// What somebody looked for in the ledger is in the ledger, without what he typed being there.
    @Test func searchesAreTraceable() async throws {
        try await TestGateway.run { gateway, client in
            func last(_ query: String) async throws -> JSONValue? {
                #expect(try await client.get("/admin/audit/events?\(query)").status == .ok)
                return try await gateway.events("audit.read").last?.details
            }
            let number = try gateway.store.pseudonym(number: "+15551230100")
            let jane = try gateway.store.pseudonym(person: "Jane Doe")
            let fax = "fax/019a9f3c81d04b7e9a1f6c2d5e8b7a90"
            #expect(try await last("number=%2B15551230100")?["number"]?.text == number)
            #expect(try await last("person=Jane%20Doe")?["person"]?.text == jane)
            let both = try await last("object=\(fax)&action=fax.accepted&actor=192.0.2.7&from=2026-11-01T00:00:00Z")
            #expect(both?["object"]?.text == fax && both?["action"] == "fax.accepted" && both?["actor"] == "192.0.2.7")
            #expect(both?["from"] == "2026-11-01T00:00:00.000Z" && both?["events"] == 0)
            #expect(try await last("object=mailbox/ward-3")?["object"] == "mailbox/ward-3")
            for field in ["object", "action", "actor"] {
                #expect(try await last("\(field)=Jane%20Doe")?[field]?.text == jane)
            }
            for text in ["+15551230100", "15551230100", "fax/Jane", "person/15551230100"] {
                let query = text.replacing("+", with: "%2B")
                #expect(try await last("object=\(query)")?["object"]?.text == (try gateway.store.pseudonym(person: text)))
            }
            let leaves = try await gateway.store.ledgerEntries(from: 0, limit: 1000).map { String(decoding: $0.leaf, as: UTF8.self) }
            #expect(!leaves.contains { $0.contains("Jane") || $0.contains("15551230100") })
        }
    }
}
