import FaxModel
import HTTPTypes
import Hummingbird
import Store
import Webhooks

/// A caller's own messages, also those to the `callback_url` of its faxes, and the secret by which these are signed.
struct DeliveryRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    /// Has the runner look for messages.
    let wake: @Sendable () -> Void

    private static let unknown = Problem(.notFound, "Delivery not found")

    func add(to router: Router<Context>) {
        router.get("/webhooks/secret") { request, context in
            let principal = try await authorisation.require(.faxSend, request, context)
            let secret = try await store.callbackSecret(
                of: principal.id, makeSecret: { WebhookSecret.make() }, by: principal.initiator(request, context))
            return try JSONBody(["secret": secret]).response()
        }
        router.post("/webhooks/secret/rotate") { request, context in
            let principal = try await authorisation.require(.faxSend, request, context)
            let secret = WebhookSecret.make()
            _ = try await store.rotateWebhookSecret(
                of: FaxStore.callbackHolder(principal.id), to: secret, by: principal.initiator(request, context))
            return try JSONBody(["secret": secret]).response()
        }
        router.get("/webhooks/deliveries") { request, context in
            let principal = try await authorisation.require(.faxRead, request, context)
            return try await Self.list(.owner(principal.id), in: store, request)
        }
        router.get("/webhooks/deliveries/{id}") { request, context in
            try JSONBody(DeliveryDocument(try await own(request, context).delivery)).response()
        }
        router.post("/webhooks/deliveries/{id}/replay") { request, context in
            let (delivery, principal) = try await own(request, context)
            guard try await store.replayDelivery(delivery.id, by: principal.initiator(request, context)),
                let replayed = try await store.webhookDelivery(delivery.id)
            else { throw Problem(.conflict, "Its webhook is disabled, because it answered 410 (Gone).") }
            wake()
            return try JSONBody(DeliveryDocument(replayed)).response(.accepted)
        }
    }

    /// A page of messages, by the query's `state`, `before` and `limit`.
    static func list(_ selection: FaxStore.WebhookSelection, in store: FaxStore, _ request: Request) async throws -> Response {
        let query = request.uri.queryParameters
        var state: WebhookDelivery.State?
        if let word = query["state"] {
            guard let known = WebhookDelivery.State(rawValue: String(word)) else {
                let words = WebhookDelivery.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.unprocessableContent, "The parameter \"state\" must be one of \(words).")
            }
            state = known
        }
        let deliveries = try await store.webhookDeliveries(
            of: selection, state: state, before: query["before"].map { String($0) }, limit: try PageLimit.read(request))
        return try JSONBody(deliveries.map { DeliveryDocument($0) }).response()
    }

    /// The message that a path names, if it is the caller's, or the caller sees all: others do not exist.
    private func own(_ request: Request, _ context: Context) async throws -> (delivery: WebhookDelivery, principal: Principal) {
        let principal = try await authorisation.require(.faxRead, request, context)
        guard let delivery = try await store.webhookDelivery(context.parameters.get("id") ?? ""),
            delivery.owner == principal.id || principal.seesAll
        else { throw Self.unknown }
        return (delivery, principal)
    }
}
