import Crypto
import FoundationEssentials

/// The text of a key, `fbk_live_<id>_<secret>`: an id by which it is found and 256 random bits that nobody can guess.
struct APIToken: Sendable {
    static let prefix = "fbk_live_"

    let keyID: String
    let secret: String

    var text: String { "\(Self.prefix)\(keyID)_\(secret)" }

    /// A new random token.
    init(keyID: String? = nil) {
        self.keyID = keyID ?? Self.random(bytes: 8)
        secret = Self.random(bytes: 32)
    }

    /// Reads a token as a client sent it.
    init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), text.utf8.count <= 200 else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        keyID = String(parts[0])
        secret = String(parts[1])
    }

    var hash: [UInt8] { Gateway.hash(ofSecret: secret) }

    /// Random hexadecimal digits.
    static func random(bytes count: Int) -> String {
        SymmetricKey(size: .init(bitCount: count * 8)).withUnsafeBytes { bytes in
            bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        }
    }
}

/// Whether two secrets are equal, in a time that does not tell where they differ.
func isEqualInConstantTime(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
}

/// SHA-256 of a secret: enough for random ones.
func hash(ofSecret secret: String) -> [UInt8] {
    Array(SHA256.hash(data: Data(secret.utf8)))
}
