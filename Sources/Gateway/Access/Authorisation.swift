import HTTPTypes
import Hummingbird
import Store

/// Who may do what: asked at the beginning of each route, before a byte of the body is read.
struct Authorisation: Sendable {
    let keys: APIKeys

    /// - Throws: 401 without a good key, 403 when it lacks `scope`.
    func require(_ scope: Scope, _ request: Request) throws(Problem) -> Principal {
        let principal = try keys.principal(presenting: request.headers[.apiKey])
        guard principal.scopes.contains(scope) else {
            throw Problem(.forbidden, "Insufficient scope: \(scope.rawValue) required", closesConnection: true)
        }
        return principal
    }
}
