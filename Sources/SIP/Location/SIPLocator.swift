package import Logging
package import NIOCore
import NIOPosix

/// Finds where a destination is (RFC 3263 4).
package actor SIPLocator {
    /// Targets given at most, and servers of one service looked at.
    private static let maximumTargets = 32
    private static let maximumServers = 16

    private let dns: DNSClient
    private let usesSystem: Bool
    private let kinds: [SIPTransportKind]
    private let family: NIOBSDSocket.ProtocolFamily
    private let serverName: String?
    private let logger: Logger
    private var random: any RandomNumberGenerator & Sendable

    /// Builds a locator.
    /// - Parameters:
    ///   - kinds: the transports that the agent speaks, the preferred one first.
    ///   - family: of the addresses that the agent's sockets can reach.
    ///   - serverName: the name that certificates must have in place of the destination's.
    package init(
        dns: DNSClient, usesSystem: Bool, kinds: [SIPTransportKind], family: NIOBSDSocket.ProtocolFamily, serverName: String?,
        random: any RandomNumberGenerator & Sendable, logger: Logger
    ) {
        self.dns = dns
        self.usesSystem = usesSystem
        self.kinds = kinds
        self.family = family
        self.serverName = serverName
        self.random = random
        self.logger = logger
    }

    /// Where to send, the first choice first; never empty. All are of one transport: a peer that fails at TLS must not be
    /// able to make us speak in the clear. Nor can DNS, which anybody on the way can forge: who prefers TLS gets TLS.
    /// - Throws: ``UserAgentError/unresolvable`` when no address is found, or the agent does not speak the transport.
    package func targets(for destination: SIPDestination) async throws(UserAgentError) -> [SIPFlow] {
        if let port = destination.port, !(1...65_535).contains(port) { throw .unresolvable }
        guard let usual = destination.transport ?? kinds.first, kinds.contains(usual) else { throw .unresolvable }
        let host = destination.host
        let bare = host.utf8.first == UInt8(ascii: "[") ? String(host.dropFirst().dropLast()) : host
        if let address = try? SocketAddress(ipAddress: bare, port: destination.port ?? usual.defaultPort) {
            return [SIPFlow(kind: usual, remote: address, serverName: usual == .tls ? serverName : nil)]
        }
        var targets: [SIPFlow] = []
        if destination.port == nil, host.utf8.dropLast().contains(UInt8(ascii: ".")) {
            do {
                targets = try await services(of: destination)
            } catch {
                logger.warning("no nameserver answers; only the address of the SIP destination is looked up")
            }
        }
        if targets.isEmpty {
            let port = destination.port ?? usual.defaultPort
            targets = await addresses(of: host, port: port).map { flow(usual, $0, host) }
        }
        guard !targets.isEmpty else { throw .unresolvable }
        return Array(targets.prefix(Self.maximumTargets))
    }

    /// Ends the look-ups' timers.
    package func close() async { await dns.close() }

    private func flow(_ kind: SIPTransportKind, _ address: SocketAddress, _ host: String) -> SIPFlow {
        // The certificate is for the name that was asked for, not for what DNS made of it (RFC 5922 7.1).
        SIPFlow(kind: kind, remote: address, serverName: kind == .tls ? serverName ?? host : nil)
    }

    // MARK: NAPTR and SRV

    private func services(of destination: SIPDestination) async throws(DNSClient.Unavailable) -> [SIPFlow] {
        let host = destination.host
        var names: [(kind: SIPTransportKind, name: String)] = []
        if let kind = destination.transport {
            names = [(kind, Self.serviceName(kind, host))]
        } else {
            let kinds = kinds.first == .tls ? [.tls] : kinds
            names = try await pointers(of: host, among: kinds)
            if names.isEmpty { names = kinds.map { ($0, Self.serviceName($0, host)) } }
        }
        for (kind, name) in names {
            let targets = try await servers(name).map { flow(kind, $0, host) }
            if !targets.isEmpty { return targets }
        }
        return []
    }

    private static func serviceName(_ kind: SIPTransportKind, _ host: String) -> String {
        switch kind {
        case .udp: "_sip._udp." + host
        case .tcp: "_sip._tcp." + host
        case .tls: "_sips._tcp." + host
        }
    }

    /// The SRV names that NAPTR records lead to, by order and preference (RFC 3263 4.1).
    private func pointers(
        of host: String, among kinds: [SIPTransportKind]
    ) async throws(DNSClient.Unavailable) -> [(kind: SIPTransportKind, name: String)] {
        var found: [(order: Int, preference: Int, kind: SIPTransportKind, name: String)] = []
        for record in try await dns.records(host, .naptr) {
            guard case .pointer(let order, let preference, let flags, let service, let name) = record,
                flags.equalsIgnoringCase("s"), !name.isEmpty, let kind = Self.kind(ofService: service), kinds.contains(kind)
            else { continue }
            found.append((order, preference, kind, name))
        }
        found.sort { ($0.order, $0.preference) < ($1.order, $1.preference) }
        return found.prefix(Self.maximumServers).map { ($0.kind, $0.name) }
    }

    private static func kind(ofService service: String) -> SIPTransportKind? {
        if service.equalsIgnoringCase("SIP+D2U") { return .udp }
        if service.equalsIgnoringCase("SIP+D2T") { return .tcp }
        return service.equalsIgnoringCase("SIPS+D2T") ? .tls : nil
    }

    /// The addresses behind an SRV name.
    private func servers(_ name: String) async throws(DNSClient.Unavailable) -> [SocketAddress] {
        var servers: [ServiceOrder.Server] = []
        for record in try await dns.records(name, .srv).prefix(Self.maximumServers) {
            // An empty target says that there is no such service (RFC 2782).
            guard case .service(let priority, let weight, let port, let target) = record, !target.isEmpty, port > 0 else {
                continue
            }
            servers.append(ServiceOrder.Server(priority: priority, weight: weight, port: port, target: target))
        }
        var found: [SocketAddress] = []
        for server in arrange(servers) {
            for address in await addresses(of: server.target, port: server.port) where !found.contains(address) {
                found.append(address)
            }
        }
        return found
    }

    private func arrange(_ servers: [ServiceOrder.Server]) -> [ServiceOrder.Server] {
        ServiceOrder.arrange(servers, using: &random)
    }

    // MARK: Addresses

    /// The addresses of a name: of its records, else of what the system knows.
    private func addresses(of host: String, port: Int) async -> [SocketAddress] {
        let isLocal = usesSystem && !host.utf8.dropLast().contains(UInt8(ascii: "."))
        if !isLocal, let records = try? await dns.records(host, family == .inet6 ? .aaaa : .a), !records.isEmpty {
            return records.compactMap { record in
                guard case .address(var address) = record else { return nil }
                address.port = port
                return address
            }
        }
        guard usesSystem else { return [] }
        let family = family
        // It blocks, so it has a thread of its own.
        return (try? await NIOThreadPool.singleton.runIfActive { SystemNames.addresses(of: host, port: port, family: family) }) ?? []
    }
}
