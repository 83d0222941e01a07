import Access
import FaxModel
import HTTPTypes
import Hummingbird
import Ledger
import Store

/// Keys of the API: make, list, revoke, rotate, and what they have been granted.
///
/// Nobody gives away what he does not have: whoever makes a key or changes one must have all its scopes, and must manage keys in the
/// mailboxes of its grants. A holder of `keys:manage` without grants of its own does so in all mailboxes.
struct KeyRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore

    func add(to router: Router<Context>) {
        router.post("/admin/api-keys") { request, context in try await create(request, context) }
        router.get("/admin/api-keys") { request, context in
            let principal = try await authorisation.require(.keysManage, request, context)
            return try JSONBody(try await authorisation.keys.list().filter(principal.manages).map(KeyDocument.init)).response()
        }
        router.delete("/admin/api-keys/{keyId}") { request, context in
            let (key, principal) = try await managed(request, context)
            guard try await authorisation.keys.revoke(key.id, by: principal.initiator(request, context)) else { throw Problem.noSuchKey }
            return try JSONBody(["status": "ok"]).response()
        }
        router.post("/admin/api-keys/{keyId}/rotate") { request, context in
            let (old, principal) = try await managed(request, context)
            try await requireScopes(old.scopes, principal, request, context)
            guard let (key, token) = try await authorisation.keys.rotate(old.id, by: principal.initiator(request, context)) else {
                throw Problem.noSuchKey
            }
            return try JSONBody(NewKeyDocument(key, token: token)).response()
        }
        router.put("/admin/api-keys/{keyId}/grants") { request, context in try await setGrants(request, context) }
        router.delete("/admin/api-keys/{keyId}/grants") { request, context in try await removeGrants(request, context) }
    }

    private func create(_ request: Request, _ context: Context) async throws -> Response {
        _ = try await authorisation.require(.keysManage, request, context)
        let wanted = try await JSONRequest.decode(
            KeyRequest.self, request, expected: "name, owner, scopes, expires_at, addresses, grants and note")
        let principal = try await authorisation.confirm(.keysManage, request, context)
        let scopes = try wanted.wantedScopes()
        let expiry = try wanted.expiry()
        let addresses = try wanted.ranges()
        try wanted.checkTexts()
        let grants = try KeyRequest.grants(wanted.grants ?? [])
        try await requireScopes(scopes, principal, request, context)
        try await require(grants, principal, request, context)
        let (key, token) = try await authorisation.keys.create(
            name: wanted.name ?? "", owner: wanted.owner ?? "", scopes: scopes, expiresAt: expiry, note: wanted.note ?? "",
            addresses: addresses, grants: grants.map(\.record), by: principal.initiator(request, context))
        return try JSONBody(NewKeyDocument(key, token: token)).response()
    }

    private struct Wanted: Decodable {
        let grants: [String]
    }

    private func setGrants(_ request: Request, _ context: Context) async throws -> Response {
        _ = try await managed(request, context)
        let wanted = try await JSONRequest.decode(Wanted.self, request, expected: "grants, a list of mailbox:role")
        let principal = try await authorisation.confirm(.keysManage, request, context)
        let key = try key(of: principal, context)
        let grants = try KeyRequest.grants(wanted.grants)
        try await requireScopes(key.scopes, principal, request, context)
        try await require(grants, principal, request, context)
        return try await set(grants, of: key.id, principal, request, context)
    }

    private func removeGrants(_ request: Request, _ context: Context) async throws -> Response {
        let (key, principal) = try await managed(request, context)
        try await requireScopes(key.scopes, principal, request, context)
        // A key without grants sees all received faxes that its scopes name.
        try await require([], principal, request, context)
        return try await set([], of: key.id, principal, request, context)
    }

    private func set(
        _ grants: [Grant], of id: String, _ principal: Principal, _ request: Request, _ context: Context
    ) async throws -> Response {
        guard
            try await authorisation.keys.setGrants(
                grants.map(\.record), of: id, by: principal.initiator(request, context))
        else { throw Problem.noSuchKey }
        return try JSONBody(["grants": grants.map(\.description).sorted()]).response()
    }

    /// The key that a path names, if the caller manages it: others do not exist.
    private func managed(_ request: Request, _ context: Context) async throws -> (key: APIKeyRecord, principal: Principal) {
        let principal = try await authorisation.require(.keysManage, request, context)
        return (try key(of: principal, context), principal)
    }

    private func key(of principal: Principal, _ context: Context) throws -> APIKeyRecord {
        guard let key = authorisation.keys.key(context.parameters.get("keyId") ?? ""), principal.manages(key) else {
            throw Problem.noSuchKey
        }
        return key
    }

    private func requireScopes(
        _ scopes: Set<Scope>, _ principal: Principal, _ request: Request, _ context: Context
    ) async throws {
        let missing = scopes.subtracting(principal.scopes).map(\.rawValue).sorted()
        guard missing.isEmpty else {
            throw await authorisation.denied(
                principal, "You cannot give a scope that you do not have: \(missing.joined(separator: ", "))",
                needing: missing.joined(separator: " "), request, context)
        }
    }

    private func require(_ grants: [Grant], _ principal: Principal, _ request: Request, _ context: Context) async throws {
        let isEnough = principal.seesAll || !grants.isEmpty && grants.allSatisfy(principal.grantsOthers)
        guard isEnough else {
            throw await authorisation.denied(
                principal, "You may only manage keys with roles in mailboxes that you administer", needing: "administrator", request,
                context)
        }
        for mailbox in Set(grants.compactMap(\.mailbox)).sorted() where try await store.mailbox(mailbox) == nil {
            throw Problem(.unprocessableContent, "There is no mailbox \(mailbox).")
        }
    }
}
