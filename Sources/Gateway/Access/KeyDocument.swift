import FaxModel
import Store

/// A key as lists show it: never with its secret.
struct KeyDocument: Encodable {
    private let key: APIKeyRecord

    init(_ key: APIKeyRecord) {
        self.key = key
    }

    private enum Key: String, CodingKey {
        case name, owner, scopes, addresses, grants, note
        case keyID = "key_id"
        case createdAt = "created_at"
        case lastUsedAt = "last_used_at"
        case expiresAt = "expires_at"
        case revokedAt = "revoked_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(key.id, forKey: .keyID)
        try container.encode(key.name.isEmpty ? nil : key.name, forKey: .name)
        try container.encode(key.owner.isEmpty ? nil : key.owner, forKey: .owner)
        try container.encode(key.scopes.map(\.rawValue).sorted(), forKey: .scopes)
        try container.encode(key.addresses, forKey: .addresses)
        try container.encode(key.grants.map { "\($0.mailbox):\($0.role)" }.sorted(), forKey: .grants)
        try container.encode(key.createdAt.description, forKey: .createdAt)
        try container.encode(key.lastUsedAt?.description, forKey: .lastUsedAt)
        try container.encode(key.expiresAt?.description, forKey: .expiresAt)
        try container.encode(key.revokedAt?.description, forKey: .revokedAt)
        try container.encode(key.note.isEmpty ? nil : key.note, forKey: .note)
    }
}

/// A key with its token, shown once.
struct NewKeyDocument: Encodable {
    private let key: APIKeyRecord
    private let token: String

    init(_ key: APIKeyRecord, token: String) {
        self.key = key
        self.token = token
    }

    private enum Key: String, CodingKey {
        case token, name, owner, scopes, addresses, grants
        case keyID = "key_id"
        case expiresAt = "expires_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(key.id, forKey: .keyID)
        try container.encode(token, forKey: .token)
        try container.encode(key.name.isEmpty ? nil : key.name, forKey: .name)
        try container.encode(key.owner.isEmpty ? nil : key.owner, forKey: .owner)
        try container.encode(key.scopes.map(\.rawValue).sorted(), forKey: .scopes)
        try container.encode(key.addresses, forKey: .addresses)
        try container.encode(key.grants.map { "\($0.mailbox):\($0.role)" }.sorted(), forKey: .grants)
        try container.encode(key.expiresAt?.description, forKey: .expiresAt)
    }
}
