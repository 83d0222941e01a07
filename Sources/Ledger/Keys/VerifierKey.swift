import Crypto

/// The public half of a ledger's key: an Ed25519 key with the name of the ledger (C2SP signed-note, signature type 0x01).
package struct VerifierKey: Sendable, Hashable, CustomStringConvertible {
    /// The key's name, which is the ledger's origin, as `faxlock/5f2c...`.
    package let name: String
    /// 32 bytes (RFC 8032).
    package let publicKey: [UInt8]
    /// The first four bytes of `SHA-256(name || 0x0A || 0x01 || public key)`: tells keys of one name apart, and proves nothing.
    package let id: [UInt8]

    private static let signatureType: UInt8 = 1
    static let signatureSize = 64

    /// Nil when the name is empty, has a space, a control character or a plus, or is over 255 bytes long; or the key is not 32 bytes.
    package init?(name: String, publicKey: some Collection<UInt8>) {
        guard Self.isValid(name: name), publicKey.count == 32 else { return nil }
        self.name = name
        self.publicKey = Array(publicKey)
        id = Array(SHA256.hash(data: Array(name.utf8) + [0x0A, Self.signatureType] + self.publicKey).prefix(4))
    }

    /// Reads `<name>+<key id, 8 hexadecimal digits>+<base64 of 0x01 and the public key>`. Nil for anything else, and for a wrong key id.
    package init?(_ text: String) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let encoded = Base64.decode(String(parts[2])), encoded.first == Self.signatureType else { return nil }
        self.init(name: String(parts[0]), publicKey: encoded.dropFirst())
        guard text.utf8.elementsEqual(description.utf8) else { return nil }
    }

    /// `<name>+<key id>+<base64 of 0x01 and the public key>`: what an auditor keeps.
    package var description: String {
        "\(name)+\(Hexadecimal.encode(id))+\(Base64.encode([Self.signatureType] + publicKey))"
    }

    /// Whether `signature` is this key's over `text`.
    package func isValid(signature: [UInt8], over text: [UInt8]) -> Bool {
        guard signature.count == Self.signatureSize, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else {
            return false
        }
        return key.isValidSignature(signature, for: text)
    }

    /// Whether `name` may name a key (C2SP signed-note: no Unicode space, no plus), and is short enough.
    package static func isValid(name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255
            && name.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20 && $0.value != 0x7F }
    }
}
