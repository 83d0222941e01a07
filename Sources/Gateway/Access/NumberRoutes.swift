import Access
import FaxModel
import HTTPTypes
import Hummingbird
import Ledger
import Store

/// The operator's own numbers: where they lead, and which are retired. No number stands in a path, where proxies would log it.
struct NumberRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore

    func add(to router: Router<Context>) {
        router.get("/admin/numbers") { request, context in
            try await list(for: try await authorisation.require(.keysManage, request, context))
        }
        router.post("/admin/numbers") { request, context in
            try await change(request, context) { number, mailbox, initiator in
                guard let mailbox, Mailboxes.isName(mailbox) else {
                    throw Problem(.unprocessableContent, "mailbox must be a mailbox's id.")
                }
                guard try await store.assign(number, to: mailbox, by: initiator) else { throw Problem(.notFound, "Mailbox not found") }
            }
        }
        router.post("/admin/numbers/retire") { request, context in
            try await change(request, context) { number, _, initiator in try await store.retire(number, by: initiator) }
        }
        router.post("/admin/numbers/forget") { request, context in
            try await change(request, context) { number, _, initiator in
                guard try await store.forget(number, by: initiator) else { throw Problem(.notFound, "This number is not a retired one.") }
            }
        }
    }

    private struct Wanted: Decodable {
        let number: String?
        let mailbox: String?
    }

    private func change(
        _ request: Request, _ context: Context, _ body: (String, String?, Initiator) async throws -> Void
    ) async throws -> Response {
        try await requireAll(try await authorisation.require(.keysManage, request, context), request, context)
        let wanted = try await JSONRequest.decode(Wanted.self, request, expected: "number and, to assign it, mailbox")
        let principal = try await authorisation.confirm(.keysManage, request, context)
        try await requireAll(principal, request, context)
        guard let number = wanted.number, PhoneNumber(number) != nil else {
            throw Problem(.unprocessableContent, "number must be 6 to 20 digits, with + in front of a country code.")
        }
        do {
            try await body(number, wanted.mailbox, principal.initiator(request, context))
        } catch is NumberTaken {
            throw Problem(.conflict, "The number belongs to another mailbox; retire it first.")
        }
        return try await list(for: principal)
    }

    /// A number that no mailbox lists is everybody's.
    private func requireAll(_ principal: Principal, _ request: Request, _ context: Context) async throws {
        guard principal.seesAll || principal.grants.allowsEverywhere(.manageMailbox) else {
            throw await authorisation.denied(
                principal, "Changing numbers takes an administrator of all mailboxes", needing: "administrator", request, context)
        }
    }

    private func list(for principal: Principal) async throws -> Response {
        try JSONBody(
            try await store.numbers().filter { MailboxRoutes.isManaged($0.mailbox, by: principal) }.map(NumberDocument.init)
        ).response()
    }
}

/// A number as the API shows it.
private struct NumberDocument: Encodable {
    private let entry: OwnNumber

    init(_ entry: OwnNumber) {
        self.entry = entry
    }

    private enum Key: String, CodingKey {
        case number, mailbox, status
        case assignedAt = "assigned_at"
        case retiredAt = "retired_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(entry.number, forKey: .number)
        try container.encode(entry.mailbox, forKey: .mailbox)
        try container.encode(entry.retiredAt == nil ? "in_use" : "retired", forKey: .status)
        try container.encode(entry.assignedAt.description, forKey: .assignedAt)
        try container.encode(entry.retiredAt?.description, forKey: .retiredAt)
    }
}
