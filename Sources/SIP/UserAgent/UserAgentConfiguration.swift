package import NIOCore

/// What a ``UserAgent`` is told at its start.
package struct UserAgentConfiguration: Sendable {
    /// The numeric address to bind.
    package var bindHost: String
    /// The port to bind; 0 lets the system choose.
    package var bindPort: Int
    /// The host that Via and Contact name, or nil for the bound address. Needed when that is `0.0.0.0` or behind NAT.
    package var advertisedHost: String?
    /// The port that Via and Contact name, or nil for the bound one. With others beside it, TLS names its own.
    package var advertisedPort: Int?
    /// What to speak, the preferred one first. UDP and TCP share a port. With TLS first, destinations that name no transport
    /// get TLS and nothing else. On UDP requests of more than 1,300 bytes do not change over to TCP (RFC 3261 18.1.1).
    package var transports: [SIPTransportKind] = [.udp]
    /// The port of TLS; nil for ``bindPort`` when it is alone or 0, else for the one after it.
    package var tlsBindPort: Int?
    /// Certificates; needed for TLS.
    package var tls: SIPTLSConfiguration?
    /// Whether peers may connect by TCP and TLS. Without it they reach us by the connections that we made only.
    package var acceptsConnections = true
    /// Limits of the connections.
    package var streamLimits = SIPStreamLimits()
    /// Whom to ask about names.
    package var dns = DNSConfiguration()
    /// User-Agent and Server, or nil to send none.
    package var productName: String?
    /// What challenges of servers are answered with, or nil not to answer them.
    package var credentials: SIPCredentials?
    /// Whether requests inside a call go to the address the call began with and not to the Contact or route of the peer:
    /// for peers behind NAT that name a private address.
    package var repliesToPeerAddress = false
    /// The values of the timers.
    package var timing = SIPTiming()
    /// The shortest session interval taken from a caller, seconds (RFC 4028 5); less is answered 422. The standard asks for 90.
    package var minimumSessionInterval = 90
    /// Calls at one time, both ways; beyond it callers hear 503.
    package var maximumCalls = 500
    /// Transactions at one time; beyond it requests are dropped, so that a flood takes bounded memory. 2,000 more are kept
    /// for the requests of calls in progress.
    package var maximumTransactions = 20_000
    /// Whose calls are taken, by the address (and on TCP and TLS the passing port) that a request came from; nil takes all.
    /// An INVITE from elsewhere that belongs to no call in progress is answered 403 before anything is set aside for it:
    /// no transaction, no call, no ``IncomingCall``. Other requests from there are answered as ever, but keep no
    /// transaction either. It is asked for every such request, inside of the agent: it must be quick and must not wait.
    /// On UDP a sender can forge the address.
    package var acceptsCallsFrom: (@Sendable (SocketAddress) -> Bool)?

    /// Builds a configuration.
    package init(
        bindHost: String, bindPort: Int = 5060, advertisedHost: String? = nil, advertisedPort: Int? = nil,
        productName: String? = nil
    ) {
        self.bindHost = bindHost
        self.bindPort = bindPort
        self.advertisedHost = advertisedHost
        self.advertisedPort = advertisedPort
        self.productName = productName
    }
}

/// Why the agent cannot do what it was asked to.
package enum UserAgentError: Error, Equatable, Sendable {
    /// It was shut down.
    case shutDown
    /// The destination has no address.
    case unresolvable
    /// A call with that Call-ID is in progress.
    case duplicateCallID
    /// As many calls as allowed are in progress.
    case tooManyCalls
    /// The call is over or was answered before.
    case notPending
}
