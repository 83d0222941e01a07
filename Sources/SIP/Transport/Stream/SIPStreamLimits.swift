/// Limits of the connections of one stream transport.
package struct SIPStreamLimits: Sendable {
    /// Connections that peers made, at one time; more are closed at once.
    package var maximumInbound = 256
    /// Of these, from one address.
    package var maximumInboundPerAddress = 64
    /// Connections of ours at one time; a message that needs one more fails.
    package var maximumOutbound = 256
    /// How long a connection may take to be made, TLS included.
    package var connectTimeout: Duration = .seconds(10)
    /// How long the bytes of one message may take, and the first message of an inbound connection.
    package var messageTimeout: Duration = .seconds(30)
    /// How long an inbound connection may be silent. Longer than a long fax: its call may need no message in between.
    package var idleTimeout: Duration = .seconds(7_200)
    /// After how much silence a connection of ours is pinged (RFC 5626 3.5.1). Zero: never.
    package var pingInterval: Duration = .seconds(30)
    /// How long a peer that has answered a ping before may take to answer (RFC 5626 4.4.1).
    package var pongTimeout: Duration = .seconds(10)

    /// The usual limits.
    package init() {}
}
