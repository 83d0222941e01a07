import FaxModel
import HTTPTypes
import HummingbirdTesting
import Ledger
import NIOCore
import Store
import Testing

@testable import Gateway

/// `/metrics`, `/stats` and `/queue`: who may ask, and that nothing of a fax is in the answers.
@Suite struct MonitoringRoutesTests {
    private func metrics(_ client: any TestClientProtocol, _ headers: HTTPFields = .bootstrap) async throws -> String {
        let response = try await client.get("/metrics", headers)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        return String(decoding: response.bytes, as: UTF8.self)
    }

    /// A fax that is delivered and one that waits.
    private func faxes(_ gateway: TestGateway, _ client: any TestClientProtocol) async throws -> (delivered: FaxID, waiting: FaxID) {
        let delivered = try #require(FaxID(try await client.send(.good).json()["id"]?.text ?? ""))
        try await gateway.render(delivered, TestGateway.pages(1))
        try await gateway.deliver(delivered, TestGateway.pages(1))
        return (delivered, try await gateway.fax(owner: "key_1"))
    }

    @Test func whatIsCounted() async throws {
        try await TestGateway.run { gateway, client in
            _ = try await faxes(gateway, client)
            gateway.clock.advance(by: .seconds(90))
            _ = try await client.get("/fax/019a9f3c81d04b7e9a1f6c2d5e8b7a90")
            _ = try await client.get("/nothing/+15551230142")
            let text = try await metrics(client)
            for line in [
                "# TYPE faxlock_faxes gauge", "faxlock_faxes{state=\"queued\"} 1", "faxlock_faxes{state=\"held\"} 0",
                "faxlock_faxes_finished_total{state=\"delivered\"} 1", "faxlock_queue_depth{priority=\"normal\"} 1",
                "faxlock_oldest_fax_age_seconds{state=\"queued\"} 90", "faxlock_oldest_fax_age_seconds{state=\"sending\"} 0",
                "faxlock_stalled_faxes{state=\"queued\"} 0", "faxlock_busy_lanes 0", "faxlock_webhook_messages{state=\"dead\"} 0",
                "faxlock_http_requests_total{route=\"/fax\",method=\"POST\",status=\"2xx\"} 1",
                "faxlock_http_requests_total{route=\"/fax/{id}\",method=\"GET\",status=\"4xx\"} 1",
                "faxlock_http_requests_total{route=\"other\",method=\"GET\",status=\"4xx\"} 1",
                "faxlock_http_request_duration_seconds_count{route=\"/fax\",method=\"POST\"} 1",
                "faxlock_ledger_events \(gateway.store.ledger.size)",
            ] {
                #expect(text.contains(line + "\n"), "\(line)")
            }
            #expect(text.contains("\nprocess_resident_memory_bytes "))
            #expect(!text.contains("=\"other\"} 1\n# "))
        }
    }

    /// No number, no id, no mailbox, no key: only words of the program.
    @Test func nothingOfAFaxIsInTheMetrics() async throws {
        try await TestGateway.run { gateway, client in
            let ids = try await faxes(gateway, client)
            try await gateway.mailbox("ward-jane-doe", numbers: ["+15551230199"])
            _ = try await gateway.fax(owner: "Jane Doe", in: "ward-jane-doe")
            for path in ["/fax/\(ids.waiting)", "/fax?number=%2B15551230100", "/inbound/jane", "/+15551230100"] {
                _ = try await client.get(path)
            }
            let text = try await metrics(client)
            for secret in ["1555", "5551230", "0100", "jane", "Jane", "ward", ids.waiting.text, ids.delivered.text, "key_1", "bootstrap"] {
                // Numbers of buckets and bytes are not labels.
                #expect(!text.matches(of: #/\{[^\n]*\}/#).contains { $0.output.contains(secret) }, "\(secret)")
            }
            for label in text.matches(of: /(\w+)="([^"]*)"/) {
                let names = ["state", "priority", "route", "method", "status", "le", "outcome", "cause", "result"]
                #expect(names.contains(String(label.1)), "\(label.1)")
                #expect(label.2.wholeMatch(of: /[a-z_\/{}.A-Z-]*|[1-5]xx|[0-9.]+|\+Inf/) != nil, "\(label.2)")
            }
        }
    }

    @Test func whoMayRead() async throws {
        try await TestGateway.run { gateway, client in
            let reader = try await gateway.key(.metricsRead)
            #expect(try await client.get("/metrics", .key(reader)).status == .ok)
            #expect(try await client.get("/stats", .key(reader)).status == .forbidden)
            let others = try await gateway.key(.faxSend, .faxRead, .keysManage, .auditRead, .systemOperate)
            #expect(try await client.get("/metrics", .key(others)).status == .forbidden)
            #expect(try await client.get("/metrics", [:]).status == .unauthorized)
            for path in ["/stats", "/queue"] {
                let operators = try await gateway.key([.systemOperate], grants: ["*:operator"])
                #expect(try await client.get(path, .key(operators.token)).status == .ok)
                let wards = try await gateway.key([.systemOperate], grants: ["main:operator"])
                #expect(try await client.get(path, .key(wards.token)).status == .forbidden)
                let reading = try await gateway.key([.systemOperate], grants: ["*:reader"])
                #expect(try await client.get(path, .key(reading.token)).status == .forbidden)
            }
        }
    }

    @Test func offAndOpen() async throws {
        try await TestGateway.run(["FAXLOCK_METRICS": "off"]) { _, client async throws in
            #expect(try await client.get("/metrics", [:]).status == .unauthorized)
            #expect(try await client.get("/metrics").status == .notFound)
        }
        try await TestGateway.run(["FAXLOCK_METRICS": "open"], .live) { _, client async throws in
            _ = try await metrics(client, [:])
            // Through a proxy on this machine it would be open to the world.
            var forwarded = HTTPFields()
            forwarded[.forwardedFor] = "192.0.2.7"
            #expect(try await client.get("/metrics", forwarded).status == .unauthorized)
        }
    }

    @Test func statistics() async throws {
        try await TestGateway.run { gateway, client in
            _ = try await faxes(gateway, client)
            gateway.clock.advance(by: .seconds(60))
            let week = try await client.get("/stats").json()
            #expect(week["accepted"] == 2 && week["delivered"] == 1 && week["under_way"] == 1 && week["pages"] == 1)
            #expect(week["success"] == 1 && week["first_call_success"] == 1 && week["median_seconds"] == 0)
            #expect(week["calls"]?[0]?["outcome"] == "delivered" && week["calls"]?[0]?["cause"] == .null)
            let before = try await client.get("/stats?from=2026-01-01&to=2026-02-01").json()
            #expect(before["accepted"] == 0 && before["success"] == .null && before["from"] == "2026-01-01T00:00:00.000Z")
            for query in ["from=x", "to=x", "from=2026-02-01&to=2026-01-01", "from=2020-01-01&to=2026-01-01"] {
                #expect(try await client.get("/stats?\(query)").status == .unprocessableContent, "\(query)")
            }
        }
    }

    @Test func queue() async throws {
        try await TestGateway.run { gateway, client in
            let ids = try await faxes(gateway, client)
            let queue = try await client.get("/queue").json()
            #expect(queue["counts"]?["queued"] == 1 && queue["counts"]?["held"] == 0 && queue["stalled"] == 0)
            #expect(queue["faxes"]?.items.count == 1)
            let fax = queue["faxes"]?[0]
            #expect(fax?["id"]?.text == ids.waiting.text && fax?["reason"] == "line" && fax?["to"] == "+1555***0100")
            #expect(fax?["until"] == .null && fax?["calls"] == 0 && fax?["pages"] == 1)
            #expect(try await gateway.store.hold(ids.waiting, reason: .oneDigitOff, by: .system))
            let held = try await client.get("/queue?only=held&limit=1").json()["faxes"]?[0]
            #expect(held?["hold"] == "one_digit_off" && held?["reason"] == "held")
            #expect(held?["sentence"]?.text == HoldReason.oneDigitOff.sentence)
            for only in ["unknown", "stalled"] {
                #expect(try await client.get("/queue?only=\(only)").json()["faxes"]?.items.isEmpty == true)
            }
            for query in ["only=x", "limit=0", "limit=1001", "limit=x"] {
                #expect(try await client.get("/queue?\(query)").status == .unprocessableContent, "\(query)")
            }
        }
    }

    /// Answers have exactly the properties of their schemas, all of them always.
    @Test func theDescription() async throws {
        try await TestGateway.run { gateway, client in
            _ = try await faxes(gateway, client)
            gateway.clock.advance(by: .seconds(60))
            let text = String(decoding: try await client.get("/openapi.yaml", [:]).bytes, as: UTF8.self)
            let schemas = try #require(YAMLOutline(text).root.at("components", "schemas"))
            let queue = try await client.get("/queue").json()
            let statistics = try await client.get("/stats").json()
            for (name, body) in [
                ("Queue", queue), ("QueuedFax", queue["faxes"]?[0]), ("Statistics", statistics), ("CallCount", statistics["calls"]?[0]),
            ] {
                let properties = Set(try #require(schemas[name]?["properties"]).keys)
                #expect(body?.names == properties, "\(name)")
                #expect(Set(schemas[name]?["required"]?.items ?? []) == properties, "\(name)")
            }
            let reasons: [WaitingFax.Reason] = [
                .calling, .line, .pause, .destination, .hours, .rendering, .renderer, .scheduled, .held(nil), .unknown,
            ]
            #expect(Set(schemas.at("QueuedFax", "properties", "reason", "enum")?.items ?? []) == Set(reasons.map(\.word)))
        }
    }
}
