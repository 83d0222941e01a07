import Access
import Gateway
import Logging
import NIOSSL
import Observability
import ServerSettings
import ServiceLifecycle
import Store
import Webhooks

/// Webhooks beside the requests: what happened to faxes is told to whoever asked for it.
struct WebhookService: Service {
    private let runner: WebhookRunner
    private let sender: WebhookSender
    private let resolver: HostResolver

    /// - Throws: ``Server/Refusal`` for a network or a file of authorities that cannot be read, which blocks for a moment.
    init(settings: Settings, store: FaxStore, metrics: WebhookMetrics, logger: Logger) throws {
        for network in settings.webhookNetworks where AddressRange(network) == nil {
            throw Server.Refusal(
                message: "FAXLOCK_WEBHOOK_ALLOWED_NETWORKS: \(network) is neither an IP address nor a CIDR range such as 10.0.0.0/8.")
        }
        var authorities: [NIOSSLCertificate] = []
        if let file = settings.webhookAuthority {
            guard let read = try? NIOSSLCertificate.fromPEMFile(file), !read.isEmpty else {
                throw Server.Refusal(message: "FAXLOCK_WEBHOOK_CA: \(file) cannot be read or holds no certificate in PEM form.")
            }
            authorities = read
        }
        let resolver = HostResolver()
        let sender = WebhookSender(
            rules: settings.webhookAddressRules, authorities: authorities, resolver: resolver, clock: SystemClock.now)
        self.resolver = resolver
        self.sender = sender
        runner = WebhookRunner(
            store: store, events: store.eventFeed.subscribe(), clock: SystemClock.now, logger: logger,
            post: { message in await metrics.counted { await sender.post(message) } })
    }

    /// Says that a message may be due.
    func wake() {
        runner.wake()
    }

    func run() async throws {
        await withGracefulShutdownHandler {
            await runner.run()
        } onGracefulShutdown: {
            Task { await runner.stop() }
        }
        await sender.close()
        resolver.close()
    }
}
