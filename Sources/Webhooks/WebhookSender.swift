package import Access
import AsyncHTTPClient
package import FaxModel
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
package import NIOSSL

/// Posts messages: looks the host up once, checks every address of it, connects to one of these, and follows no redirect.
///
/// Of an answer the status is kept alone; up to 4 KiB of its body are read so that the connection can be used again.
package struct WebhookSender: Sendable {
    private static let mostAnswer = 4096

    private let rules: WebhookAddressRules
    private let clients: PinnedClients
    private let addresses: @Sendable (String, Duration) async -> [NetworkAddress]
    private let timeLimit: Duration
    private let clock: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - authorities: trusted beside those of the system.
    ///   - timeLimit: for lookup, connection, and the head of the answer together.
    ///   - addresses: all addresses of a name; none after the given time.
    package init(
        rules: WebhookAddressRules, authorities: [NIOSSLCertificate] = [], timeLimit: Duration = .seconds(15),
        clock: @escaping @Sendable () -> Timestamp, addresses: @escaping @Sendable (String, Duration) async -> [NetworkAddress]
    ) {
        self.rules = rules
        self.timeLimit = timeLimit
        self.clock = clock
        self.addresses = addresses
        clients = PinnedClients(authorities: authorities, timeLimit: .nanoseconds(timeLimit.nanoseconds))
    }

    /// As ``init(rules:authorities:timeLimit:clock:addresses:)``, with the system's resolver.
    package init(
        rules: WebhookAddressRules, authorities: [NIOSSLCertificate] = [], resolver: HostResolver,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.init(rules: rules, authorities: authorities, clock: clock, addresses: resolver.addresses)
    }

    /// Posts a message once.
    package func post(_ message: WebhookMessage) async -> WebhookAnswer {
        let url: WebhookURL
        do throws(WebhookURLError) {
            url = try rules.url(message.url)
        } catch {
            return .failed(error == .address ? .address : .url)
        }
        let start = ContinuousClock.now
        let host: String
        let all: [NetworkAddress]
        switch url.host {
        case .address(let address): (host, all) = (address.description, [address])
        case .name(let name): (host, all) = (name, await addresses(name, timeLimit))
        }
        // One that is refused refuses all: else the answer to the next lookup could be the other.
        guard all.allSatisfy({ rules.permits($0, isSecure: url.isSecure) }) else { return .failed(.address) }
        guard !all.isEmpty else { return .failed(Task.isCancelled ? .stopped : .name) }
        // Another one at each attempt: one of them may be out of reach from here.
        let address = all[message.attempts % all.count]
        let left = timeLimit - (ContinuousClock.now - start)
        guard left > .zero else { return .failed(.timeout) }
        do {
            return try await clients.use(host, at: address) { try await send(message, to: url, by: $0, within: left) }
        } catch {
            return .failed(Task.isCancelled ? .stopped : Self.failure(error))
        }
    }

    /// Ends all connections. Nothing is posted afterwards.
    package func close() async {
        await clients.close()
    }

    private func send(
        _ message: WebhookMessage, to url: WebhookURL, by client: HTTPClient, within limit: Duration
    ) async throws -> WebhookAnswer {
        let text = url.text
        // The client looks up whatever host it finds in the text; it must be the one that it has an address for.
        guard case .name(let name) = url.host else { return try await execute(message, text, client, limit) }
        guard URL(string: text)?.host() == name else { return .failed(.url) }
        return try await execute(message, text, client, limit)
    }

    private func execute(_ message: WebhookMessage, _ url: String, _ client: HTTPClient, _ limit: Duration) async throws -> WebhookAnswer {
        let now = clock()
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "User-Agent", value: "Faxlock-Webhooks")
        for (name, value) in WebhookSignature.headers(id: message.id, at: now, body: message.body, secrets: message.secrets) {
            request.headers.add(name: name, value: value)
        }
        request.body = .bytes(ByteBuffer(string: message.body))
        let response = try await client.execute(request, timeout: .nanoseconds(limit.nanoseconds))
        var count = 0
        do {
            for try await chunk in response.body {
                count += chunk.readableBytes
                if count > Self.mostAnswer { break }
            }
        } catch {
            // The status says it all; that the rest did not come changes nothing.
        }
        let retryAfter = response.headers.first(name: "Retry-After").flatMap { RetryAfter.duration($0, now: now) }
        return .status(Int(response.status.code), retryAfter: retryAfter)
    }

    private static func failure(_ error: any Error) -> WebhookFailure {
        let late: [HTTPClientError] = [.connectTimeout, .deadlineExceeded, .readTimeout, .tlsHandshakeTimeout]
        return switch error {
        case let error as HTTPClientError where late.contains(error): .timeout
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: .tls
        default: .connection
        }
    }
}

extension Duration {
    /// Whole nanoseconds, at most what 64 bits hold.
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return isOver ? .max : product + attoseconds / 1_000_000_000
    }
}
