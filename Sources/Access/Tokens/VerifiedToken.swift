package import FaxModel

/// What a token says that has been verified.
package struct VerifiedToken: Sendable, Hashable {
    /// Who presents it, as its issuer calls them: 1 to 255 printable ASCII characters. Unique only together with the issuer.
    package let subject: String
    package let issuer: String
    /// The token's own id (`jti`), for revoking it and for the audit trail.
    package let id: String?
    package let issuedAt: Timestamp?
    package let expiresAt: Timestamp
    /// From `scope` (RFC 8693, 4.2) and `scp`, each once, in their order.
    package let scopes: [String]
    /// What the grants claim lists; ``Grants/nothing`` when it lists nothing, which binds. Without the claim there are no bounds.
    package let grants: Grants
}
