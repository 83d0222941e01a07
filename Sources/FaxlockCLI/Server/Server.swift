import Access
import Backends
import Backup
import Doctor
import FaxDispatch
import FaxModel
import Gateway
import Glibc
import Hummingbird
import HummingbirdCore
import Ledger
import Logging
import NIOCore
import NIOPosix
import SIP
import ServerSettings
import ServiceLifecycle
import Store
import Synchronization
import UnixSignals
import Vault
import Workers

/// The whole gateway in one process: composition only.
struct Server {
    /// Why the server does not start with these settings.
    struct Refusal: Error {
        let message: String
    }

    /// How long calls may go on after SIGTERM before they are ended; the fax then goes on from its first unconfirmed page.
    private static let callGrace = Duration.seconds(25)

    let settings: Settings
    /// Why the server may start on a ledger that is shorter than it was.
    var acceptedRollback: String?

    /// Runs until SIGTERM or SIGINT.
    func run() async throws {
        // Files are for their owner alone, also those that SQLite makes.
        _ = umask(0o077)
        ProcessHardening.apply()
        try CallLines.check(settings)
        try AccessRules.check(settings)
        let logger = ServerLog.logger(settings)
        try await ProductionGate.check(settings, logger: logger)
        let transport = try TLSTransport(settings, logger: logger)
        let tokens = try AccessRules.tokens(settings, logger: logger)
        let workers = try WorkerExecutables()
        let folder = try DataFolder(path: settings.dataFolder)
        let keyFile = try await KeyFile(settings: settings, folder: folder)
        if folder.isNew { print("Made the data folder \(settings.dataFolder).") }
        if keyFile.isNew {
            print("Made the key file \(keyFile.path): without it nothing in the data folder can be read. Keep a copy apart.")
        }
        let store = try FaxStore(
            path: folder.database, key: keyFile.key, keyPath: keyFile.path, retired: keyFile.retired,
            ledger: LedgerOptions(
                isEnabled: settings.isLedgerEnabled, anchor: try Anchor.read(settings), acceptedRollback: acceptedRollback),
            retryPolicy: settings.retryPolicy, isListedOnly: settings.recipients.recipients == .listed, clock: SystemClock.now)
        let documents = Documents(
            store: store, folder: try await BlobFolder.open(at: folder.blobs, tenant: .single), hasZeroRetention: settings.hasZeroRetention)
        try await documents.removeTemporaries()
        try await store.recordStart(
            version: Faxlock.version,
            settings: Dictionary(settings.effective.map { ($0.name, $0.value) }) { first, _ in first },
            hidden: ["FAX_HEADER", "FAX_LOCAL_STATION_ID"])
        let sinks = try await Sinks(settings: settings, store: store, logger: logger)
        let records = try await CallRecordFile.references(in: folder.calls)
        let unknown = try await store.recoverAfterStop()
        if unknown > 0 {
            logger.warning("calls were cut by the last stop; their records are looked into", metadata: ["faxes": "\(unknown)"])
        }

        let inbox = StoredInbox(
            documents: documents, backend: settings.backend.rawValue, isReceiving: settings.isInboundEnabled,
            catchAllMailbox: settings.inboundCatchAll, clock: SystemClock.now, logger: logger)
        let cut = try await inbox.recover()
        if cut > 0 {
            logger.warning("faxes that were coming in were cut by the last stop; what came is in the inbox", metadata: ["faxes": "\(cut)"])
        }
        let line = try await CallLines(settings: settings, workers: workers, documents: documents, inbox: inbox, logger: logger)
        let backups = try await BackupService.jobs(settings, store: store, keyFile: keyFile, logger: logger)
        let retention = makeRetention(documents: documents, backups: backups, logger: logger)
        // Where nothing but trying is done, providers need no agreement.
        let agreement =
            settings.profile == .production
            ? AgreementRule(store: store, associate: line.routes[0].backend.associate, clock: SystemClock.now) : nil
        let meters = Meters(routes: line.routes)
        let (lostCalls, callLost) = AsyncStream.makeStream(of: String.self)
        let dispatcher = try makeDispatcher(
            documents: documents, line: line, workers: workers, agreement: agreement, records: folder.calls, logger: logger
        ) { attempt in
            meters.calls.ended(attempt)
            retention.wake()
            if attempt.outcome == .unknown { callLost.yield(attempt.reference) }
        }
        let webhooks = try WebhookService(settings: settings, store: store, metrics: meters.webhooks, logger: logger)
        let keys = try await APIKeys(
            store: store, bootstrap: settings.apiKey?.value, isRequired: settings.requiresAPIKey, clock: SystemClock.now)
        if settings.requiresAPIKey, keys.isEmpty {
            let made = try await keys.create(
                name: "first key", owner: "operator", scopes: Set(Scope.allCases), expiresAt: nil, note: "made by the first start",
                by: .system)
            print("Made the first API key, shown only now: \(made.token)")
            fflush(nil)
        }
        let address = ListeningAddress(settings: settings)
        let router = makeRouter(
            keys: keys, tokens: tokens, documents: documents, dispatcher: dispatcher, retention: retention, backups: backups,
            agreement: agreement, line: line, webhooks: webhooks, meters: meters, address: address,
            subject: DoctorSubject(
                version: Faxlock.version, keyFile: keyFile.path, associates: Set(line.routes.compactMap { $0.backend.associate }).sorted(),
                startedAt: SystemClock.now(),
                walls: .here, listening: { address.localURL }, sinks: { await sinks.conditions }))
        let application = makeApplication(
            router: router, server: try transport?.builder(.gateway) ?? .gateway, address: address, logger: logger)
        let housekeeping = Housekeeping(
            documents: documents, keys: keys, retention: retention, start: SystemClock.now(), logger: logger)
        // Stopped in reverse: first a backup at work, then requests, calls, the line, backups by the clock, then the ledger and its sinks.
        var services: [any Service] = [
            AuditService(store: store, sinks: sinks, keys: keys, logger: logger), webhooks, line,
            DispatchService(
                dispatcher: dispatcher, reconciler: Reconciler(store: store, records: folder.calls, logger: logger), records: records,
                lost: lostCalls, logger: logger),
            housekeeping, WatchdogService(watchdog: makeWatchdog(store, logger: logger), logger: logger),
            RefusalService(refusals: router.refusals, inbox: inbox, logger: logger), application,
        ]
        if let transport { services.append(transport) }
        if let backups {
            let interval = settings.backupHours > 0 ? Duration.seconds(settings.backupHours * 3600) : nil
            services.insert(BackupService(jobs: backups, interval: interval, logger: logger), at: 1)
            services.append(BackupStop(jobs: backups))
        }
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = Self.callGrace + .seconds(15)
        try await ServiceGroup(configuration: configuration).run()
        try store.close()
    }

    private func makeRetention(documents: Documents, backups: BackupJobs?, logger: Logger) -> RetentionRunner {
        RetentionRunner(
            documents: documents,
            rules: RetentionRules(
                retentionDays: settings.retentionDays, inboundRetentionDays: settings.inboundRetentionDays,
                deletesOnSuccess: settings.deletesOnSuccess, hasZeroRetention: settings.hasZeroRetention),
            interval: .seconds(settings.cleanupMinutes * 60), clock: SystemClock.now, logger: logger,
            // What was destroyed leaves the key bundle too: from then on no backup opens it.
            at: { if $0 == .done { await BackupService.refreshBundle(backups, logger: logger) } })
    }

    private func makeDispatcher(
        documents: Documents, line: CallLines, workers: WorkerExecutables, agreement: AgreementRule?, records: String, logger: Logger,
        attemptEnded: @escaping @Sendable (EndedAttempt) -> Void
    ) throws -> Dispatcher {
        let header: HeaderText
        do {
            header = try HeaderText(
                sender: settings.headerName ?? "", number: settings.localStationID ?? "", timeZone: settings.timeZone)
        } catch {
            throw Refusal(message: error.description)
        }
        return Dispatcher(
            documents: documents,
            renderer: PageRenderer(executable: workers.page, group: MultiThreadedEventLoopGroup.singleton), routes: line.routes,
            header: header,
            limits: Dispatcher.Limits(
                renderers: settings.renderers, calls: settings.isFaxDisabled ? 0 : settings.lines, faxesPerCall: settings.faxesPerCall,
                pages: settings.maximumPages, grace: Self.callGrace),
            records: records, policy: settings.retryPolicy, agreement: agreement, clock: SystemClock.now, logger: logger,
            attemptEnded: attemptEnded)
    }

    private func makeWatchdog(_ store: FaxStore, logger: Logger) -> Watchdog {
        Watchdog(
            store: store, renderers: settings.renderers, calls: settings.isFaxDisabled ? 0 : settings.lines, clock: SystemClock.now,
            logger: logger)
    }

    private func makeRouter(
        keys: APIKeys, tokens: BearerTokenVerifier?, documents: Documents, dispatcher: Dispatcher, retention: RetentionRunner,
        backups: BackupJobs?, agreement: AgreementRule?, line: CallLines, webhooks: WebhookService, meters: Meters,
        address: ListeningAddress,
        subject: DoctorSubject
    ) -> GatewayRouter {
        let intake = Intake(
            documents: documents, backend: settings.backend.rawValue, isDisabled: settings.isFaxDisabled,
            agreement: agreement, clock: SystemClock.now, wake: { dispatcher.wake() },
            endCall: { id in Task { await dispatcher.endCall(id) } })
        return GatewayRouter(
            keys: keys, documents: documents, intake: intake, settings: settings, tokens: tokens, checks: ["line": { await line.isUp }],
            retention: retention, backups: backups, subject: subject, asterisk: line.intake,
            wakeWebhooks: { webhooks.wake() }, metrics: meters.registry, publicURL: { address.publicURL },
            clock: SystemClock.now)
    }

    private func makeApplication(
        router: GatewayRouter, server: HTTPServerBuilder, address: ListeningAddress, logger: Logger
    ) -> some ApplicationProtocol {
        Application(
            router: router.build(), server: server,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: "Faxlock"),
            onServerRunning: { channel in
                address.isBound(to: channel.localAddress?.port ?? settings.port)
                print("Faxlock \(Faxlock.version) listens on \(address.localURL)")
                fflush(nil)
            }, logger: logger)
    }
}
