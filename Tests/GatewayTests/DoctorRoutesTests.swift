import Doctor
import FaxModel
import Foundation
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Ledger
import Store
import Testing

@Suite struct DoctorRoutesTests {
    private static let digest = String(repeating: "0a", count: 32)
    private static func record(_ sha256: String = digest, profile: String = "hipaa", fail: Int = 0) -> String {
        """
        {"sha256": "\(sha256)", "profile": "\(profile)", "pass": 30, "fail": \(fail), "warn": 2, "attest": 4, "not_applicable": 1}
        """
    }

    private static let sink = ServerFacts.Sink(
        name: "syslog", position: 41, last_success: nil, last_error: "connection refused", backlog_since: "2026-11-22T08:00:00.000Z")

    @Test func whatAServerSaysOfItself() async throws {
        try await TestGateway.run([
            "PHAXIO_API_SECRET": "changeme", "FAX_HEADER": "Quincy Clinic", "FAX_LOCAL_STATION_ID": "+1 555 123 0111",
        ]) { gateway, _ in
            let subject = DoctorSubject(
                version: "0.1.0", keyFile: "/keys/faxlock.key", associates: ["phaxio"], startedAt: gateway.clock.now,
                walls: ServerFacts.Walls(landlock: 4, system_call_filter: true), listening: { "https://127.0.0.1:8443" },
                sinks: { [Self.sink] })
            let router = gateway.router(keys: gateway.keys, subject: subject)
            _ = try await gateway.key(.faxSend)
            _ = try await gateway.key(.faxSend, expiresAt: gateway.clock.now)
            _ = try await gateway.store.recordAssociate(
                "phaxio", agreedOn: gateway.clock.now, expiresOn: nil, note: "call Jane", by: .system)
            try await gateway.store.record(LedgerEvent(.integrityChecked, object: "vault", by: .system))
            try await Application(router: router.build(), logger: gateway.logs.logger()).test(.router) { client in
                let response = try await client.get("/admin/doctor/facts")
                #expect(response.status == .ok && response.headers[.cacheControl] == "no-store")
                let text = String(decoding: response.bytes, as: UTF8.self)
                for secret in [TestGateway.bootstrapKey, "changeme", "Quincy", "555", "Jane"] {
                    #expect(!text.contains(secret), "\(secret)")
                }
                let facts = try JSONDecoder().decode(ServerFacts.self, from: Data(response.bytes))
                #expect(facts.weak_secrets == ["PHAXIO_API_SECRET"] && facts.associates == ["phaxio"])
                #expect(facts.agreements.map(\.in_force) == [true] && facts.agreements[0].expires_on == nil)
                #expect(facts.process.id == getpid() && facts.process.user == geteuid())
                #expect(
                    facts.process.started_ticks == ProcessProbe(id: getpid()).startedTicks && facts.process.boot_id == ProcessProbe.bootID)
                #expect(facts.keys.count == 1 && facts.keys[0].expires_at == nil)
                #expect(facts.newest["integrity.checked"]?.outcome == "success" && facts.newest["backup.made"] == nil)
                #expect(facts.settings.first { $0.name == "API_KEY" }?.value == "***")
                #expect(facts.settings.first { $0.name == "API_KEY" }?.is_secret == true)
                #expect(facts.walls.landlock == 4 && facts.walls.system_call_filter)
                #expect(facts.sinks.map(\.position) == [41] && facts.key_file == "/keys/faxlock.key")
                #expect(facts.listening == "https://127.0.0.1:8443" && facts.ledger.events > 0)
                let sinks = try await client.get("/admin/audit/sinks").json()
                #expect(sinks[0]?["last_error"] == "connection refused" && sinks.items.count == 1)
            }
        }
    }

    @Test(arguments: [0, 3]) func aReportIsRecordedAndSigned(failures: Int) async throws {
        try await TestGateway.run { gateway, client in
            let answer = try await client.post("/admin/doctor/report", json: Self.record(fail: failures))
            #expect(answer.status == .ok)
            let signature = try JSONDecoder().decode(DoctorReport.Signature.self, from: Data(answer.bytes))
            #expect(signature.key == "\(gateway.store.ledger.key.verifier)" && signature.at == "2026-11-22T08:30:00.000Z")
            let statement = try #require(DoctorStatement(digest: Self.digest, time: signature.at))
            #expect(statement.isSigned(signature.value, by: gateway.store.ledger.key.verifier))
            var query = FaxStore.LedgerQuery()
            query.action = "doctor.reported"
            let events = try await gateway.store.ledgerEntries(matching: query, limit: 10).map { String(decoding: $0.leaf, as: UTF8.self) }
            #expect(events.count == 1 && events[0].contains("report/\(Self.digest)"))
            #expect(events[0].contains(failures > 0 ? #""outcome":"failure""# : #""outcome":"success""#))
        }
    }

    @Test(arguments: [
        "", "{}", "x", record("0A"), record(String(repeating: "0A", count: 32)), record(profile: "gdpr"),
    ])
    func malformed(body: String) async throws {
        try await TestGateway.run { _, client in
            let answer = try await client.post("/admin/doctor/report", json: body)
            #expect(answer.status == .unprocessableContent)
        }
    }
}
