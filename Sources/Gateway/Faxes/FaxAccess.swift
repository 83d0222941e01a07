import Access
import FaxModel
import Hummingbird
import Store

/// The fax of a path, for whoever may see it or do something to it.
struct FaxAccess: Sendable {
    let authorisation: Authorisation
    let store: FaxStore

    /// The fax that a path names, if the key may see it: another's fax does not exist.
    /// - Throws: 401, 403, 404 or 429.
    func readable(
        _ scope: Scope, _ request: Request, _ context: GatewayContext
    ) async throws -> (fax: FaxRecord, principal: Principal) {
        let principal = try await authorisation.require(scope, request, context)
        return (try await visible(to: principal, context), principal)
    }

    /// The fax that a path names, if the key may cancel, resend and release it: its own, and those of mailboxes in which it has a role
    /// that does.
    /// - Throws: 401, 403, 404 or 429.
    func operable(
        _ scope: Scope, _ request: Request, _ context: GatewayContext
    ) async throws -> (fax: FaxRecord, principal: Principal) {
        let principal = try await authorisation.require(scope, request, context)
        let fax = try await visible(to: principal, context)
        try await require(principal, toOperate: fax, request, context)
        return (fax, principal)
    }

    /// As ``operable(_:_:_:)``, once the request's body has come: rights may be others by then.
    func confirmOperable(
        _ scope: Scope, _ fax: FaxRecord, _ request: Request, _ context: GatewayContext
    ) async throws -> Principal {
        let principal = try await authorisation.confirm(scope, request, context)
        guard principal.sees(fax) else { throw Problem.noSuchFax }
        try await require(principal, toOperate: fax, request, context)
        return principal
    }

    private func require(
        _ principal: Principal, toOperate fax: FaxRecord, _ request: Request, _ context: GatewayContext
    ) async throws {
        guard principal.operates(fax) else {
            throw await authorisation.denied(
                principal, "Your role in this fax's mailbox does not change what becomes of faxes", needing: "operator", request, context)
        }
    }

    private func visible(to principal: Principal, _ context: GatewayContext) async throws -> FaxRecord {
        guard let id = context.parameters.get("id").flatMap({ FaxID($0) }), let fax = try await store.fax(id), principal.sees(fax)
        else { throw Problem.noSuchFax }
        return fax
    }
}

extension Principal {
    /// Whether it may cancel, resend and release a fax.
    func operates(_ fax: FaxRecord) -> Bool {
        seesAll || fax.owner == id || grants.allows(.operateQueue, in: fax.mailbox, isOwn: false)
    }

    /// What a list is narrowed to.
    func narrow(_ filter: inout FaxFilter) {
        guard !seesAll, case .only(let mailboxes) = grants.mailboxes(allowing: .listFaxes) else { return }
        filter.owner = id
        filter.mailboxes = mailboxes
    }
}
