import HTTPTypes
import HummingbirdTesting
import Store
import Synchronization
import Testing

/// Health, readiness, settings.
@Suite struct ServiceRoutesTests {
    @Test func health() async throws {
        try await TestGateway.run { _, client in
            let response = try await client.get("/health", [:])
            #expect(response.status == .ok)
            #expect(try response.json() == .object(["status": "ok"]))
        }
    }

    @Test func readiness() async throws {
        let isUp = Mutex(true)
        try await TestGateway.run(checks: ["line": { isUp.withLock { $0 } }, "vault": { true }]) { _, client in
            for up in [true, false, true] {
                isUp.withLock { $0 = up }
                let response = try await client.get("/health/ready", [:])
                #expect(response.status == (up ? .ok : .serviceUnavailable))
                let checks = ["database": JSONValue.bool(true), "line": .bool(up), "vault": .bool(true)]
                #expect(
                    try response.json()
                        == .object(["status": up ? "ready" : "not_ready", "backend": "line", "checks": .object(checks)]))
            }
        }
    }

    @Test func readinessWithoutADatabase() async throws {
        try await TestGateway.run { gateway, client in
            try gateway.store.close()
            let response = try await client.get("/health/ready", [:])
            #expect(response.status == .serviceUnavailable)
            #expect(try response.json()["checks"]?["database"] == false)
            #expect(try await client.get("/health", [:]).status == .ok)
        }
    }

    @Test func settingsWithoutSecrets() async throws {
        let environment = ["PHAXIO_API_SECRET": "very-secret-value", "DATABASE_URL": "postgres://u:very-secret-value@h/d"]
        try await TestGateway.run(environment) { _, client in
            let response = try await client.get("/admin/config")
            #expect(response.status == .ok)
            #expect(!response.bytes.contains(Array("very-secret-value".utf8)))
            #expect(!response.bytes.contains(Array(TestGateway.bootstrapKey.utf8)))
            let settings = try response.json()
            for setting in settings.items { #expect(setting.names == ["name", "value", "source", "used"]) }
            let byName = Dictionary(uniqueKeysWithValues: settings.items.compactMap { item in item["name"]?.text.map { ($0, item) } })
            #expect(byName["API_KEY"]?["value"] == "***")
            #expect(byName["API_KEY"]?["source"] == "environment")
            #expect(byName["PHAXIO_API_SECRET"]?["value"] == "***")
            #expect(byName["PHAXIO_API_SECRET"]?["used"] == false)
            #expect(byName["MAX_FILE_SIZE_MB"]?["value"] == "100")
            #expect(byName["MAX_FILE_SIZE_MB"]?["source"] == "default")
        }
    }
}
