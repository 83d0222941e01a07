import FaxModel
import HTTPTypes
import Hummingbird
import Store

/// The end of a person's access: all credentials in one call (45 CFR 164.308(a)(3)(ii)(C)).
struct PeopleRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    /// `OAUTH_ISSUER`.
    let issuer: String?

    func add(to router: Router<Context>) {
        router.post("/admin/people/revoke") { request, context in try await revoke(request, context) }
    }

    private struct Wanted: Decodable {
        let person: String
    }

    private func revoke(_ request: Request, _ context: Context) async throws -> Response {
        try await requireAll(try await authorisation.require(.keysManage, request, context), request, context)
        let wanted = try await JSONRequest.decode(Wanted.self, request, expected: "person, the owner of keys or the subject of tokens")
        let principal = try await authorisation.confirm(.keysManage, request, context)
        try await requireAll(principal, request, context)
        guard (1...600).contains(wanted.person.utf8.count) else {
            throw Problem(.unprocessableContent, "The field \"person\" holds 1 to 600 characters.")
        }
        var keys: [String] = []
        for name in names(of: wanted.person) {
            keys += try await authorisation.keys.revoke(person: name, by: principal.initiator(request, context))
            authorisation.people.revoked(name)
        }
        return try JSONBody(["keys": keys.sorted()]).response()
    }

    private func requireAll(_ principal: Principal, _ request: Request, _ context: Context) async throws {
        guard principal.seesAll else {
            throw await authorisation.denied(
                principal, "Revoking a person takes keys:manage for all mailboxes", needing: "administrator", request, context)
        }
    }

    /// One person may be known as the owner of keys and as the subject of the issuer's tokens.
    private func names(of person: String) -> [String] {
        guard let issuer else { return [person] }
        let prefix = issuer + "|"
        return person.hasPrefix(prefix) ? [person, String(person.dropFirst(prefix.count))] : [person, prefix + person]
    }
}
