package import Access
package import Backup
package import FaxDispatch
package import FaxModel
package import Hummingbird
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
    private let publicURL: @Sendable () -> String
    private let clock: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - checks: what `/health/ready` asks beside the database.
    ///   - tokens: verifies bearer tokens; nil where none are accepted.
    ///   - backups: nil where no backup folder is set.
    ///   - subject: what the doctor asks beside settings and database.
    ///   - asterisk: takes the faxes that Asterisk received; nil where it is not the line.
    ///   - publicURL: the address in links, without a slash at its end.
    package init(
        keys: APIKeys, documents: Documents, intake: Intake, settings: Settings, tokens: BearerTokenVerifier? = nil,
        checks: [String: @Sendable () async -> Bool], retention: RetentionRunner, backups: BackupJobs? = nil,
        subject: DoctorSubject = DoctorSubject(), asterisk: AsteriskIntake? = nil, publicURL: @escaping @Sendable () -> String,
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
        self.publicURL = publicURL
        self.clock = clock
    }

    /// Refusals that were counted and are not yet in the ledger; asked for now and then and at the end.
    package var refusals: RefusalRecord { authorisation.refusals }

    package func build() -> Router<GatewayContext> {
        let router = Router(context: GatewayContext.self)
        if settings.tlsCertificate != nil { router.add(middleware: StrictTransportMiddleware()) }
        router.add(middleware: ProblemMiddleware())
        router.add(
            middleware: AdmissionMiddleware(
                limits: authorisation.limits, refusals: authorisation.refusals,
                proxies: settings.trustedProxies.compactMap { AddressRange($0) }))
        FaxRoutes(
            authorisation: authorisation, store: documents.store, documents: documents, intake: intake, settings: settings,
            publicURL: publicURL, clock: clock
        ).add(to: router)
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
        RetentionRoutes(authorisation: authorisation, retention: retention).add(to: router)
        HoldRoutes(authorisation: authorisation, store: documents.store).add(to: router)
        IntegrityRoutes(authorisation: authorisation, documents: documents).add(to: router)
        KeyRotationRoutes(authorisation: authorisation, store: documents.store).add(to: router)
        BackupRoutes(authorisation: authorisation, backups: backups).add(to: router)
        AssociateRoutes(authorisation: authorisation, store: documents.store, clock: clock).add(to: router)
        DoctorRoutes(
            authorisation: authorisation, store: documents.store, settings: settings, subject: subject, clock: clock
        ).add(to: router)
        ServiceRoutes(authorisation: authorisation, store: documents.store, settings: settings, checks: checks).add(to: router)
        return router
    }
}
