import Access
import FaxModel
import Hummingbird
import Ledger
import Store

/// Legal holds on faxes, sent or received.
struct HoldRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore

    func add(to router: Router<Context>) {
        router.post("/admin/holds") { request, context in try await place(request, context) }
        router.get("/admin/holds") { request, context in
            let principal = try await authorisation.require(.systemOperate, request, context)
            var holds: [Hold] = []
            for hold in try await store.holds() where try await principal.may(.manageMailbox, to: hold.fax, in: store) {
                holds.append(Hold(hold))
            }
            return try JSONBody(holds).response()
        }
        router.delete("/admin/holds/{fax}") { request, context in try await release(request, context) }
    }

    private struct Wanted: Decodable {
        let fax: String
        let reason: String
    }

    private struct Hold: Encodable {
        let fax: String
        let reason: String
        let placed_by: String
        let placed_at: String

        init(_ hold: LegalHold) {
            fax = hold.fax.text
            reason = hold.reason
            placed_by = hold.placedBy
            placed_at = hold.placedAt.description
        }
    }

    private func place(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.systemOperate, request, context)
        let wanted = try await JSONRequest.decode(Wanted.self, request, expected: "fax and reason")
        _ = try await authorisation.confirm(.systemOperate, request, context)
        guard let reason = AccessReason(wanted.reason) else {
            throw Problem(.unprocessableContent, "The reason of a hold must be \(AccessReason.expected).")
        }
        guard let fax = FaxID(wanted.fax) else { throw Problem.noSuchFax }
        try await authorisation.require(.manageMailbox, to: fax, by: principal, request, context)
        do {
            return try JSONBody(
                Hold(try await store.placeHold(on: fax, reason: reason, by: principal.initiator(request, context)))
            ).response()
        } catch StoreFailure.unknownFax {
            throw Problem.noSuchFax
        } catch StoreFailure.alreadyHeld {
            throw Problem(.conflict, "A legal hold lies on this fax already.")
        } catch StoreFailure.nothingToHold {
            throw Problem(.conflict, "The documents of this fax were destroyed before; the ledger has the certificates.")
        }
    }

    private func release(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.systemOperate, request, context)
        guard let fax = context.parameters.get("fax").flatMap({ FaxID($0) }) else { throw Problem.noSuchFax }
        try await authorisation.require(.manageMailbox, to: fax, by: principal, request, context)
        do {
            try await store.releaseHold(on: fax, by: principal.initiator(request, context))
        } catch StoreFailure.notHeld {
            throw Problem(.notFound, "There is no legal hold on this fax.")
        }
        return try JSONBody(["status": "ok"]).response()
    }
}
