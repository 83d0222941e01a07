import FaxModel
import HTTPTypes
import HummingbirdTesting
import Store
import Testing

/// The recipients over the API.
@Suite struct RecipientRoutesTests {
    private static let names: Set<String> = [
        "number", "prefix", "status", "name", "expected_station", "reason", "new_number", "since", "confirmed_by", "confirmed_at",
        "created_at",
        "updated_at",
    ]

    @Test func madeChangedAndRemoved() async throws {
        try await TestGateway.run(["FAXLOCK_DEFAULT_REGION": "us"]) { gateway, client in
            #expect(try await client.get("/admin/recipients").json() == .array([]))
            let made = try await client.post(
                "/admin/recipients",
                json: #"{"number": "(555) 123-0100", "name": "Quincy Clinic", "expected_station": "+1 555 123 0100"}"#
            ).json()
            #expect(made.names == Self.names)
            #expect(made["number"] == "+15551230100" && made["status"] == "known" && made["prefix"] == .null)
            #expect(made["name"] == "Quincy Clinic" && made["expected_station"] == "+1 555 123 0100")
            #expect(made["since"] == "2026-11-22T08:30:00.000Z" && made["confirmed_at"] == .null)

            let optOut = #"{"number": "+15551230100", "status": "do_not_fax", "since": "2026-11-20", "reason": "by telephone"}"#
            let changed = try await client.post("/admin/recipients", json: optOut).json()
            #expect(changed["name"] == "Quincy Clinic" && changed["since"] == "2026-11-20T00:00:00.000Z")
            let denied = try await client.post("/admin/recipients", json: #"{"prefix": "+1900", "status": "denied"}"#).json()
            #expect(denied["prefix"] == "+1900" && denied["number"] == .null)
            #expect(try await client.get("/admin/recipients").json().items.count == 2)
            #expect(try await client.get("/admin/recipients?status=do_not_fax").json().items == [changed])
            #expect(try await client.get("/admin/recipients?status=nonsense").status == .badRequest)

            #expect(try await client.post("/admin/recipients/remove", json: #"{"number": "5551230100"}"#).status == .ok)
            #expect(try await client.post("/admin/recipients/remove", json: #"{"number": "5551230100"}"#).status == .notFound)
            #expect(try await client.post("/admin/recipients/remove", json: #"{"prefix": "+1900"}"#).status == .ok)
            #expect(
                try await gateway.events("recipient.changed").map { $0.details?["change"] }
                    == ["known", "do_not_fax", "denied", "removed", "removed"])
        }
    }

    @Test func malformed() async throws {
        try await TestGateway.run { gateway, client async throws in
            for body in [
                "{}", "[]", "x", #"{"number": 5551230100}"#, #"{"number": "12345"}"#, #"{"number": "(555) 123-0100"}"#,
                #"{"number": "+15551230100", "prefix": "+1"}"#, #"{"prefix": "1900", "status": "denied"}"#,
                #"{"prefix": "+", "status": "denied"}"#, #"{"prefix": "+1234567890123456", "status": "denied"}"#,
                #"{"prefix": "+1900", "status": "retired"}"#, #"{"prefix": "+1900"}"#,
                #"{"prefix": "+1900", "status": "denied", "name": "x"}"#, #"{"number": "+15551230100", "status": "good"}"#,
                #"{"number": "+15551230100", "since": "yesterday"}"#, #"{"number": "+15551230100", "expected_station": "Clinic"}"#,
                #"{"number": "+15551230100", "expected_station": "123456789012345678901"}"#,
                #"{"number": "+15551230100", "expected_station": "+ "}"#,
                #"{"number": "+15551230100", "new_number": "x"}"#, #"{"number": "+15551230100", "name": "a\nb"}"#,
                #"{"number": "+15551230100", "reason": "\#(String(repeating: "r", count: 201))"}"#,
            ] {
                let answer = try await client.post("/admin/recipients", json: body)
                #expect(answer.status == .unprocessableContent, "\(body)")
                #expect(answer.detail?.contains("5551230100") == false || answer.detail?.contains("+15551230100") == true)
            }
            #expect(try await client.post("/recipients/check", json: "{}").status == .unprocessableContent)
            #expect(try await client.post("/recipients/confirm", json: #"{"number": "12"}"#).status == .badRequest)
            #expect(try await gateway.store.recipients().isEmpty)
        }
    }

    @Test func whatASenderLearnsAndConfirms() async throws {
        let settings = ["FAXLOCK_DEFAULT_REGION": "US", "FAXLOCK_FIRST_USE": "confirm"]
        try await TestGateway.run(settings) { gateway, client in
            let sender = HTTPFields.key(try await gateway.key(.faxSend))
            func check(_ number: String) async throws -> JSONValue {
                try await client.post("/recipients/check", sender, json: #"{"number": "\#(number)"}"#).json()
            }
            let held = try await check("555-123-0100")
            #expect(held.names == ["number", "verdict", "code", "detail", "warnings", "recipient"])
            #expect(held["number"] == "+15551230100" && held["verdict"] == "hold" && held["code"] == "first_use")
            #expect(held["recipient"] == .null)
            // To ask changes nothing.
            #expect(try await gateway.store.recipients().isEmpty)

            let confirmed = try await client.post("/recipients/confirm", sender, json: #"{"number": "555-123-0100"}"#).json()
            #expect(confirmed["status"] == "known" && confirmed["confirmed_at"] == "2026-11-22T08:30:00.000Z")
            let sent = try await check("+15551230100")
            #expect(sent["verdict"] == "send" && sent["code"] == .null && sent["recipient"]?["confirmed_at"] != .null)

            let moved = #"{"number": "+15551230100", "status": "changed", "new_number": "5551230102"}"#
            #expect(try await client.post("/admin/recipients", json: moved).status == .ok)
            let refused = try await check("+15551230100")
            #expect(refused["verdict"] == "refuse" && refused["code"] == "number_changed" && refused["number"] == .null)
            #expect(refused["recipient"]?["new_number"] == "+15551230102")
            #expect(try await check("nonsense")["code"] == "bad_number")
            #expect(try await check("+442079460018")["code"] == "international_off")
        }
    }

    @Test func listsAreAdministratorsBusiness() async throws {
        try await TestGateway.run { gateway, client in
            try await gateway.mailbox("ward")
            let sender = HTTPFields.key(try await gateway.key([.faxSend]).token)
            let one = HTTPFields.key(try await gateway.key([.keysManage], grants: ["ward:administrator"]).token)
            let all = HTTPFields.key(try await gateway.key([.keysManage], grants: ["*:administrator"]).token)
            let body = #"{"number": "+15551230100", "status": "allowed"}"#
            for headers in [sender, one] {
                #expect(try await client.get("/admin/recipients", headers).status == .forbidden)
                #expect(try await client.post("/admin/recipients", headers, json: body).status == .forbidden)
                #expect(try await client.post("/admin/recipients/remove", headers, json: body).status == .forbidden)
            }
            #expect(try await client.post("/admin/recipients", all, json: body).status == .ok)
            #expect(try await client.get("/admin/recipients", all).json().items.count == 1)
            // Who may not send from a mailbox asks about no number there.
            let reader = HTTPFields.key(try await gateway.key([.faxSend], grants: ["ward:reader"]).token)
            #expect(try await client.post("/recipients/check", reader, json: #"{"number": "+15551230100"}"#).status == .forbidden)
            #expect(try await client.post("/recipients/confirm", reader, json: #"{"number": "+15551230100"}"#).status == .forbidden)
            #expect(
                try await client.post("/recipients/check", sender, json: #"{"number": "+15551230100", "mailbox": "ward"}"#).status == .ok)
        }
    }

    /// The wrong number is noticed after the fax was accepted, and in time.
    @Test func aListStopsAFaxThatWaits() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await client.send(.good).json()["id"]?.text ?? ""
            let other = try await client.send(TestForm(.field("to", "5551230101"), .file(TestForm.text))).json()["id"]?.text ?? ""
            for fax in [id, other] { try await gateway.render(try #require(FaxID(fax)), TestGateway.pages(1)) }
            let number = #""number": "+15551230100""#
            #expect(try await client.post("/admin/recipients", json: "{\(number), \"status\": \"retired\"}").status == .ok)
            let held = try await client.get("/fax/\(id)").json()
            #expect(held["state"] == "held" && held["hold"] == "recipient_barred")
            #expect(held["warnings"]?.items.last == .string(HoldReason.recipientBarred.sentence))
            #expect(try await client.get("/fax/\(other)").json()["state"] == "queued")
            let refused = try await client.post("/fax/\(id)/release")
            #expect(refused.status == .forbidden)
            #expect(try await client.get("/fax/\(id)").json()["state"] == "held")
            #expect(try await client.post("/admin/recipients/remove", json: "{\(number)}").status == .ok)
            #expect(try await client.post("/fax/\(id)/release").json()["state"] == "queued")
            let told = try await client.get("/fax/\(id)/events").json().items.map { $0["type"]?.text }
            #expect(told.suffix(2) == ["fax.held", "fax.queued"])
        }
    }

    @Test(arguments: [
        ("FAXLOCK_DEFAULT_REGION", "XX"), ("FAXLOCK_DEFAULT_REGION", "USA"), ("FAXLOCK_INTERNATIONAL", "yes"),
        ("FAXLOCK_FIRST_USE", "hold"), ("FAXLOCK_ONE_DIGIT_OFF", "confirm"), ("FAXLOCK_RECIPIENTS", "closed"),
        ("FAXLOCK_DAILY_FAXES_PER_KEY", "-1"),
    ])
    func wrongSettings(name: String, text: String) async {
        await #expect(throws: (any Error).self) { try await TestGateway.run([name: text]) { _, _ in } }
    }
}
