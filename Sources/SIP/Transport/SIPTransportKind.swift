/// What carries messages (RFC 3261 18, 26.2.1).
package enum SIPTransportKind: String, Sendable, Hashable, CaseIterable {
    /// Datagrams.
    case udp
    /// A stream in the clear.
    case tcp
    /// A stream through TLS 1.2 or later.
    case tls

    /// Reads a `transport` URI parameter or the transport of a Via; nil for what this agent does not speak.
    package init?(parameter: String) {
        guard let kind = Self.allCases.first(where: { $0.rawValue.equalsIgnoringCase(parameter) }) else { return nil }
        self = kind
    }

    /// The name in Via: `UDP`, `TCP`, `TLS`.
    package var viaName: String {
        switch self {
        case .udp: "UDP"
        case .tcp: "TCP"
        case .tls: "TLS"
        }
    }

    /// The port when none is given (RFC 3261 19.1.2): 5060, or 5061 for TLS.
    package var defaultPort: Int { self == .tls ? 5061 : 5060 }

    /// Whether retransmission by the transactions is needless (RFC 3261 17).
    package var isReliable: Bool { self != .udp }
}
