package import NIOCore
import NIOPosix

/// SIP over TCP or TLS (RFC 3261 18): connections on demand, one to each peer, and a listener if asked for.
package struct StreamTransport: SIPTransport {
    /// See ``SIPTransport/kind``.
    package let kind: SIPTransportKind
    /// The address of the listener, or the host with the port 0 when there is none.
    package let localAddress: SocketAddress
    /// See ``SIPTransport/arrivals``.
    package let arrivals: AsyncStream<SIPTransportEvent>
    private let connections: StreamConnections
    private let listener: (any Channel)?

    /// Opens a transport.
    /// - Parameters:
    ///   - host: the numeric address to listen on and to connect from; `0.0.0.0` or `::` for any.
    ///   - port: the port to listen on, 0 lets the system choose; nil for no listener.
    ///   - tls: what to show and to ask for; nil is TCP. A listener needs a certificate in it.
    /// - Throws: the error of the system, such as "address in use", or ``SIPTLSFailure``.
    package init(
        host: String, port: Int?, tls: SIPTLSConfiguration? = nil, limits: SIPStreamLimits = SIPStreamLimits(),
        clock: any SIPClock, group: any EventLoopGroup
    ) async throws {
        kind = tls == nil ? .tcp : .tls
        var contexts: SIPTLSContexts?
        if let tls {
            // Certificates are files, and reading them blocks.
            contexts = try await NIOThreadPool.singleton.runIfActive {
                try SIPTLSContexts(tls, isListening: port != nil)
            }
        }
        let any = try SocketAddress(ipAddress: host, port: 0)
        let isAny = ["0.0.0.0", "::"].contains(host)
        let connections = StreamConnections(
            kind: kind, limits: limits, clock: clock, group: group, tls: contexts, source: isAny ? nil : any)
        self.connections = connections
        arrivals = connections.arrivals
        guard let port else {
            listener = nil
            localAddress = any
            return
        }
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 128)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: StreamConnections.waterMark)
            .childChannelInitializer { connections.accept($0) }
            .bind(host: host, port: port).get()
        guard let address = listener.localAddress else { throw ChannelError.unknownLocalAddress }
        self.listener = listener
        localAddress = address
    }

    /// See ``SIPTransport/connect(_:)``.
    package func connect(_ flow: SIPFlow) -> SIPFlow { connections.connect(flow) }

    /// See ``SIPTransport/send(_:to:)``. A peer that does not read loses its connection.
    package func send(_ bytes: [UInt8], to flow: SIPFlow) { connections.send(bytes, to: flow) }

    /// See ``SIPTransport/noteRead(_:)``.
    package func noteRead(_ event: SIPTransportEvent) { connections.noteRead(event) }

    /// See ``SIPTransport/close()``.
    package func close() async {
        // A second close fails and changes nothing.
        try? await listener?.close().get()
        await connections.close()
    }

    /// Closes all connections and goes on listening, as when the network has changed: the next messages make new ones.
    package func dropConnections() async { await connections.closeAll() }

    /// Connections that live or are being made.
    package var connectionCount: Int { connections.count }
}
