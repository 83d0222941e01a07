import Crypto
import CryptoExtras
import FoundationEssentials

/// The session keys of one direction, derived from a master key and salt (RFC 3711 4.3, without a key derivation rate), and what is done
/// with them. The ciphers are swift-crypto's.
struct SRTPKeys: Sendable {
    /// Octets of a master key with its salt.
    static let masterLength = 30
    private static let cipherKeyLength = 16

    let cipherKey: SymmetricKey
    let authenticationKey: SymmetricKey
    /// 14 octets.
    let salt: [UInt8]

    /// Nil if `master` is not 16 octets of key and 14 of salt.
    init?(master: [UInt8]) {
        guard master.count == Self.masterLength else { return nil }
        let key = SymmetricKey(data: master[..<Self.cipherKeyLength])
        let salt = Array(master[Self.cipherKeyLength...])
        /// `label` as in RFC 3711 4.3.2, 8th octet of the salt.
        func derive(label: UInt8, count: Int) -> [UInt8]? {
            var vector = salt + [0, 0]
            vector[7] ^= label
            return Self.cipher([UInt8](repeating: 0, count: count), key: key, vector: vector)
        }
        guard let cipherKey = derive(label: 0, count: Self.cipherKeyLength), let authenticationKey = derive(label: 1, count: 20),
            let sessionSalt = derive(label: 2, count: 14)
        else { return nil }
        self.cipherKey = SymmetricKey(data: cipherKey)
        self.authenticationKey = SymmetricKey(data: authenticationKey)
        self.salt = sessionSalt
    }

    /// Encrypts or decrypts a packet's payload (RFC 3711 4.1.1).
    /// - Parameter index: roll-over counter and sequence number, 48 bits.
    func cipher(_ payload: ArraySlice<UInt8>, source: UInt32, index: UInt64) -> [UInt8]? {
        var vector = salt + [0, 0]
        for octet in 0..<4 { vector[4 + octet] ^= UInt8(truncatingIfNeeded: source >> UInt32(24 - 8 * octet)) }
        for octet in 0..<6 { vector[8 + octet] ^= UInt8(truncatingIfNeeded: index >> UInt64(40 - 8 * octet)) }
        return Self.cipher(Array(payload), key: cipherKey, vector: vector)
    }

    /// The tag over a packet and its roll-over counter (RFC 3711 4.2).
    func tag(of packet: some Sequence<UInt8>, rollover: UInt32, length: Int) -> [UInt8] {
        var message = Array(packet)
        for shift in stride(from: 24, through: 0, by: -8) { message.append(UInt8(truncatingIfNeeded: rollover >> UInt32(shift))) }
        return Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: authenticationKey).prefix(length))
    }

    private static func cipher(_ bytes: [UInt8], key: SymmetricKey, vector: [UInt8]) -> [UInt8]? {
        guard let nonce = try? AES._CTR.Nonce(nonceBytes: vector), let result = try? AES._CTR.encrypt(bytes, using: key, nonce: nonce)
        else { return nil }
        return Array(result)
    }
}
