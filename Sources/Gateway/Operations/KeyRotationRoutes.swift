import Access
import Hummingbird
import Ledger
import Store
import Vault

/// Rotation of the keys that seal and sign; the keys of the API are ``KeyRoutes``'.
struct KeyRotationRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore

    func add(to router: Router<Context>) {
        router.post("/admin/keys/rewrap") { request, context in try await rewrap(request, context) }
        router.post("/admin/keys/rotate-ledger") { request, context in
            let principal = try await authorisation.require(.systemOperate, everywhere: .manageMailbox, request, context)
            let former = store.ledger.key.verifier
            do {
                let key = try await store.rotateLedgerKey(by: principal.initiator(request, context))
                return try JSONBody(["key": "\(key)", "former_key": "\(former)"]).response()
            } catch let failure as StoreFailure {
                guard case .ledgerIsOff = failure else { throw failure }
                throw Problem(.conflict, "The audit ledger is turned off (AUDIT_LOG_ENABLED), so its key cannot be changed.")
            }
        }
    }

    private struct Rewrapped: Encodable {
        let key: String
        let rewrapped: Int
        let remaining: Int
    }

    private func rewrap(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.systemOperate, everywhere: .manageMailbox, request, context)
        let result = try await store.rewrapKeys(by: principal.initiator(request, context))
        return try JSONBody(
            Rewrapped(key: store.keyRing.keyEncryptionKey.rawValue, rewrapped: result.rewrapped, remaining: result.remaining)
        ).response()
    }
}
