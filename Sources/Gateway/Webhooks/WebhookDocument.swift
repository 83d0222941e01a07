import FaxModel
import Store

/// An endpoint as the API shows it; its secret only when it was made or changed.
struct WebhookDocument: Encodable {
    private let endpoint: WebhookEndpoint
    private let secret: String?

    init(_ endpoint: WebhookEndpoint, secret: String? = nil) {
        self.endpoint = endpoint
        self.secret = secret
    }

    private enum Key: String, CodingKey {
        case id, url, owner, all, events, secret
        case madeBy = "made_by"
        case createdAt = "created_at"
        case disabledAt = "disabled_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(endpoint.id, forKey: .id)
        try container.encode(endpoint.url, forKey: .url)
        try container.encode(endpoint.owner, forKey: .owner)
        try container.encode(endpoint.madeBy, forKey: .madeBy)
        try container.encode(endpoint.isAll, forKey: .all)
        let told = FaxEventType.allCases.map(\.rawValue).filter { !WebhookEndpoint.untold.contains($0) }
        try container.encode(endpoint.events.isEmpty ? told : endpoint.events, forKey: .events)
        try container.encodeIfPresent(secret, forKey: .secret)
        try container.encode(endpoint.createdAt.description, forKey: .createdAt)
        try container.encode(endpoint.disabledAt?.description, forKey: .disabledAt)
    }
}

/// A message as the API shows it.
struct DeliveryDocument: Encodable {
    private let delivery: WebhookDelivery

    init(_ delivery: WebhookDelivery) {
        self.delivery = delivery
    }

    private enum Key: String, CodingKey {
        case id, webhook, type, state, attempts
        case nextAt = "next_at"
        case lastStatus = "last_status"
        case lastFailure = "last_failure"
        case createdAt = "created_at"
        case endedAt = "ended_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(delivery.id, forKey: .id)
        try container.encode(delivery.endpoint, forKey: .webhook)
        try container.encode(delivery.type, forKey: .type)
        try container.encode(delivery.state.rawValue, forKey: .state)
        try container.encode(delivery.attempts, forKey: .attempts)
        try container.encode(delivery.state == .pending ? delivery.dueAt.description : nil, forKey: .nextAt)
        try container.encode(delivery.lastStatus, forKey: .lastStatus)
        try container.encode(delivery.lastFailure, forKey: .lastFailure)
        try container.encode(delivery.createdAt.description, forKey: .createdAt)
        try container.encode(delivery.endedAt?.description, forKey: .endedAt)
    }
}
