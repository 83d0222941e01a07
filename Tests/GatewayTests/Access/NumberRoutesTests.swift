import HTTPTypes
import HummingbirdTesting
import Store
import Testing

/// Own numbers over the API.
@Suite struct NumberRoutesTests {
    private static func body(_ number: String, _ mailbox: String? = nil) -> String {
        mailbox.map { #"{"number": "\#(number)", "mailbox": "\#($0)"}"# } ?? #"{"number": "\#(number)"}"#
    }

    @Test func assignedRetiredAndForgotten() async throws {
        try await TestGateway.run { gateway, client in
            try await gateway.mailbox("ward")
            #expect(try await client.get("/admin/numbers").json() == .array([]))
            let assigned = try await client.post("/admin/numbers", json: Self.body("+15551230100", "ward")).json()[0]
            #expect(assigned?.names == ["number", "mailbox", "status", "assigned_at", "retired_at"])
            #expect(assigned?["number"] == "+15551230100" && assigned?["mailbox"] == "ward" && assigned?["status"] == "in_use")
            #expect(assigned?["assigned_at"] == "2026-11-22T08:30:00.000Z" && assigned?["retired_at"] == .null)
            #expect(try await client.get("/admin/mailboxes/ward").json()["numbers"] == ["+15551230100"])
            #expect(try await client.post("/admin/numbers", json: Self.body("15551230100", "main")).status == .conflict)

            let retired = try await client.post("/admin/numbers/retire", json: Self.body("15551230100")).json()
            #expect(retired.items.map { $0["status"] } == ["retired"])
            #expect(retired[0]?["mailbox"] == "ward" && retired[0]?["retired_at"] == "2026-11-22T08:30:00.000Z")
            #expect(try await client.get("/admin/mailboxes/ward").json()["numbers"] == .array([]))
            #expect(try await client.get("/admin/numbers").json() == retired)

            #expect(try await client.post("/admin/numbers/forget", json: Self.body("+15551230100")).json() == .array([]))
            #expect(try await client.post("/admin/numbers/forget", json: Self.body("+15551230100")).status == .notFound)
            #expect(try await gateway.events("number.changed").map { $0.details?["change"] } == ["assigned", "retired", "forgotten"])
        }
    }

    @Test func malformed() async throws {
        try await TestGateway.run { gateway, client async throws in
            for (path, body) in [
                ("", "{}"), ("", #"{"number": "+15551230100"}"#), ("", Self.body("+15551230100", "Ward")), ("", Self.body("x", "main")),
                ("", "[]"), ("/retire", "{}"), ("/retire", Self.body("12345")), ("/forget", Self.body("+1555 1230100")),
            ] {
                #expect(try await client.post("/admin/numbers\(path)", json: body).status == .unprocessableContent, "\(path) \(body)")
            }
            #expect(try await client.post("/admin/numbers", json: Self.body("+15551230100", "attic")).status == .notFound)
            #expect(try await gateway.store.numbers().isEmpty)
        }
    }

    @Test func changedByAdministratorsOfAll() async throws {
        try await TestGateway.run { gateway, client in
            try await gateway.mailbox("ward", numbers: ["+15551230102"])
            try await gateway.mailbox("lab", numbers: ["+15551230103"])
            let one = HTTPFields.key(try await gateway.key([.keysManage], grants: ["ward:administrator"]).token)
            let all = HTTPFields.key(try await gateway.key([.keysManage], grants: ["*:administrator"]).token)
            for path in ["", "/retire", "/forget"] {
                let refused = try await client.post("/admin/numbers\(path)", one, json: Self.body("+15551230102", "ward"))
                #expect(refused.status == .forbidden)
                #expect(refused.detail == "Changing numbers takes an administrator of all mailboxes")
            }
            #expect(try await client.get("/admin/numbers", one).json().items.map { $0["number"] } == ["+15551230102"])
            #expect(try await client.post("/admin/numbers/retire", all, json: Self.body("+15551230103")).status == .ok)
            let entries = try await client.get("/admin/numbers", all).json().items
            #expect(entries.filter { $0["status"] == "retired" }.map { $0["number"] } == ["+15551230103"] && entries.count == 2)
            #expect(try await client.get("/admin/numbers", .key(try await gateway.key([.faxRead]).token)).status == .forbidden)
        }
    }
}
