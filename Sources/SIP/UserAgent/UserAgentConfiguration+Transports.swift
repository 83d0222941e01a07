import NIOCore
import NIOPosix

extension UserAgentConfiguration {
    /// Why the transports of a configuration cannot be opened.
    package struct TransportFailure: Error, Equatable, CustomStringConvertible {
        /// For the operator.
        package let description: String
    }

    /// Binds what ``transports`` lists, in that order.
    /// - Throws: the error of the system when an address cannot be bound, ``SIPTLSFailure``, ``TransportFailure``.
    func openTransports(clock: any SIPClock, group: any EventLoopGroup) async throws -> (
        preferred: any SIPTransport, others: [any SIPTransport]
    ) {
        if transports.contains(.tls), tls == nil {
            throw TransportFailure(description: "SIP over TLS needs a TLS configuration")
        }
        // The system chooses a port of UDP that TCP may have no more; then another is tried.
        var triesLeft = bindPort == 0 && transports.contains(.udp) && transports.contains(.tcp) && acceptsConnections ? 16 : 1
        while true {
            triesLeft -= 1
            var opened: [SIPTransportKind: any SIPTransport] = [:]
            do {
                for kind in SIPTransportKind.allCases where transports.contains(kind) {
                    opened[kind] = try await open(kind, beside: opened[.udp]?.localAddress.port, clock: clock, group: group)
                }
                guard let preferred = transports.first.flatMap({ opened[$0] }) else {
                    throw TransportFailure(description: "no SIP transport is configured: name udp, tcp or tls")
                }
                return (preferred, Set(transports.dropFirst()).subtracting([preferred.kind]).compactMap { opened[$0] })
            } catch {
                for transport in opened.values { await transport.close() }
                guard triesLeft > 0 else { throw error }
            }
        }
    }

    private func open(
        _ kind: SIPTransportKind, beside port: Int?, clock: any SIPClock, group: any EventLoopGroup
    ) async throws -> any SIPTransport {
        switch kind {
        case .udp:
            return try await UDPTransport(host: bindHost, port: bindPort, group: group)
        case .tcp:
            return try await StreamTransport(
                host: bindHost, port: acceptsConnections ? port ?? bindPort : nil, limits: streamLimits, clock: clock, group: group)
        case .tls:
            let isAlone = transports.allSatisfy { $0 == .tls }
            let usual = isAlone || bindPort == 0 ? bindPort : bindPort + 1
            // A caller without certificate cannot listen; it is reached by the connections that it makes.
            let isListening = acceptsConnections && tls?.identity != nil
            return try await StreamTransport(
                host: bindHost, port: isListening ? tlsBindPort ?? usual : nil, tls: tls, limits: streamLimits, clock: clock,
                group: group)
        }
    }
}
