package import Vault

/// A service that wraps and unwraps the key-encryption key and keeps the key it does that with to itself.
///
/// It is asked once at a start, never for a document: whoever revokes the server's rights there stops its next start, not its current one.
package protocol KeyCustodian: Sendable {
    /// What the line `custodian:` of a wrapped key file and FAXLOCK_KEY_CUSTODIAN call it.
    var name: String { get }
    /// The key at the custodian that wraps new keys: a name, an id or an ARN.
    var key: String { get }

    /// Wraps a secret under ``key``, for this context only.
    func wrap(_ secret: borrowing SecretBytes, context: CustodyContext) async throws(CustodyError) -> [UInt8]

    /// - Parameter key: the key that wrapped it, as the key file names it.
    /// - Throws: ``CustodyError/notAuthentic(_:)`` for anything that was not wrapped under that key and context.
    func unwrap(_ ciphertext: [UInt8], key: String, context: CustodyContext) async throws(CustodyError) -> SecretBytes
}
