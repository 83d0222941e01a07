package import FaxModel

/// What a key may do (contract: `Authentication`).
package enum Scope: String, Sendable, Hashable, Codable, CaseIterable {
    case faxSend = "fax:send"
    case faxRead = "fax:read"
    case inboundList = "inbound:list"
    case inboundRead = "inbound:read"
    case keysManage = "keys:manage"
    /// Read and export the audit ledger.
    case auditRead = "audit:read"
    /// Backup, integrity checks, retention, holds, key rotation, the doctor's report.
    case systemOperate = "system:operate"
    /// Open an emergency key (45 CFR 164.312(a)(2)(ii)).
    case emergencyOpen = "emergency:open"
    /// Read the metrics, in which nothing of a fax is.
    case metricsRead = "metrics:read"
}

/// A key of the API. The secret itself is shown once and never stored.
package struct APIKeyRecord: Sendable {
    package let id: String
    /// SHA-256 of the secret: it is 256 random bits, so a slow hash would protect nothing.
    package let secretHash: [UInt8]
    package let scopes: Set<Scope>
    package let name: String
    /// The person or system that holds it. All credentials of an owner are revoked by one call.
    package let owner: String
    package let note: String
    /// From where it may be used, as CIDR ranges; empty: from everywhere.
    package let addresses: [String]
    /// What it may do in mailboxes beside its own faxes.
    package let grants: [GrantRecord]
    package let createdAt: Timestamp
    package let expiresAt: Timestamp?
    package let lastUsedAt: Timestamp?
    package let revokedAt: Timestamp?

    package init(
        id: String, secretHash: [UInt8], scopes: Set<Scope>, name: String, owner: String, note: String,
        addresses: [String] = [], grants: [GrantRecord] = [], createdAt: Timestamp, expiresAt: Timestamp? = nil,
        lastUsedAt: Timestamp? = nil, revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.secretHash = secretHash
        self.scopes = scopes
        self.name = name
        self.owner = owner
        self.note = note
        self.addresses = addresses
        self.grants = grants
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

/// A role on a mailbox, as the database keeps it.
package struct GrantRecord: Sendable, Hashable {
    /// A mailbox's id, or `*` for all.
    package let mailbox: String
    /// `sender`, `reader`, `operator`, `auditor` or `administrator`.
    package let role: String

    package init(mailbox: String, role: String) {
        self.mailbox = mailbox
        self.role = role
    }
}
