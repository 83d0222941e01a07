import Access
import FaxModel
import Hummingbird
import Store

/// The register of business associates (45 CFR 164.308(b)): who gets to see faxes, and until when that is agreed.
struct AssociateRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    let clock: @Sendable () -> Timestamp

    private static let maximumNote = 2000
    private static let unknown = Problem(.notFound, "There is no agreement with this provider.")

    func add(to router: Router<Context>) {
        router.get("/admin/associates") { request, context in
            _ = try await authorisation.require(.systemOperate, everywhere: .manageMailbox, request, context)
            let now = clock()
            return try JSONBody(try await store.associates().map { AssociateDocument($0, at: now) }).response()
        }
        router.get("/admin/associates/{provider}") { request, context in
            _ = try await authorisation.require(.systemOperate, everywhere: .manageMailbox, request, context)
            let provider = context.parameters.get("provider") ?? ""
            guard let associate = try await store.associates().first(where: { $0.provider == provider }) else { throw Self.unknown }
            return try JSONBody(AssociateDocument(associate, at: clock())).response()
        }
        router.put("/admin/associates/{provider}") { request, context in try await put(request, context) }
        router.delete("/admin/associates/{provider}") { request, context in
            let principal = try await authorisation.require(.systemOperate, everywhere: .manageMailbox, request, context)
            let provider = context.parameters.get("provider") ?? ""
            guard try await store.removeAssociate(provider, by: principal.initiator(request, context)) else { throw Self.unknown }
            return try JSONBody(["status": "ok"]).response()
        }
    }

    private struct Wanted: Decodable {
        let agreed_on: String
        let expires_on: String?
        let note: String?
    }

    private func put(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.systemOperate, everywhere: .manageMailbox, request, context)
        let provider = context.parameters.get("provider") ?? ""
        guard Associate.isName(provider) else {
            throw Problem(.unprocessableContent, "A provider's name is 1 to 64 of a to z, 0 to 9 and hyphen.")
        }
        let wanted = try await JSONRequest.decode(Wanted.self, request, expected: "agreed_on, expires_on and note")
        _ = try await authorisation.confirm(.systemOperate, request, context)
        let agreedOn = try Self.day("agreed_on", wanted.agreed_on)
        let expiresOn = try wanted.expires_on.map { text throws(Problem) in try Self.day("expires_on", text) }
        guard expiresOn.map({ agreedOn <= $0 }) ?? true else {
            throw Problem(.unprocessableContent, "An agreement ends on the day on which it begins or later.")
        }
        let note = wanted.note ?? ""
        guard note.count <= Self.maximumNote else {
            throw Problem(.unprocessableContent, "A note has at most \(Self.maximumNote) characters.")
        }
        let associate = try await store.recordAssociate(
            provider, agreedOn: agreedOn, expiresOn: expiresOn, note: note, by: principal.initiator(request, context))
        return try JSONBody(AssociateDocument(associate, at: clock())).response()
    }

    private static func day(_ name: String, _ text: String) throws(Problem) -> Timestamp {
        guard text.utf8.count == 10, let day = Timestamp(iso8601: text) else {
            throw Problem(.unprocessableContent, "\(name) must be a day, as 2026-11-22.")
        }
        return day
    }
}

/// An agreement as the API shows it.
private struct AssociateDocument: Encodable {
    let provider: String
    let agreed_on: String
    let expires_on: String?
    let in_force: Bool
    let note: String
    let recorded_at: String

    init(_ associate: Associate, at now: Timestamp) {
        provider = associate.provider
        agreed_on = String(associate.agreedOn.description.prefix(10))
        expires_on = associate.expiresOn.map { String($0.description.prefix(10)) }
        in_force = associate.isInForce(at: now)
        note = associate.note
        recorded_at = associate.recordedAt.description
    }

    private enum CodingKeys: String, CodingKey {
        case provider, agreed_on, expires_on, in_force, note, recorded_at
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(provider, forKey: .provider)
        try container.encode(agreed_on, forKey: .agreed_on)
        try container.encode(expires_on, forKey: .expires_on)
        try container.encode(in_force, forKey: .in_force)
        try container.encode(note, forKey: .note)
        try container.encode(recorded_at, forKey: .recorded_at)
    }
}
