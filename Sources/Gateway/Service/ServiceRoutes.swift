import Hummingbird
import NIOCore
import ServerSettings
import Store

/// Health, readiness, the API's description and the effective settings.
struct ServiceRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    let settings: Settings
    /// Checks beside the database's, by name.
    let checks: [String: @Sendable () async -> Bool]

    private struct Readiness: Encodable {
        let status: String
        let backend: String
        let checks: [String: Bool]
    }

    private struct Setting: Encodable {
        let name: String
        let value: String
        let source: String
        let used: Bool
    }

    func add(to router: Router<Context>) {
        router.get("/health") { _, _ in try JSONBody(["status": "ok"]).response() }
        router.get("/health/ready") { _, _ in try await readiness() }
        router.get("/openapi.yaml") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/yaml; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_yaml)))
        }
        router.get("/admin/config") { request, context in
            _ = try await authorisation.require(.keysManage, request, context)
            let list = settings.effective.map {
                Setting(name: $0.name, value: $0.value, source: "\($0.source)", used: $0.isUsed)
            }
            return try JSONBody(list).response()
        }
    }

    private func readiness() async throws -> Response {
        var results = ["database": (try? await store.ping()) != nil]
        for (name, check) in checks { results[name] = await check() }
        let isReady = !results.values.contains(false)
        return try JSONBody(
            Readiness(status: isReady ? "ready" : "not_ready", backend: settings.backend.rawValue, checks: results)
        ).response(isReady ? .ok : .serviceUnavailable)
    }
}
