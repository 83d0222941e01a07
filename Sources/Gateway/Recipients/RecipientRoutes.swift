import Access
import FaxDispatch
import FaxModel
import HTTPTypes
import Hummingbird
import Ledger
import Store

/// Whom faxes may go to: the directory and its lists for administrators, what the rules say of one number for who sends. No number stands
/// in a path, where proxies would log it.
struct RecipientRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    let rules: RecipientRules

    func add(to router: Router<Context>) {
        router.get("/admin/recipients") { request, context in try await list(request, context) }
        router.post("/admin/recipients") { request, context in try await change(request, context) }
        router.post("/admin/recipients/remove") { request, context in try await remove(request, context) }
        router.post("/recipients/check") { request, context in try await check(request, context) }
        router.post("/recipients/confirm") { request, context in try await confirm(request, context) }
    }

    // MARK: For administrators

    private func list(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.keysManage, request, context)
        try await requireAll(principal, request, context)
        var status: RecipientRecord.Status?
        if let word = request.uri.queryParameters["status"].map(String.init) {
            guard let known = RecipientRecord.Status(rawValue: word) else { throw RecipientFields.badStatus(.badRequest) }
            status = known
        }
        return try JSONBody(try await store.recipients(status).map(RecipientDocument.init)).response()
    }

    private func change(_ request: Request, _ context: Context) async throws -> Response {
        let (fields, initiator) = try await administratorsFields(request, context)
        return try JSONBody(RecipientDocument(try await store.change(try fields.change(rules), by: initiator))).response()
    }

    private func remove(_ request: Request, _ context: Context) async throws -> Response {
        let (fields, initiator) = try await administratorsFields(request, context)
        let target = try fields.target(rules)
        guard try await store.removeRecipient(target.number, isPrefix: target.isPrefix, by: initiator) else {
            throw Problem(.notFound, "There is no such entry among the recipients.")
        }
        return try JSONBody(["status": "ok"]).response()
    }

    private func administratorsFields(_ request: Request, _ context: Context) async throws -> (RecipientFields, Initiator) {
        try await requireAll(try await authorisation.require(.keysManage, request, context), request, context)
        let fields = try await JSONRequest.decode(RecipientFields.self, request, expected: RecipientFields.expected)
        let principal = try await authorisation.confirm(.keysManage, request, context)
        try await requireAll(principal, request, context)
        return (fields, principal.initiator(request, context))
    }

    /// The recipients are those of all mailboxes.
    private func requireAll(_ principal: Principal, _ request: Request, _ context: Context) async throws {
        guard principal.seesAll || principal.grants.allowsEverywhere(.manageMailbox) else {
            throw await authorisation.denied(
                principal, "The recipients are the business of an administrator of all mailboxes", needing: "administrator", request,
                context)
        }
    }

    // MARK: For who sends

    private struct Wanted: Decodable {
        let number: String?
        let mailbox: String?
    }

    private func check(_ request: Request, _ context: Context) async throws -> Response {
        let (text, mailbox, principal) = try await sendersNumber(request, context)
        let verdict = try await rules.check(text, owner: principal.id, mailbox: mailbox, isConfirmed: false)
        let number = try? rules.number(text)
        var entry: RecipientRecord?
        if let number { entry = try await store.recipient(number.dialString) }
        return try JSONBody(VerdictDocument(verdict: verdict, entry: entry)).response()
    }

    private func confirm(_ request: Request, _ context: Context) async throws -> Response {
        let (text, _, principal) = try await sendersNumber(request, context)
        let number: PhoneNumber
        do {
            number = try rules.number(text)
        } catch {
            throw Problem(.badRequest, error.sentence)
        }
        return try JSONBody(
            RecipientDocument(try await store.confirmRecipient(number.dialString, by: principal.initiator(request, context)))
        ).response()
    }

    /// The number that the body names, and the mailbox that a fax would go out from.
    private func sendersNumber(_ request: Request, _ context: Context) async throws -> (String, String, Principal) {
        _ = try await authorisation.require(.faxSend, request, context)
        let wanted = try await JSONRequest.decode(Wanted.self, request, expected: "number and, if it is not the default, mailbox")
        let principal = try await authorisation.confirm(.faxSend, request, context)
        guard let number = wanted.number else { throw Problem(.unprocessableContent, "The body must be a JSON object with number.") }
        let mailbox = wanted.mailbox ?? principal.defaultMailbox
        guard principal.sends(from: mailbox) else {
            throw await authorisation.denied(
                principal, "Your role in this mailbox does not send faxes", needing: "sender", request, context)
        }
        return (number, mailbox, principal)
    }
}
