import FaxModel
import FoundationEssentials
import Hummingbird
import NIOCore
import Store

/// Keys of the API: make, list, revoke, rotate.
struct KeyRoutes<Context: RequestContext>: Sendable {
    let authorisation: Authorisation

    func add(to router: Router<Context>) {
        router.post("/admin/api-keys") { request, _ in try await create(request) }
        router.get("/admin/api-keys") { request, _ in
            _ = try authorisation.require(.keysManage, request)
            return try JSONBody(try await authorisation.keys.list().map(KeyDocument.init)).response()
        }
        router.delete("/admin/api-keys/{keyId}") { request, context in
            _ = try authorisation.require(.keysManage, request)
            guard try await authorisation.keys.revoke(context.parameters.get("keyId") ?? "") else { throw Problem.noSuchKey }
            return try JSONBody(["status": "ok"]).response()
        }
        router.post("/admin/api-keys/{keyId}/rotate") { request, context in
            _ = try authorisation.require(.keysManage, request)
            guard let (key, token) = try await authorisation.keys.rotate(context.parameters.get("keyId") ?? "") else {
                throw Problem.noSuchKey
            }
            return try JSONBody(NewKeyDocument(key, token: token)).response()
        }
    }

    private struct Wanted: Decodable {
        let name: String?
        let owner: String?
        let scopes: [String]?
        let expires_at: String?
        let note: String?
    }

    private func create(_ request: Request) async throws -> Response {
        _ = try authorisation.require(.keysManage, request)
        let body = try await request.body.collect(upTo: 65_536)
        let wanted: Wanted
        do {
            wanted = try JSONDecoder().decode(
                Wanted.self, from: Data(body.readableBytes == 0 ? Array("{}".utf8) : Array(body.readableBytesView)))
        } catch {
            throw Problem(.unprocessableContent, "The body must be a JSON object with name, owner, scopes, expires_at and note.")
        }
        let scopes = try (wanted.scopes ?? [Scope.faxSend.rawValue, Scope.faxRead.rawValue]).map { word throws(Problem) in
            guard let scope = Scope(rawValue: word) else {
                let known = Scope.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.unprocessableContent, "The scopes are \(known).")
            }
            return scope
        }
        var expiry: Timestamp?
        if let text = wanted.expires_at {
            expiry = Timestamp(iso8601: text)
            if expiry == nil { throw Problem(.unprocessableContent, "expires_at must be an ISO 8601 time.") }
        }
        for (field, text, limit) in [("name", wanted.name, 200), ("owner", wanted.owner, 200), ("note", wanted.note, 1000)]
        where (text?.count ?? 0) > limit {
            throw Problem(.unprocessableContent, "The field \"\(field)\" holds at most \(limit) characters.")
        }
        let (key, token) = try await authorisation.keys.create(
            name: wanted.name ?? "", owner: wanted.owner ?? "", scopes: Set(scopes), expiresAt: expiry, note: wanted.note ?? "")
        return try JSONBody(NewKeyDocument(key, token: token)).response()
    }
}
