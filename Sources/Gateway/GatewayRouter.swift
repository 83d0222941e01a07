package import Access
package import Backup
package import FaxDispatch
package import FaxModel
package import Hummingbird
package import Observability
package import ServerSettings
package import Store

/// All routes of the HTTP API.
package struct GatewayRouter: Sendable {
    private let authorisation: Authorisation
    private let documents: Documents
    private let intake: Intake
    private let settings: Settings
    private let checks: [String: @Sendable () async -> Bool]
    private let retention: RetentionRunner
    private let backups: BackupJobs?
    private let subject: DoctorSubject
    private let asterisk: AsteriskIntake?
    private let recipients: RecipientRules?
    private let heartbeat: @Sendable () async throws -> Void
    private let wakeWebhooks: @Sendable () -> Void
    private let metrics: MetricsRegistry
    private let publicURL: @Sendable () -> String
    private let clock: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - checks: what `/health/ready` asks beside the database.
    ///   - tokens: verifies bearer tokens; nil where none are accepted.
    ///   - backups: nil where no backup folder is set.
    ///   - subject: what the doctor asks beside settings and database.
    ///   - asterisk: takes the faxes that Asterisk received; nil where it is not the line.
    ///   - recipients: asked for each recipient of a fax; nil: those of the settings.
    ///   - heartbeat: waits until silent event streams say that they are still there.
    ///   - wakeWebhooks: called when a message to a webhook is due.
    ///   - metrics: what is counted in this process; requests are, too.
    ///   - publicURL: the address in links, without a slash at its end.
    package init(
        keys: APIKeys, documents: Documents, intake: Intake, settings: Settings, tokens: BearerTokenVerifier? = nil,
        checks: [String: @Sendable () async -> Bool], retention: RetentionRunner, backups: BackupJobs? = nil,
        subject: DoctorSubject = DoctorSubject(), asterisk: AsteriskIntake? = nil, recipients: RecipientRules? = nil,
        heartbeat: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: .seconds(15)) },
        wakeWebhooks: @escaping @Sendable () -> Void = {}, metrics: MetricsRegistry = MetricsRegistry(),
        publicURL: @escaping @Sendable () -> String,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        authorisation = Authorisation(keys: keys, store: documents.store, settings: settings, tokens: tokens, clock: clock)
        self.documents = documents
        self.intake = intake
        self.settings = settings
        self.checks = checks
        self.retention = retention
        self.backups = backups
        self.subject = subject
        self.asterisk = asterisk
        self.recipients = recipients
        self.heartbeat = heartbeat
        self.wakeWebhooks = wakeWebhooks
        self.metrics = metrics
        self.publicURL = publicURL
        self.clock = clock
    }

    /// Refusals that were counted and are not yet in the ledger; asked for now and then and at the end.
    package var refusals: RefusalRecord { authorisation.refusals }

    package func build() -> Router<GatewayContext> {
        let router = Router(context: GatewayContext.self)
        let rules =
            recipients
            ?? RecipientRules(
                store: documents.store, policy: settings.recipients, stationID: settings.localStationID, timeZone: settings.timeZone,
                clock: clock)
        let requests = HTTPMetrics(metrics)
        router.add(middleware: RequestMetricsMiddleware(metrics: requests))
        if settings.tlsCertificate != nil { router.add(middleware: StrictTransportMiddleware()) }
        router.add(middleware: ProblemMiddleware())
        router.add(
            middleware: AdmissionMiddleware(
                limits: authorisation.limits, refusals: authorisation.refusals,
                proxies: settings.trustedProxies.compactMap { AddressRange($0) }))
        let gate = IdempotencyGate()
        FaxRoutes(
            authorisation: authorisation, store: documents.store, documents: documents, intake: intake, settings: settings,
            recipients: rules, gate: gate, publicURL: publicURL, clock: clock
        ).add(to: router)
        FaxActionRoutes(
            authorisation: authorisation, store: documents.store, intake: intake, recipients: rules, gate: gate, clock: clock
        ).add(to: router)
        BatchRoutes(authorisation: authorisation, store: documents.store, intake: intake).add(to: router)
        EventRoutes(authorisation: authorisation, store: documents.store, heartbeat: heartbeat).add(to: router)
        InboundRoutes(
            authorisation: authorisation, store: documents.store, documents: documents, isEnabled: settings.isInboundEnabled
        ).add(to: router)
        AsteriskRoutes(authorisation: authorisation, intake: asterisk).add(to: router)
        KeyRoutes(authorisation: authorisation, store: documents.store).add(to: router)
        AuditRoutes(authorisation: authorisation, store: documents.store, clock: clock).add(to: router)
        PeopleRoutes(authorisation: authorisation, issuer: settings.oauthIssuer).add(to: router)
        EmergencyRoutes(authorisation: authorisation, store: documents.store, clock: clock).add(to: router)
        MailboxRoutes(authorisation: authorisation, store: documents.store).add(to: router)
        NumberRoutes(authorisation: authorisation, store: documents.store).add(to: router)
        RecipientRoutes(authorisation: authorisation, store: documents.store, rules: rules).add(to: router)
        WebhookRoutes(
            authorisation: authorisation, store: documents.store, rules: settings.webhookAddressRules, wake: wakeWebhooks, clock: clock
        ).add(to: router)
        DeliveryRoutes(authorisation: authorisation, store: documents.store, wake: wakeWebhooks).add(to: router)
        RetentionRoutes(authorisation: authorisation, retention: retention).add(to: router)
        HoldRoutes(authorisation: authorisation, store: documents.store).add(to: router)
        IntegrityRoutes(authorisation: authorisation, documents: documents).add(to: router)
        KeyRotationRoutes(authorisation: authorisation, store: documents.store).add(to: router)
        BackupRoutes(authorisation: authorisation, backups: backups).add(to: router)
        AssociateRoutes(authorisation: authorisation, store: documents.store, clock: clock).add(to: router)
        DoctorRoutes(
            authorisation: authorisation, store: documents.store, settings: settings, subject: subject, clock: clock
        ).add(to: router)
        MetricsRoutes(
            authorisation: authorisation, store: documents.store, access: settings.metrics, registry: metrics, startedAt: subject.startedAt,
            clock: clock
        ).add(to: router)
        StatisticsRoutes(authorisation: authorisation, store: documents.store, clock: clock).add(to: router)
        ServiceRoutes(authorisation: authorisation, store: documents.store, settings: settings, checks: checks).add(to: router)
        requests.serve(router.routes.map { RequestMetricsMiddleware.pattern($0.path.description) })
        return router
    }
}
