/// Why an issuer's keys could not be fetched. Tokens are checked with the old ones for at most a day.
package enum KeySetFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// - Parameter reason: of the network or TLS.
    case unreachable(reason: String)
    /// Anything but 200; redirects are not followed.
    case status(UInt)
    /// More than 256 KiB.
    case tooLarge
    /// No JWK Set, or one without a key for signatures that has a `kid`.
    case notAKeySet

    package var description: String {
        let reason =
            switch self {
            case .unreachable(let reason): "\(reason). Check address, name service, certificate and firewall."
            case .status(let status): "its server answered HTTP \(status). Check the address; redirects are not followed."
            case .tooLarge: "the answer is longer than 256 KiB. Check the address."
            case .notAKeySet: "the answer is no JWK Set with a key for signatures that has a kid. Check the address."
            }
        return "The keys of the issuer of bearer tokens could not be fetched: \(reason)"
    }
}
