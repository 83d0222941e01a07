import Crypto
import CryptoExtras

/// A public key and the algorithms that it can be used with.
enum VerificationKey: Sendable {
    case rsa(_RSA.Signing.PublicKey)
    case p256(P256.Signing.PublicKey)
    case p384(P384.Signing.PublicKey)
    case ed25519(Curve25519.Signing.PublicKey)

    /// The key of a JWK (RFC 7518, 6; RFC 8037, 2).
    /// - Returns: nil for a type or curve that is not known, missing or wrong numbers, a point that is not on its curve, an RSA key of
    ///   less than 2,048 or more than 8,192 bits.
    init?(_ members: [String: JSONValue]) {
        let bytes = { (name: String) in members[name]?.string.flatMap { Base64URL.decode(Array($0.utf8)) } }
        switch (members["kty"]?.string, members["crv"]?.string) {
        case ("RSA", _):
            guard let modulus = bytes("n"), modulus.count <= 1025, let exponent = bytes("e"), (1...8).contains(exponent.count),
                let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent), key.keySizeInBits <= 8192
            else { return nil }
            self = .rsa(key)
        case ("EC", "P-256"):
            guard let x = bytes("x"), let y = bytes("y"), x.count == 32, y.count == 32,
                let key = try? P256.Signing.PublicKey(rawRepresentation: x + y)
            else { return nil }
            self = .p256(key)
        case ("EC", "P-384"):
            guard let x = bytes("x"), let y = bytes("y"), x.count == 48, y.count == 48,
                let key = try? P384.Signing.PublicKey(rawRepresentation: x + y)
            else { return nil }
            self = .p384(key)
        case ("OKP", "Ed25519"):
            guard let x = bytes("x"), x.count == 32, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: x) else { return nil }
            self = .ed25519(key)
        default: return nil
        }
    }

    func fits(_ algorithm: SignatureAlgorithm) -> Bool {
        switch (self, algorithm) {
        case (.rsa, .rs256), (.rsa, .rs384), (.rsa, .rs512), (.rsa, .ps256), (.p256, .es256), (.p384, .es384), (.ed25519, .edDSA): true
        default: false
        }
    }

    /// Whether `signature` is one of `message`; false when the key does not fit the algorithm.
    func isValid(_ signature: [UInt8], of message: [UInt8], _ algorithm: SignatureAlgorithm) -> Bool {
        switch (self, algorithm) {
        case (.rsa(let key), .rs256): Self.rsa(key, signature, SHA256.hash(data: message), .insecurePKCS1v1_5)
        case (.rsa(let key), .rs384): Self.rsa(key, signature, SHA384.hash(data: message), .insecurePKCS1v1_5)
        case (.rsa(let key), .rs512): Self.rsa(key, signature, SHA512.hash(data: message), .insecurePKCS1v1_5)
        case (.rsa(let key), .ps256): Self.rsa(key, signature, SHA256.hash(data: message), .PSS)
        case (.p256(let key), .es256):
            (try? P256.Signing.ECDSASignature(rawRepresentation: signature)).map { key.isValidSignature($0, for: message) } ?? false
        case (.p384(let key), .es384):
            (try? P384.Signing.ECDSASignature(rawRepresentation: signature)).map { key.isValidSignature($0, for: message) } ?? false
        case (.ed25519(let key), .edDSA): key.isValidSignature(signature, for: message)
        default: false
        }
    }

    /// PKCS #1 v1.5 is "insecure" for encryption; RS256 is defined with it.
    private static func rsa(
        _ key: _RSA.Signing.PublicKey, _ signature: [UInt8], _ digest: some Digest, _ padding: _RSA.Signing.Padding
    ) -> Bool {
        key.isValidSignature(_RSA.Signing.RSASignature(rawRepresentation: signature), for: digest, padding: padding)
    }
}
