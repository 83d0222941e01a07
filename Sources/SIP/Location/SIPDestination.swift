/// Where the messages of a new call go first: a trunk's host and port, or an outbound proxy.
package struct SIPDestination: Sendable, Hashable {
    /// A numeric address, or a name.
    package let host: String
    /// 1...65535; nil for the default port of a numeric address, or for what DNS says of a name (RFC 3263 4.2).
    package let port: Int?
    /// What to speak; nil for the first transport of the agent, or for what DNS says of a name without port.
    package let transport: SIPTransportKind?

    /// Builds a destination.
    package init(host: String, port: Int? = nil, transport: SIPTransportKind? = nil) {
        self.host = host
        self.port = port
        self.transport = transport
    }

    /// The destination that a URI names, such as `sip:trunk.example.com;transport=tls`; `sips:` is TLS (RFC 3263 4.1). Nil
    /// for other schemes and for transports that this agent does not speak.
    package init?(_ uri: SIPURI) {
        guard uri.isSIP else { return nil }
        var kind: SIPTransportKind?
        if let name = uri.parameters["transport"] {
            guard let named = SIPTransportKind(parameter: name) else { return nil }
            kind = named
        }
        if uri.scheme == .sips {
            guard kind != .udp else { return nil }
            kind = .tls
        }
        self.init(host: uri.host, port: uri.port, transport: kind)
    }
}
