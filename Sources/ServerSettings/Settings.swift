package import FaxModel

/// The product's settings, read and checked. `Settings()` has the defaults.
///
/// Names, forms and help are in ``table``; ``load(commandLine:environment:files:)`` reads them.
package struct Settings: Sendable {
    // MARK: Access

    /// The bootstrap key with all scopes (`API_KEY`).
    package internal(set) var apiKey: Secret?
    /// Requests need a key.
    package internal(set) var requiresAPIKey = true

    // MARK: Network

    /// Name or address that the server listens on.
    package internal(set) var host = "127.0.0.1"
    /// TCP port, 0 for any that is free.
    package internal(set) var port = 8080
    var givenPublicURL: String?

    /// The address in links to clients, without a slash at its end; made of host and port if `PUBLIC_API_URL` is not set.
    package var publicURL: String {
        givenPublicURL ?? "\(tlsCertificate == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    // MARK: Faxes

    package internal(set) var backend = BackendKind.line
    /// Where faxes go that ``backend`` cannot send.
    package internal(set) var failoverBackend: BackendKind?
    /// The ways by which faxes leave, the preferred one first.
    package var backends: [BackendKind] {
        if let failoverBackend, failoverBackend != backend { [backend, failoverBackend] } else { [backend] }
    }
    /// Faxes are accepted and not sent.
    package internal(set) var isFaxDisabled = false
    package internal(set) var isInboundEnabled = false
    /// The mailbox of numbers on trunks that are no mailbox's; nil: calls to them are refused.
    package internal(set) var inboundCatchAll: String?
    /// The sender's name in the line at the top of each page.
    package internal(set) var headerName: String?
    /// The number in the CSI signal and in the line at the top: at most 20 of digits, `+` and space.
    package internal(set) var localStationID: String?
    /// IANA name of the time zone of the line at the top.
    package internal(set) var timeZone = "UTC"
    package internal(set) var paper = Paper.letter
    /// Standard or fine.
    package internal(set) var resolution = Resolution.fine
    /// A document with more pages is refused; 1 to 10,000.
    package internal(set) var maximumPages = 2000
    /// Page workers at the same time; 1 to 8.
    package internal(set) var renderers = 1
    var retry = RetryPolicy()
    var retryPercent = 100
    package var faxesPerCall = 1
    var unansweredCalls: Int {
        get { retry.unansweredCeiling ?? 0 }
        set { retry.unansweredCeiling = newValue == 0 ? nil : newValue }
    }
    var lifetimeMinutes: Int {
        get { Int(retry.lifetime.components.seconds / 60) }
        set { retry.lifetime = .seconds(newValue * 60) }
    }
    /// When and how calls are made again.
    package var retryPolicy: RetryPolicy { retry.shortened(to: retryPercent) }
    /// Whether waits between calls are shorter than they should be.
    package var shortensRetries: Bool { retryPercent < 100 }
    /// Calls at the same time; 1 to 256.
    package internal(set) var lines = 4
    /// Numbers +1 555 123 01xx are answered by the exchange inside.
    package internal(set) var hasLoopbackExchange = true
    /// The exchange inside runs as fast as it can, not at the speed of a modem.
    package internal(set) var isLoopbackUnpaced = true

    /// Real calls to the exchange inside, or their outcomes without any.
    package internal(set) var sandbox = SandboxKind.calls

    /// The JSON file of SIP trunks; nil: the exchange inside is called.
    package internal(set) var trunksFile: String?

    // MARK: Recipients

    package internal(set) var recipients = RecipientPolicy()

    // MARK: Webhooks

    /// Webhooks may lead to this machine, also by `http`.
    package internal(set) var allowsWebhookLoopback = false
    /// Private networks that webhooks may lead to: addresses or CIDR ranges.
    package internal(set) var webhookNetworks: [String] = []
    /// PEM file of authorities that are trusted beside the system's.
    package internal(set) var webhookAuthority: String?

    // MARK: Asterisk

    /// Of the manager interface.
    package internal(set) var asteriskHost = "127.0.0.1"
    package internal(set) var asteriskPort = 5038
    package internal(set) var asteriskUser = "faxlock"
    package internal(set) var asteriskPassword: Secret?
    package internal(set) var asteriskTLS = false
    package internal(set) var asteriskAuthority: String?
    /// The channel to a number, with `{number}` where the number goes.
    package internal(set) var asteriskDial = "PJSIP/{number}@faxlock-trunk"
    package internal(set) var asteriskAudioFallback = true
    package internal(set) var asteriskECM = true
    /// The folder shared with Asterisk, without a slash at its end.
    package internal(set) var asteriskSpool = "/run/faxlock-asterisk"
    var givenAsteriskSpoolPath: String?

    /// ``asteriskSpool`` as Asterisk sees it.
    package var asteriskSpoolPath: String { givenAsteriskSpoolPath ?? asteriskSpool }

    package internal(set) var asteriskInboundSecret: Secret?

    // MARK: Storage and limits

    /// The folder of everything durable, without a slash at its end.
    package internal(set) var dataFolder = "./faxlock-data"
    /// `FAXLOCK_KEY_FILE`, if somebody set it.
    package internal(set) var givenKeyFile: String?

    /// The file of the key-encryption key: by default beside the data folder, so that a copy of the folder alone opens nothing.
    package var keyFile: String { givenKeyFile ?? dataFolder + ".key" }

    var maximumFileMebibytes = 100
    /// The largest document, bytes.
    package var maximumFileBytes: Int { maximumFileMebibytes << 20 }
    var pdfTokenMinutes = 60
    /// How long a link to a PDF opens it.
    package var pdfTokenLifetime: Duration { .seconds(pdfTokenMinutes * 60) }

    // MARK: Safeguards

    package internal(set) var profile = Profile.development
    package internal(set) var requiresReason = false
    /// A key's; 0 for no limit.
    package internal(set) var requestsPerMinute = 0
    /// An address'; 0 for no limit.
    package internal(set) var addressRequestsPerMinute = 0
    package internal(set) var refusalsPerMinute = 30
    /// Addresses or CIDR ranges.
    package internal(set) var trustedProxies: [String] = []
    package internal(set) var oauthIssuer: String?
    package internal(set) var oauthAudience: String?
    package internal(set) var oauthKeysURL: String?
    package internal(set) var oauthGrantsClaim = "faxlock_grants"

    package internal(set) var tlsCertificate: String?
    package internal(set) var tlsKey: String?
    package internal(set) var tlsClientAuthority: String?
    package internal(set) var enforcesPublicHTTPS = false
    package internal(set) var allowsInsecurePublicURL = false

    package internal(set) var retiredKeyFiles: [String] = []
    package internal(set) var keyCustodian = KeyCustodianKind.none
    package internal(set) var transitURL: String?
    package internal(set) var transitKey = "faxlock"
    package internal(set) var transitMount = "transit"
    package internal(set) var transitNamespace: String?
    package internal(set) var transitToken: Secret?
    package internal(set) var kmsKey: String?
    package internal(set) var kmsRegion: String?
    package internal(set) var kmsEndpoint: String?
    package internal(set) var awsAccessKey: Secret?
    package internal(set) var awsSecretKey: Secret?
    package internal(set) var awsSessionToken: Secret?
    package internal(set) var custodianAuthority: String?

    package internal(set) var isLedgerEnabled = true
    package internal(set) var auditFormat = AuditLogFormat.json
    package internal(set) var auditFile: String?
    package internal(set) var sendsAuditToSyslog = false
    package internal(set) var auditSyslogAddress: String?
    package internal(set) var auditSyslogAuthority: String?
    package internal(set) var auditSyslogCertificate: String?
    package internal(set) var auditSyslogKey: String?
    package internal(set) var auditElasticsearchURL: String?
    package internal(set) var auditElasticsearchKey: Secret?
    package internal(set) var auditElasticsearchStream = "faxlock-audit"
    package internal(set) var auditElasticsearchAuthority: String?
    package internal(set) var auditAnchorFile: String?
    package internal(set) var auditRetentionDays = 2200

    package internal(set) var retentionDays = 0
    package internal(set) var inboundRetentionDays = 0
    package internal(set) var cleanupMinutes = 1440
    package internal(set) var deletesOnSuccess = false
    package internal(set) var hasZeroRetention = false

    package internal(set) var backupFolder: String?
    package internal(set) var backupKeyFile: String?
    package internal(set) var backupKeysFolder: String?
    package internal(set) var backupHours = 24
    package internal(set) var backupDays = 7
    package internal(set) var backupMonths = 12

    // MARK: Operation

    package internal(set) var logLevel = LogLevel.info
    package internal(set) var logFormat = LogFormat.text
    package internal(set) var metrics = MetricsAccess.key
    /// The JSON file that was read, if there was one.
    package internal(set) var configurationFile: String?

    /// Each setting with its value and where that came from, in the order of the table; those that this version does not use only
    /// if somebody gave them.
    package internal(set) var effective: [EffectiveSetting] = []

    /// The secrets that were given, by name, also those that this version does not use: a weak one is a weak one.
    package internal(set) var secrets: [String: Secret] = [:]

    package init() {}
}
