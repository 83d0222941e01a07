/// How SRTP packets are protected: AES-128 in counter mode, HMAC-SHA1 over packet and roll-over counter (RFC 3711 4.1.1 and 4.2.1), and a
/// tag of 80 or 32 bits (RFC 4568 6.2).
package enum SRTPSuite: Sendable, Equatable, CaseIterable {
    case aes128CMHMACSHA1x80
    case aes128CMHMACSHA1x32

    /// Octets of the authentication tag at the end of each packet.
    package var tagLength: Int {
        switch self {
        case .aes128CMHMACSHA1x80: 10
        case .aes128CMHMACSHA1x32: 4
        }
    }
}
