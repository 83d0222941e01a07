import Crypto
import CryptoExtras

/// The hash functions of digest authentication (RFC 8760 2.1).
enum DigestAlgorithm: String, Sendable, CaseIterable {
    case md5 = "MD5"
    case sha256 = "SHA-256"
    case sha512Truncated = "SHA-512-256"

    /// Whether forgery is feasible today; a server that has offered a better one is not believed when it wants this.
    var isWeak: Bool { self == .md5 }

    /// The hash in lower-case hexadecimal digits.
    func hash(_ bytes: some Sequence<UInt8>) -> String {
        let bytes = Array(bytes)
        return switch self {
        case .md5: Self.hexadecimal(Insecure.MD5.hash(data: bytes))
        case .sha256: Self.hexadecimal(SHA256.hash(data: bytes))
        case .sha512Truncated: Self.hexadecimal(SHA512256.hash(data: bytes))
        }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
