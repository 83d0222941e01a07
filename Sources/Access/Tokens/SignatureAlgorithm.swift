/// The signatures that tokens may have (RFC 7518, 3.1; RFC 8037, 3.1). All are asymmetric: with HS256 everybody who may check a token
/// could make one, and `none` is no signature.
package enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case es256 = "ES256"
    case es384 = "ES384"
    case edDSA = "EdDSA"
}
