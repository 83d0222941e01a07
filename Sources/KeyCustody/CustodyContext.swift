package import Vault

/// What a wrapped key is for. The custodian binds it to the ciphertext, and an audit log there shows it: no secret, no PHI.
package struct CustodyContext: Sendable, Equatable {
    /// Whose documents the key protects.
    package let tenant: TenantID

    package init(tenant: TenantID) {
        self.tenant = tenant
    }

    /// Names and values for AWS's encryption context: ASCII letters, digits, `-` and `_` only, so they need no escape in JSON.
    var pairs: [(name: String, value: String)] {
        [("application", "faxlock"), ("purpose", "key-encryption-key"), ("tenant", tenant.rawValue)]
    }

    /// One text of the pairs, for associated data.
    var text: String { pairs.map { "\($0.name)=\($0.value)" }.joined(separator: ";") }
}
