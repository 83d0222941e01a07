package import NIOCore

/// Names one connection of a stream transport for as long as the agent runs.
package struct SIPConnectionID: Sendable, Hashable {
    /// Unique in this process.
    package let number: UInt64

    /// Builds a name.
    package init(number: UInt64) {
        self.number = number
    }
}

/// The way of messages to one peer and back: what carries them, to what address, and on a stream by which connection.
package struct SIPFlow: Sendable, Hashable {
    /// What carries the messages.
    package let kind: SIPTransportKind
    /// The peer. On a stream: where a new connection goes when ``connection`` has ended (RFC 3261 18.2.2).
    package var remote: SocketAddress
    /// The connection to use while it lives; nil to use any to ``remote``, opening it when there is none.
    package var connection: SIPConnectionID?
    /// The name that the peer's certificate must have (RFC 5922 7.1), or nil for the numeric address itself. TLS only.
    package var serverName: String?

    /// Builds a flow.
    package init(
        kind: SIPTransportKind, remote: SocketAddress, connection: SIPConnectionID? = nil, serverName: String? = nil
    ) {
        self.kind = kind
        self.remote = remote
        self.connection = connection
        self.serverName = serverName
    }
}
