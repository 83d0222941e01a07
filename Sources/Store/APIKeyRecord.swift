package import FaxModel

/// What a key may do (contract: `Authentication`).
package enum Scope: String, Sendable, Hashable, Codable, CaseIterable {
    case faxSend = "fax:send"
    case faxRead = "fax:read"
    case inboundList = "inbound:list"
    case inboundRead = "inbound:read"
    case keysManage = "keys:manage"
}

/// A key of the API. The secret itself is shown once and never stored.
package struct APIKeyRecord: Sendable {
    package let id: String
    /// SHA-256 of the secret: it is 256 random bits, so a slow hash would protect nothing.
    package let secretHash: [UInt8]
    package let scopes: Set<Scope>
    package let name: String
    package let owner: String
    package let note: String
    package let createdAt: Timestamp
    package let expiresAt: Timestamp?
    package let lastUsedAt: Timestamp?
    package let revokedAt: Timestamp?

    package init(
        id: String, secretHash: [UInt8], scopes: Set<Scope>, name: String, owner: String, note: String, createdAt: Timestamp,
        expiresAt: Timestamp? = nil, lastUsedAt: Timestamp? = nil, revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.secretHash = secretHash
        self.scopes = scopes
        self.name = name
        self.owner = owner
        self.note = note
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.revokedAt = revokedAt
    }

    /// Whether the key opens anything at `now`.
    package func isValid(at now: Timestamp) -> Bool {
        revokedAt == nil && expiresAt.map { now < $0 } ?? true
    }
}
