/// Why bytes are not a message, a header value or a description that this agent reads.
package enum SIPParseFailure: Error, Equatable, Sendable {
    /// Nothing but line ends: a keep-alive (RFC 5626 3.5.1).
    case empty
    /// More than the limit named: `size`, `line`, `headers`.
    case tooLarge(String)
    /// The header section or the body ends before it should.
    case truncated
    /// The named part does not follow the grammar.
    case malformed(String)
    /// A header that every message must have (RFC 3261 8.1.1).
    case missing(String)
    /// A version other than SIP/2.0.
    case unsupportedVersion
}
