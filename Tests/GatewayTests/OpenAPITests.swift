import FaxModel
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ServerSettings
import Store
import Testing

/// `openapi.yaml` says what the code does, and the code does nothing else.
@Suite struct OpenAPITests {
    private static let methods: Set<String> = ["get", "put", "post", "delete", "patch", "head", "options"]

    private func served() async throws -> YAMLOutline.Node {
        let response = try await withClient { try await $1.get("/openapi.yaml", [:]) }
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "application/yaml; charset=utf-8")
        let root = YAMLOutline(String(decoding: response.bytes, as: UTF8.self)).root
        try #require(root["openapi"]?.value == "3.1.0")
        return root
    }

    private func withClient<Value: Sendable>(
        _ body: @escaping @Sendable (TestGateway, any TestClientProtocol) async throws -> Value
    ) async throws -> Value {
        let result = Result<Value>()
        try await TestGateway.run { try await result.set(body($0, $1)) }
        return try await #require(result.value)
    }

    private actor Result<Value: Sendable> {
        var value: Value?
        func set(_ value: Value) { self.value = value }
    }

    @Test func everyRouteAndNoOther() async throws {
        let paths = try #require(try await served()["paths"])
        let documented = Set(
            paths.children.flatMap { path in path.keys.filter(Self.methods.contains).map { "\($0.uppercased()) \(path.key)" } })
        let routes = try await withClient { gateway, _ in
            Set(gateway.router(keys: gateway.keys).build().routes.map { "\($0.method) /\($0.path.description.drop { $0 == "/" })" })
        }
        #expect(documented == routes)
        #expect(routes.count > 30)
    }

    /// The enumerations of the document are those of the code.
    @Test func theWords() async throws {
        let schemas = try #require(try await served().at("components", "schemas"))
        func words(_ path: String...) -> Set<String> {
            Set(path.reduce(schemas as YAMLOutline.Node?) { $0?[$1] }?["enum"]?.items ?? [])
        }
        #expect(words("Scope") == Set(Scope.allCases.map(\.rawValue)))
        #expect(words("FaxState") == Set(FaxState.allCases.map(\.rawValue)))
        #expect(words("Fax", "properties", "status") == Set(FaxState.allCases.map(\.contractStatus)))
        #expect(words("Fax", "properties", "backend") == Set(BackendKind.allCases.map(\.rawValue)))
        #expect(words("Attempt", "properties", "outcome") == Set(FaxRoutesTests.outcomes.map(\.0.name) + ["delivered", "null"]))
        #expect(words("Attempt", "properties", "cause") == Set(FailureCause.allCases.map(\.rawValue) + ["null"]))
        #expect(words("Resolution") == ["standard", "fine"])
        #expect(words("Priority") == Set(Priority.allCases.map(\.rawValue)))
        #expect(words("Purpose") == Set(Purpose.allCases.map(\.rawValue)))
        #expect(words("Fax", "properties", "hold") == Set(HoldReason.allCases.map(\.rawValue) + ["null"]))
        #expect(words("ReconcileRequest", "properties", "finding") == Set(FaxEvent.Finding.allCases.map(\.rawValue)))
        #expect(words("RecipientStatus") == Set(RecipientRecord.Status.allCases.map(\.rawValue)))
        #expect(words("FaxForm", "properties", "paper") == Set(Paper.allCases.map(\.rawValue)))
        #expect(words("InboundStatus") == ["received", "partial"])
        #expect(words("Readiness", "properties", "status") == ["ready", "not_ready"])
    }

    /// Responses have exactly the properties of their schemas.
    @Test func theProperties() async throws {
        let schemas = try #require(try await served().at("components", "schemas"))
        let bodies = try await withClient { gateway, client in
            let id = try #require(FaxID(try await client.send(.good).json()["id"]?.text ?? ""))
            try await gateway.render(id, TestGateway.pages(1))
            try await gateway.deliver(id, TestGateway.pages(1))
            let received = try await gateway.receive()
            let key = try await gateway.key([]).id
            let fax = try await client.get("/fax/\(id)").json()
            let several = TestForm(.field("to", "5551230100,5551230101"), .file(TestForm.text))
            let batch = try await client.send(several).json()
            let attempt = try await client.get("/fax/\(id)/attempts").json()[0]
            return [
                ("Batch", batch),
                ("CancelledBatch", try await client.post("/batches/\(batch["batch_id"]?.text ?? "")/cancel").json()),
                ("AttemptDetail", attempt),
                ("SentPage", attempt?["pages"]?[0]),
                ("FaxEvent", try await client.get("/fax/\(id)/events").json()[0]),
                ("Fax", fax),
                ("Attempt", fax["attempts"]?[0]),
                ("PDFLink", try await client.post("/fax/\(id)/pdf-token").json()),
                ("InboundFax", try await client.get("/inbound/\(received.id)").json()),
                ("InboundFax", try await client.get("/inbound").json()[0]),
                ("NewAPIKey", try await client.post("/admin/api-keys").json()),
                ("APIKey", try await client.get("/admin/api-keys").json()[0]),
                ("Grants", try await client.execute(uri: "/admin/api-keys/\(key)/grants", method: .delete, headers: .bootstrap).json()),
                ("Mailbox", try await client.get("/admin/mailboxes/main").json()),
                ("OwnNumber", try await client.post("/admin/numbers/retire", json: #"{"number": "+15551230108"}"#).json()[0]),
                ("Recipient", try await client.post("/recipients/confirm", json: #"{"number": "+15551230108"}"#).json()),
                ("RecipientVerdict", try await client.post("/recipients/check", json: #"{"number": "+15551230108"}"#).json()),
                ("PageQuality", try await client.get("/inbound/\(received.id)").json()["pages_quality"]?[0]),
                ("NewAPIKey", try await client.post("/admin/emergency", json: #"{"reason": "legal", "minutes": 1}"#).json()),
                ("Emergency", try await client.get("/admin/emergency").json()[0]),
                ("Setting", try await client.get("/admin/config").json()[0]),
                ("Readiness", try await client.get("/health/ready").json()),
                ("Error", try await client.get("/fax/x").json()),
            ]
        }
        for (name, body) in bodies {
            let schema = try #require(schemas[name])
            let properties = try #require(schema["properties"]).keys
            #expect(body?.names == Set(properties), "\(name)")
            let required = Set(try #require(schema["required"]).items)
            #expect(required == Set(properties).subtracting(["attempts"]), "\(name)")
        }
    }

    /// Every status that a route gives is among those that the document gives for it.
    @Test func theStatusCodes() async throws {
        let paths = try #require(try await served()["paths"])
        let seen = try await withClient { gateway, client in
            let id = try #require(FaxID(try await client.send(.good).json()["id"]?.text ?? ""))
            try await gateway.render(id, TestGateway.pages(1))
            let link = try #require(try await client.post("/fax/\(id)/pdf-token").json()["url"]?.text).dropFirst(23)
            let received = try await gateway.receive()
            let weak = HTTPFields.key(try await gateway.key())
            let none = "019a9f3c81d04b7e9a1f6c2d5e8b7a90"
            let keyPath = "/admin/api-keys/\(try await gateway.key([]).id)"
            let opener = try await gateway.key([.emergencyOpen])
            let opened = try await client.post("/admin/emergency", .key(opener.token), json: #"{"reason": "legal", "minutes": 1}"#).json()
            let reviewed = "/admin/emergency/\(opened["key_id"]?.text ?? "")/review"
            var seen: [(String, String, Int)] = []
            let requests: [(String, String, HTTPRequest.Method, [String], String?)] = [
                ("/fax", "post", .post, ["/fax"], nil), ("/fax", "get", .get, ["/fax", "/fax?limit=0"], nil),
                ("/fax/{id}", "get", .get, ["/fax/\(id)", "/fax/\(none)"], nil),
                ("/fax/{id}/attempts", "get", .get, ["/fax/\(id)/attempts", "/fax/\(none)/attempts"], nil),
                ("/fax/{id}/events", "get", .get, ["/fax/\(id)/events", "/fax/\(none)/events", "/fax/\(id)/events?after=x"], nil),
                ("/fax/{id}/hold", "post", .post, ["/fax/\(id)/hold", "/fax/\(id)/hold", "/fax/\(none)/hold"], nil),
                ("/fax/{id}/release", "post", .post, ["/fax/\(id)/release", "/fax/\(none)/release"], nil),
                ("/fax/{id}/reconcile", "post", .post, ["/fax/\(id)/reconcile"], #"{"finding": "delivered", "evidence": "asked"}"#),
                ("/fax/{id}/reconcile", "post", .post, ["/fax/\(id)/reconcile", "/fax/\(none)/reconcile"], "x"),
                ("/fax/{id}/resend", "post", .post, ["/fax/\(id)/resend", "/fax/\(none)/resend"], nil),
                ("/fax/{id}/cancel", "post", .post, ["/fax/\(id)/cancel", "/fax/\(id)/cancel", "/fax/\(none)/cancel"], nil),
                ("/fax/{id}/resend", "post", .post, ["/fax/\(id)/resend"], nil),
                ("/fax/{id}/resend", "post", .post, ["/fax/\(id)/resend"], #"{"to": "x"}"#),
                ("/fax/{id}/resend", "post", .post, ["/fax/\(id)/resend"], "x"),
                ("/batches/{id}", "get", .get, ["/batches/\(none)"], nil),
                ("/batches/{id}/cancel", "post", .post, ["/batches/\(none)/cancel"], nil),
                ("/fax/{id}/pdf-token", "post", .post, ["/fax/\(id)/pdf-token", "/fax/\(none)/pdf-token"], nil),
                ("/fax/{id}/pdf", "get", .get, [String(link), "/fax/\(id)/pdf", "/fax/\(none)/pdf"], nil),
                ("/inbound", "get", .get, ["/inbound", "/inbound?limit=x"], nil),
                ("/inbound/{id}", "get", .get, ["/inbound/\(received.id)", "/inbound/\(none)"], nil),
                ("/inbound/{id}/pdf", "get", .get, ["/inbound/\(received.id)/pdf", "/inbound/\(none)/pdf"], nil),
                ("/health", "get", .get, ["/health"], nil), ("/health/ready", "get", .get, ["/health/ready"], nil),
                ("/openapi.yaml", "get", .get, ["/openapi.yaml"], nil),
                ("/admin/api-keys", "post", .post, ["/admin/api-keys"], "{}"), ("/admin/api-keys", "post", .post, ["/admin/api-keys"], "x"),
                ("/admin/api-keys", "post", .post, ["/admin/api-keys"], String(repeating: " ", count: 66_000)),
                ("/admin/api-keys", "get", .get, ["/admin/api-keys"], nil),
                ("/admin/api-keys/{keyId}", "delete", .delete, ["/admin/api-keys/k"], nil),
                ("/admin/api-keys/{keyId}/rotate", "post", .post, ["/admin/api-keys/k/rotate"], nil),
                ("/admin/config", "get", .get, ["/admin/config"], nil),
                ("/admin/api-keys/{keyId}/grants", "put", .put, ["/admin/api-keys/k/grants", keyPath + "/grants"], #"{"grants": []}"#),
                ("/admin/api-keys/{keyId}/grants", "put", .put, [keyPath + "/grants"], #"{"grants": ["x"]}"#),
                ("/admin/api-keys/{keyId}/grants", "delete", .delete, ["/admin/api-keys/k/grants", keyPath + "/grants"], nil),
                ("/admin/people/revoke", "post", .post, ["/admin/people/revoke"], #"{"person": "jane"}"#),
                ("/admin/people/revoke", "post", .post, ["/admin/people/revoke"], "x"),
                ("/admin/emergency", "post", .post, ["/admin/emergency"], #"{"reason": "emergency", "minutes": 5}"#),
                ("/admin/emergency", "post", .post, ["/admin/emergency"], nil),
                ("/admin/emergency", "get", .get, ["/admin/emergency"], nil),
                ("/admin/emergency/{key}/review", "post", .post, ["/admin/emergency/k/review", reviewed, reviewed], nil),
                ("/admin/mailboxes", "get", .get, ["/admin/mailboxes"], nil),
                ("/admin/mailboxes/{id}", "get", .get, ["/admin/mailboxes/main", "/admin/mailboxes/k"], nil),
                ("/admin/mailboxes/{id}", "put", .put, ["/admin/mailboxes/main", "/admin/mailboxes/K"], #"{"numbers": ["5551230100"]}"#),
                ("/admin/mailboxes/{id}", "put", .put, ["/admin/mailboxes/ward"], #"{"numbers": ["5551230100"]}"#),
                ("/admin/numbers", "get", .get, ["/admin/numbers"], nil),
                ("/admin/numbers", "post", .post, ["/admin/numbers"], #"{"number": "5551230100", "mailbox": "ward"}"#),
                ("/admin/numbers", "post", .post, ["/admin/numbers"], #"{"number": "5551230102", "mailbox": "attic"}"#),
                ("/admin/numbers", "post", .post, ["/admin/numbers"], nil),
                ("/admin/numbers/retire", "post", .post, ["/admin/numbers/retire"], #"{"number": "5551230102"}"#),
                ("/admin/numbers/forget", "post", .post, ["/admin/numbers/forget"], #"{"number": "5551230103"}"#),
            ]
            for (path, name, method, uris, json) in requests {
                for uri in uris {
                    for headers in [.bootstrap, weak, [:]] {
                        let response = try await client.execute(
                            uri: uri, method: method, headers: headers, body: json.map { .init(string: $0) })
                        seen.append((path, name, response.status.code))
                    }
                }
            }
            let forms = [
                TestForm(), TestForm(.field("to", "x")), TestForm(.field("to", "5551230100"), .file([0])), TestForm.good,
            ]
            for form in forms { seen.append(("/fax", "post", try await client.send(form).status.code)) }
            var large = HTTPFields.bootstrap.form
            large[.contentLength] = "200000000"
            seen.append(("/fax", "post", try await client.execute(uri: "/fax", method: .post, headers: large).status.code))
            return seen
        }
        for (path, method, status) in seen {
            let responses = try #require(paths[path]?[method]?["responses"], "\(method) \(path)")
            #expect(responses["\(status)"] != nil, "\(method) \(path) \(status)")
        }
        #expect(Set(seen.map(\.2)) == [200, 202, 400, 401, 403, 404, 409, 413, 415, 422])
    }

    /// Every reference of the document leads somewhere.
    @Test func theReferences() async throws {
        let root = try await served()
        var count = 0
        func visit(_ node: YAMLOutline.Node) {
            if node.key == "$ref" {
                count += 1
                let target = node.value.split(separator: "/").dropFirst().reduce(root as YAMLOutline.Node?) { $0?[String($1)] }
                #expect(target != nil, "\(node.value)")
            }
            node.children.forEach(visit)
        }
        visit(root)
        #expect(count > 50)
    }
}
