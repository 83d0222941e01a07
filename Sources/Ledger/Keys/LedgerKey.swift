import Crypto

/// The key that signs a ledger's checkpoints: Ed25519 (RFC 8032).
package struct LedgerKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey
    package let verifier: VerifierKey

    /// A new key. Nil when `origin` cannot name a key, see ``VerifierKey/isValid(name:)``.
    package init?(origin: String) {
        self.init(origin: origin, key: Curve25519.Signing.PrivateKey())
    }

    /// The key of which ``seed`` was kept. Nil when that is not 32 bytes, or `origin` cannot name a key.
    package init?(origin: String, seed: some Collection<UInt8>) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: Array(seed)) else { return nil }
        self.init(origin: origin, key: key)
    }

    private init?(origin: String, key: Curve25519.Signing.PrivateKey) {
        guard let verifier = VerifierKey(name: origin, publicKey: Array(key.publicKey.rawRepresentation)) else { return nil }
        self.key = key
        self.verifier = verifier
    }

    /// The private key, 32 bytes: a secret, to be kept sealed.
    package var seed: [UInt8] { Array(key.rawRepresentation) }

    /// The name of the ledger.
    package var origin: String { verifier.name }

    /// 64 bytes.
    /// - Throws: what the cryptographic library throws when it has no randomness or memory.
    func signature(over text: [UInt8]) throws -> [UInt8] {
        Array(try key.signature(for: text))
    }
}
