package import Crypto

/// What the audit log needs: pseudonyms for values, and a key to sign with.
extension KeyRing {
    /// Stands for `value` in the audit log: who knows the value can look for it, nobody can read it back without the pepper.
    ///
    /// HMAC-SHA-256 truncated to 16 bytes: a chance equality among 2^32 values has a probability of 2^-65.
    ///
    /// - Parameters:
    ///   - value: normalised by the caller (a number to E.164).
    ///   - label: what is named, as "fax.to": equal values under different labels never match.
    /// - Returns: 16 bytes.
    /// - Throws: ``KeyError/missingRoot(_:)``.
    package func auditPseudonym(_ value: String, label: String) throws(KeyError) -> [UInt8] {
        let key = HKDF<SHA256>.expand(
            pseudoRandomKey: try rootKey(.auditPepper),
            info: SealedBytes.binding("faxlock/1/audit-pseudonym", tenant.rawValue, label), outputByteCount: 32)
        return Array(HMAC<SHA256>.authenticationCode(for: Array(value.utf8), using: key).prefix(16))
    }

    /// The Ed25519 key (RFC 8032) that signs the audit log. The root key is its seed, so rotation of the key-encryption key keeps it, and
    /// so does a restored backup.
    ///
    /// - Throws: ``KeyError/missingRoot(_:)``.
    package func ledgerSigningKey() throws(KeyError) -> Curve25519.Signing.PrivateKey {
        try Self.signingKey(try rootKey(.ledgerSigning))
    }

    /// The key of which `wrapped` is the seed, before it is in use.
    package func ledgerSigningKey(in wrapped: WrappedRootKey) throws(KeyError) -> Curve25519.Signing.PrivateKey {
        try Self.signingKey(try unwrapped(wrapped))
    }

    private static func signingKey(_ seed: SymmetricKey) throws(KeyError) -> Curve25519.Signing.PrivateKey {
        guard let key = seed.withUnsafeBytes({ try? Curve25519.Signing.PrivateKey(rawRepresentation: $0) }) else {
            throw .notAuthentic("ledgerSigning root key")
        }
        return key
    }
}
