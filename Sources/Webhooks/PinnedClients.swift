import Access
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// HTTP clients, each of which knows one address for one name and cannot call another: what was checked is what is called.
///
/// TLS asks for the certificate of the name, and `Host` says it. A client and its idle connections stay for a while, since events come in
/// bursts.
actor PinnedClients {
    private struct Key: Hashable {
        let host: String
        let address: NetworkAddress
    }

    private final class Entry {
        let client: HTTPClient
        var uses = 0
        var lastUse: UInt64 = 0

        init(_ client: HTTPClient) { self.client = client }
    }

    /// Beyond this many, those that are not in use go.
    private static let most = 32

    private let configuration: HTTPClient.Configuration
    private var entries: [Key: Entry] = [:]
    private var clock: UInt64 = 0

    /// - Parameter authorities: trusted beside those of the system.
    init(authorities: [NIOSSLCertificate], timeLimit: TimeAmount) {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        tls.additionalTrustRoots = authorities.isEmpty ? [] : [.certificates(authorities)]
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow, timeout: .init(connect: timeLimit, read: timeLimit),
            // Servers close idle connections after five seconds or more: ours are closed before.
            connectionPool: .init(idleTimeout: .seconds(4)), decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        self.configuration = configuration
    }

    /// Runs `body` with the client for a name's address.
    func use<Result>(_ host: String, at address: NetworkAddress, _ body: (HTTPClient) async throws -> Result) async rethrows -> Result {
        let entry = entry(Key(host: host, address: address))
        entry.uses += 1
        defer { entry.uses -= 1 }
        return try await body(entry.client)
    }

    /// Ends all connections.
    func close() async {
        let all = entries.values.map(\.client)
        entries = [:]
        for client in all { try? await client.shutdown() }
    }

    private func entry(_ key: Key) -> Entry {
        clock += 1
        if let known = entries[key] {
            known.lastUse = clock
            return known
        }
        if entries.count >= Self.most,
            let (old, idle) = entries.filter({ $0.value.uses == 0 }).min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            entries[old] = nil
            let client = idle.client
            Task { try? await client.shutdown() }
        }
        var pinned = configuration
        pinned.dnsOverride = [key.host: key.address.description]
        let made = Entry(HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: pinned))
        made.lastUse = clock
        entries[key] = made
        return made
    }
}
