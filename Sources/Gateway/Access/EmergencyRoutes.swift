import Access
import FaxModel
import HTTPTypes
import Hummingbird
import Ledger
import Logging
import Store

/// Emergency access (45 CFR 164.312(a)(2)(ii)): a key of short life that reads everything, for a reason, which somebody else reviews.
struct EmergencyRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    let clock: @Sendable () -> Timestamp

    func add(to router: Router<Context>) {
        router.post("/admin/emergency") { request, context in try await open(request, context) }
        router.get("/admin/emergency") { request, context in
            _ = try await authorisation.require(.auditRead, everywhere: .readAudit, request, context)
            return try JSONBody(try await store.emergencies().map(EmergencyDocument.init)).response()
        }
        router.post("/admin/emergency/{key}/review") { request, context in try await review(request, context) }
    }

    private struct Wanted: Decodable {
        let reason: String
        let minutes: Int
    }

    private func open(_ request: Request, _ context: Context) async throws -> Response {
        _ = try await authorisation.require(.emergencyOpen, request, context)
        let wanted = try await JSONRequest.decode(Wanted.self, request, expected: "reason and minutes")
        let principal = try await authorisation.confirm(.emergencyOpen, request, context)
        guard let reason = AccessReason(wanted.reason) else {
            throw Problem(.unprocessableContent, "The reason must be \(AccessReason.expected).")
        }
        guard (1...240).contains(wanted.minutes) else {
            throw Problem(.unprocessableContent, "The field \"minutes\" must be a whole number from 1 to 240.")
        }
        let (key, token) = try await authorisation.keys.create(
            name: "emergency", owner: principal.owner.isEmpty ? principal.id : principal.owner,
            scopes: [.faxRead, .inboundList, .inboundRead], expiresAt: clock().advanced(by: .seconds(wanted.minutes * 60)), note: "",
            addresses: principal.addresses, grants: [GrantRecord(mailbox: "*", role: "reader")], emergency: reason.description,
            by: principal.initiator(request, context))
        // An alert: whoever watches the log learns of it at once, not at the review.
        context.logger.warning(
            "emergency access opened",
            metadata: [
                "key": "\(key.id)", "by": "\(principal.id)", "reason": "\(reason)", "expires": "\(key.expiresAt?.description ?? "")",
            ])
        return try JSONBody(NewKeyDocument(key, token: token)).response()
    }

    private func review(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.auditRead, everywhere: .readAudit, request, context)
        let id = context.parameters.get("key") ?? ""
        guard let record = try await store.emergencies().first(where: { $0.key == id }) else { throw Problem.noSuchKey }
        let owner = try await store.apiKeys().first { $0.id == id }?.owner
        // Of a key without an owner nobody can tell whose it is.
        guard record.openedBy != principal.id, let owner, !principal.owner.isEmpty, !principal.isOwned(by: owner) else {
            throw await authorisation.denied(
                principal, "Emergency access is reviewed by somebody else than who opened it", needing: "another", request, context)
        }
        guard try await store.reviewEmergency(id, by: principal.initiator(request, context)) else {
            throw Problem(.conflict, "This emergency access was reviewed before.")
        }
        return try JSONBody(["status": "ok"]).response()
    }
}

/// A use of emergency access as lists show it.
private struct EmergencyDocument: Encodable {
    private let record: EmergencyRecord

    init(_ record: EmergencyRecord) {
        self.record = record
    }

    private enum Key: String, CodingKey {
        case reason
        case keyID = "key_id"
        case openedBy = "opened_by"
        case openedAt = "opened_at"
        case expiresAt = "expires_at"
        case reviewedBy = "reviewed_by"
        case reviewedAt = "reviewed_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(record.key, forKey: .keyID)
        try container.encode(record.reason, forKey: .reason)
        try container.encode(record.openedBy, forKey: .openedBy)
        try container.encode(record.openedAt.description, forKey: .openedAt)
        try container.encode(record.expiresAt?.description, forKey: .expiresAt)
        try container.encode(record.reviewedBy, forKey: .reviewedBy)
        try container.encode(record.reviewedAt?.description, forKey: .reviewedAt)
    }
}
