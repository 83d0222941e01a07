import FaxModel
import HTTPTypes
import Hummingbird
import Store
import Webhooks

/// Where clients are told of events: make, list, remove and try endpoints, and change their secrets.
///
/// An endpoint is its owner's: the key that made it, or another that its maker manages. It is told of its owner's faxes; of all, if who
/// made it sees all.
struct WebhookRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    let rules: WebhookAddressRules
    /// Has the runner look for messages.
    let wake: @Sendable () -> Void
    let clock: @Sendable () -> Timestamp

    static let unknown = Problem(.notFound, "Webhook not found")
    private static let mostEvents = 32
    private static let disabled = Problem(
        .conflict, "The webhook is disabled, because it answered 410 (Gone). Remove it, and make a new one.")

    func add(to router: Router<Context>) {
        router.post("/webhooks") { request, context in try await create(request, context) }
        router.get("/webhooks") { request, context in
            let principal = try await authorisation.require(.keysManage, request, context)
            return try JSONBody(
                try await store.webhooks().filter { manages($0.owner, principal) }.map { WebhookDocument($0) }
            ).response()
        }
        router.delete("/webhooks/{id}") { request, context in
            let (endpoint, principal) = try await managed(request, context)
            guard try await store.removeWebhook(endpoint.id, by: principal.initiator(request, context)) else { throw Self.unknown }
            return try JSONBody(["status": "ok"]).response()
        }
        router.post("/webhooks/{id}/rotate") { request, context in
            let (endpoint, principal) = try await managed(request, context)
            let secret = WebhookSecret.make()
            guard try await store.rotateWebhookSecret(of: endpoint.id, to: secret, by: principal.initiator(request, context)) else {
                throw Self.unknown
            }
            return try JSONBody(WebhookDocument(endpoint, secret: secret)).response()
        }
        router.post("/webhooks/{id}/test") { request, context in
            let (endpoint, principal) = try await managed(request, context)
            let id = try await store.addWebhookTest(
                endpoint.id, type: WebhookPayload.testType, body: WebhookPayload.test(of: endpoint.id, at: clock()),
                by: principal.initiator(request, context))
            guard let id, let delivery = try await store.webhookDelivery(id) else { throw Self.disabled }
            wake()
            return try JSONBody(DeliveryDocument(delivery)).response(.accepted)
        }
        router.post("/webhooks/{id}/replay") { request, context in
            let (endpoint, principal) = try await managed(request, context)
            guard endpoint.disabledAt == nil else { throw Self.disabled }
            let count = try await store.replayDead(of: endpoint.id, by: principal.initiator(request, context))
            wake()
            return try JSONBody(["replayed": count]).response()
        }
        router.get("/webhooks/{id}/deliveries") { request, context in
            let (endpoint, _) = try await managed(request, context)
            return try await DeliveryRoutes.list(.endpoint(endpoint.id), in: store, request)
        }
    }

    private struct Wanted: Decodable {
        let url: String?
        let events: [String]?
        let all: Bool?
        let owner: String?
    }

    private func create(_ request: Request, _ context: Context) async throws -> Response {
        _ = try await authorisation.require(.keysManage, request, context)
        let wanted = try await JSONRequest.decode(Wanted.self, request, expected: "url, events, all and owner")
        let principal = try await authorisation.confirm(.keysManage, request, context)
        let owner = wanted.owner ?? principal.id
        // No other: what is owned by nobody would outlive whoever made it.
        guard owner == principal.id || authorisation.keys.key(owner).map(principal.manages) == true else { throw Problem.noSuchKey }
        if wanted.all == true, !principal.seesAll {
            throw await authorisation.denied(
                principal, "Webhooks of all faxes take a key that sees all of them: with keys:manage and without roles",
                needing: "administrator", request, context)
        }
        let url = try Self.url(wanted.url ?? "", rules)
        let secret = WebhookSecret.make()
        let made = try await store.addWebhook(
            owner: owner, isAll: wanted.all ?? false, events: try Self.events(wanted.events ?? []), url: url.text, secret: secret,
            by: principal.initiator(request, context))
        guard let made else {
            throw Problem(.conflict, "This key has \(FaxStore.mostWebhooks) webhooks already; remove one.")
        }
        return try JSONBody(WebhookDocument(made, secret: secret)).response(.created)
    }

    /// - Throws: 422.
    private static func url(_ text: String, _ rules: WebhookAddressRules) throws(Problem) -> WebhookURL {
        do throws(WebhookURLError) {
            return try rules.url(text)
        } catch {
            throw Problem(.unprocessableContent, "url \(error.description)")
        }
    }

    /// - Throws: 422.
    private static func events(_ words: [String]) throws(Problem) -> [String] {
        guard words.count <= mostEvents, words.allSatisfy({ FaxEventType(rawValue: $0) != nil }) else {
            throw Problem(
                .unprocessableContent, "events must be a list of \(FaxEventType.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return Set(words).sorted()
    }

    /// The endpoint that a path names, if the caller manages it: others do not exist.
    private func managed(_ request: Request, _ context: Context) async throws -> (endpoint: WebhookEndpoint, principal: Principal) {
        let principal = try await authorisation.require(.keysManage, request, context)
        guard let endpoint = try await store.webhook(context.parameters.get("id") ?? ""), manages(endpoint.owner, principal) else {
            throw Self.unknown
        }
        return (endpoint, principal)
    }

    private func manages(_ owner: String, _ principal: Principal) -> Bool {
        owner == principal.id || authorisation.keys.key(owner).map(principal.manages) ?? principal.seesAll
    }
}
