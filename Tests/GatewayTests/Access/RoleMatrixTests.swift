import Access
import FaxModel
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Store
import Testing

/// Role, route, object: what each role in the mailbox `ward` does with faxes of it and of others (45 CFR 164.308(a)(4), 164.514(d)).
@Suite struct RoleMatrixTests {
    /// What a role permits in its mailbox, written down apart from the code.
    struct Rights: Sendable {
        let role: Role
        let sends: Bool
        /// Sees what others have in the mailbox.
        let sees: Bool
        /// Reads what it says.
        let opens: Bool
    }

    static let table = [
        Rights(role: .sender, sends: true, sees: false, opens: false),
        Rights(role: .reader, sends: false, sees: true, opens: true),
        Rights(role: .operator, sends: false, sees: true, opens: false),
        Rights(role: .auditor, sends: false, sees: true, opens: false),
        Rights(role: .administrator, sends: true, sees: true, opens: true),
    ]

    private static let scopes: Set<Scope> = [.faxSend, .faxRead, .inboundList, .inboundRead]

    @Test func theTableHasEveryRole() {
        #expect(Set(Self.table.map(\.role)) == Set(Role.allCases))
    }

    @Test(arguments: table, [false, true]) func outbound(rights: Rights, everywhere: Bool) async throws {
        try await TestGateway.run { gateway, client in
            try await gateway.mailbox("ward")
            let key = try await gateway.key(Self.scopes, grants: ["\(everywhere ? "*" : "ward"):\(rights.role.rawValue)"])
            let faxes = [
                (id: try await gateway.fax(owner: key.id, in: "ward"), isOwn: true, isIn: true),
                (id: try await gateway.fax(owner: key.id, in: "main"), isOwn: true, isIn: everywhere),
                (id: try await gateway.fax(owner: "another", in: "ward"), isOwn: false, isIn: true),
                (id: try await gateway.fax(owner: "another", in: "main"), isOwn: false, isIn: everywhere),
            ]
            let listed = try await client.get("/fax", .key(key.token)).json().items.compactMap { $0["id"]?.text }
            for fax in faxes {
                let sees = fax.isOwn || fax.isIn && rights.sees
                let opens = fax.isOwn || fax.isIn && rights.opens
                let what: Comment = "\(rights.role) own \(fax.isOwn) in \(fax.isIn)"
                #expect(listed.contains(fax.id.text) == sees, what)
                let shown = try await client.get("/fax/\(fax.id)", .key(key.token))
                #expect(shown.status == (sees ? .ok : .notFound), what)
                let link = try await client.post("/fax/\(fax.id)/pdf-token", .key(key.token))
                #expect(link.status == (opens ? .ok : sees ? .forbidden : .notFound), what)
                if !sees { #expect(shown.detail == "Job not found" && link.detail == "Job not found", what) }
            }
            #expect(listed == listed.sorted().reversed())
            for (mailbox, isIn) in [("ward", true), ("main", everywhere)] {
                let form = TestForm(parts: [.field("mailbox", mailbox)] + TestForm.good.parts)
                let status = try await client.send(form, .key(key.token)).status
                #expect(status == (isIn && rights.sends ? .accepted : .forbidden), "\(rights.role) \(mailbox)")
            }
        }
    }

    @Test(arguments: table, [false, true]) func inbound(rights: Rights, everywhere: Bool) async throws {
        try await TestGateway.run { gateway, client in
            try await gateway.mailbox("ward")
            let key = try await gateway.key(Self.scopes, grants: ["\(everywhere ? "*" : "ward"):\(rights.role.rawValue)"])
            let faxes = [
                (id: try await gateway.received(in: "ward", number: "+15551230100"), mailbox: "ward", isIn: true),
                (id: try await gateway.received(in: "main", number: "+15551230102"), mailbox: "main", isIn: everywhere),
            ]
            func list(_ query: String) async throws -> Set<String> {
                Set(try await client.get("/inbound\(query)", .key(key.token)).json().items.compactMap { $0["id"]?.text })
            }
            for fax in faxes {
                let sees = fax.isIn && rights.sees
                let what: Comment = "\(rights.role) in \(fax.isIn)"
                #expect(try await list("").contains(fax.id.text) == sees, what)
                #expect(try await list("?mailbox=\(fax.mailbox)") == (sees ? [fax.id.text] : []), what)
                #expect(try await client.get("/inbound/\(fax.id)", .key(key.token)).status == (sees ? .ok : .notFound), what)
                let pdf = try await client.get("/inbound/\(fax.id)/pdf", .key(key.token)).status
                #expect(pdf == (fax.isIn && rights.opens ? .ok : sees ? .forbidden : .notFound), what)
            }
        }
    }

    /// Without any grant it is as in the contract: own faxes, and all received ones.
    @Test func aKeyWithoutGrants() async throws {
        try await TestGateway.run { gateway, client in
            try await gateway.mailbox("ward")
            let key = try await gateway.key(Self.scopes)
            let foreign = try await gateway.fax(owner: "another", in: "ward")
            let received = try await gateway.received(in: "ward", number: "+15551230100")
            #expect(try await client.get("/fax/\(foreign)", .key(key.token)).status == .notFound)
            #expect(try await client.get("/fax", .key(key.token)).json().items.isEmpty)
            #expect(try await client.get("/inbound/\(received)", .key(key.token)).status == .ok)
            #expect(try await client.get("/inbound/\(received)/pdf", .key(key.token)).status == .ok)
            for (mailbox, status) in [("ward", HTTPResponse.Status.accepted), ("attic", .badRequest), ("", .badRequest)] {
                let form = TestForm(parts: TestForm.good.parts + [.field("mailbox", mailbox)])
                #expect(try await client.send(form, .key(key.token)).status == status, "\(mailbox)")
            }
        }
    }

    @Test func theMailboxOfAFaxThatNamesNone() async throws {
        try await TestGateway.run { gateway, client in
            for mailbox in ["ward", "lab"] { try await gateway.mailbox(mailbox) }
            for (grants, expected) in [
                ([], "main"), (["ward:sender"], "ward"), (["ward:sender", "ward:reader"], "ward"), (["*:sender"], "main"),
                (["ward:sender", "main:sender"], "main"), (["ward:sender", "lab:sender"], nil),
            ] as [([String], String?)] {
                let key = try await gateway.key(Self.scopes, grants: grants)
                let response = try await client.send(.good, .key(key.token))
                #expect(response.status == (expected == nil ? .forbidden : .accepted), "\(grants)")
                #expect(try response.json()["mailbox"]?.text == expected, "\(grants)")
            }
        }
    }
}
