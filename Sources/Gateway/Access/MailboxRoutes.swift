import Access
import FaxModel
import HTTPTypes
import Hummingbird
import Store

/// Mailboxes: the numbers that lead to them and how long they keep what they have.
struct MailboxRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore

    /// Days in a hundred years.
    private static let days = 0...36_500
    private static let mostNumbers = 1000

    func add(to router: Router<Context>) {
        router.get("/admin/mailboxes") { request, context in
            let principal = try await authorisation.require(.keysManage, request, context)
            return try JSONBody(
                try await store.mailboxes().filter { Self.isManaged($0.mailbox.id, by: principal) }.map(MailboxDocument.init)
            ).response()
        }
        router.get("/admin/mailboxes/{id}") { request, context in
            let principal = try await authorisation.require(.keysManage, request, context)
            return try JSONBody(MailboxDocument(try await entry(context.parameters.get("id") ?? "", principal))).response()
        }
        router.put("/admin/mailboxes/{id}") { request, context in try await put(request, context) }
    }

    private struct Wanted: Decodable {
        let retention_days: Int?
        let inbound_retention_days: Int?
        let delete_on_success: Bool?
        let numbers: [String]?
    }

    private func put(_ request: Request, _ context: Context) async throws -> Response {
        let id = context.parameters.get("id") ?? ""
        try await requireManaged(id, try await authorisation.require(.keysManage, request, context), request, context)
        let wanted = try await JSONRequest.decode(
            Wanted.self, request, expected: "retention_days, inbound_retention_days, delete_on_success and numbers")
        let principal = try await authorisation.confirm(.keysManage, request, context)
        try await requireManaged(id, principal, request, context)
        for days in [wanted.retention_days, wanted.inbound_retention_days].compactMap(\.self) where !Self.days.contains(days) {
            throw Problem(.unprocessableContent, "Days of retention are a whole number from 0 (for ever) to 36500.")
        }
        if let numbers = wanted.numbers {
            // A number that no mailbox lists is everybody's: whoever administers one mailbox does not take it from the others.
            guard principal.seesAll || principal.grants.allowsEverywhere(.manageMailbox) else {
                throw await authorisation.denied(
                    principal, "Assigning numbers takes an administrator of all mailboxes", needing: "administrator", request, context)
            }
            guard numbers.count <= Self.mostNumbers, numbers.allSatisfy({ PhoneNumber($0) != nil }) else {
                throw Problem(
                    .unprocessableContent,
                    "numbers must be up to \(Self.mostNumbers) of 6 to 20 digits, with + in front of a country code.")
            }
        }
        let mailbox = Mailbox(
            id: id, retentionDays: wanted.retention_days, inboundRetentionDays: wanted.inbound_retention_days,
            deletesOnSuccess: wanted.delete_on_success)
        do {
            try await store.save(mailbox, numbers: wanted.numbers, by: principal.initiator(request, context))
        } catch is NumberTaken {
            throw Problem(.conflict, "A number belongs to another mailbox; release it there first.")
        }
        return try JSONBody(MailboxDocument(try await entry(id, principal))).response()
    }

    private func requireManaged(_ id: String, _ principal: Principal, _ request: Request, _ context: Context) async throws {
        guard Mailboxes.isName(id) else {
            throw Problem(.unprocessableContent, "A mailbox's id is 1 to 64 of a to z, 0 to 9 and hyphen.")
        }
        guard Self.isManaged(id, by: principal) else {
            throw await authorisation.denied(
                principal, "You do not administer this mailbox", needing: "administrator", request, context)
        }
    }

    private func entry(_ id: String, _ principal: Principal) async throws -> FaxStore.MailboxEntry {
        guard Self.isManaged(id, by: principal), let entry = try await store.mailboxes().first(where: { $0.mailbox.id == id }) else {
            throw Problem(.notFound, "Mailbox not found")
        }
        return entry
    }

    static func isManaged(_ id: String, by principal: Principal) -> Bool {
        principal.seesAll || principal.grants.allows(.manageMailbox, in: id, isOwn: false)
    }
}

/// A mailbox as the API shows it.
private struct MailboxDocument: Encodable {
    private let entry: FaxStore.MailboxEntry

    init(_ entry: FaxStore.MailboxEntry) {
        self.entry = entry
    }

    private enum Key: String, CodingKey {
        case id, numbers
        case retentionDays = "retention_days"
        case inboundRetentionDays = "inbound_retention_days"
        case deleteOnSuccess = "delete_on_success"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(entry.mailbox.id, forKey: .id)
        try container.encode(entry.numbers, forKey: .numbers)
        try container.encode(entry.mailbox.retentionDays, forKey: .retentionDays)
        try container.encode(entry.mailbox.inboundRetentionDays, forKey: .inboundRetentionDays)
        try container.encode(entry.mailbox.deletesOnSuccess, forKey: .deleteOnSuccess)
    }
}
