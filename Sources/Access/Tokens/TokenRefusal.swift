/// Why a bearer token is not accepted. Nothing of the token is in it: a header that a stranger wrote must not reach a log.
package enum TokenRefusal: String, Error, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case tooLarge = "token_too_large"
    case malformed = "token_malformed"
    case encrypted = "token_encrypted"
    case headerMalformed = "token_header_malformed"
    case algorithmNotAllowed = "token_algorithm_not_allowed"
    case keyInHeader = "token_key_in_header"
    case criticalHeader = "token_critical_header"
    case typeNotAllowed = "token_type_not_allowed"
    case keyIDMissing = "token_key_id_missing"
    case keyUnknown = "token_key_unknown"
    case keyAmbiguous = "token_key_ambiguous"
    case keyNotForSigning = "token_key_not_for_signing"
    case keyMismatch = "token_key_mismatch"
    case signatureInvalid = "token_signature_invalid"
    case claimsMalformed = "token_claims_malformed"
    case issuerForeign = "token_issuer_foreign"
    case audienceForeign = "token_audience_foreign"
    case expiryMissing = "token_expiry_missing"
    case expired = "token_expired"
    case notYetValid = "token_not_yet_valid"
    case issuedInFuture = "token_issued_in_future"
    case lifetimeTooLong = "token_lifetime_too_long"
    case subjectUnusable = "token_subject_unusable"
    case keysUnavailable = "token_keys_unavailable"

    /// A stable word for logs, audit events and clients.
    package var code: String { rawValue }

    /// Whether the token may be good and only cannot be checked now: 503 rather than 401.
    package var isTemporary: Bool { self == .keysUnavailable }

    /// A sentence for whoever presented the token.
    package var description: String {
        switch self {
        case .tooLarge: "The bearer token is longer than the server reads (16 KiB)."
        case .malformed: "The bearer token is not a signed JWT: three parts in base64url without padding, joined by dots."
        case .encrypted: "The bearer token is encrypted; the server takes signed tokens only."
        case .headerMalformed: "The token's header is not a JSON object that can be read."
        case .algorithmNotAllowed: "The token's signature algorithm is not one that the server allows."
        case .keyInHeader: "The token's header brings or points to a key; the server uses its issuer's published keys only."
        case .criticalHeader: "The token's header demands extensions that the server does not know."
        case .typeNotAllowed: "The token is of another type than an access token."
        case .keyIDMissing: "The token does not name the key that it was signed with (kid)."
        case .keyUnknown: "The token names a key that its issuer does not publish."
        case .keyAmbiguous: "The issuer publishes several keys under the name that the token gives."
        case .keyNotForSigning: "The token names a key that its issuer does not publish for signatures."
        case .keyMismatch: "The key that the token names is not for the token's signature algorithm."
        case .signatureInvalid: "The token's signature is wrong."
        case .claimsMalformed: "The token's claims are not JSON of the form that RFC 7519 gives them."
        case .issuerForeign: "The token comes from another issuer than the one configured."
        case .audienceForeign: "The token is meant for another service."
        case .expiryMissing: "The token does not say when it expires."
        case .expired: "The token has expired: get a new one."
        case .notYetValid: "The token is not valid yet. Compare the clocks of server and issuer."
        case .issuedInFuture: "The token was issued in the future. Compare the clocks of server and issuer."
        case .lifetimeTooLong: "The token is valid for longer than the server allows, or does not say when it was issued."
        case .subjectUnusable: "The token does not name its user in 1 to 255 printable ASCII characters (sub)."
        case .keysUnavailable: "The token cannot be checked now: the issuer's keys could not be fetched. Try again later."
        }
    }
}
