extension Settings {
    /// Settings of the safeguards: access, transport, keys, audit, retention, backup.
    static let safeguardTable: [SettingDefinition] = [
        .init(
            "FAXLOCK_PROFILE", \.profile, .choice(Profile.allCases),
            help: "With production, the server refuses to start with an unsafe setting."),
        // Access
        .init(
            "FAXLOCK_REQUIRE_REASON", \.requiresReason, .boolean, help: "Opening a document takes a reason (header X-Access-Reason)."),
        .init(
            "MAX_REQUESTS_PER_MINUTE", \.requestsPerMinute, .integer(0...1_000_000),
            help: "Requests a key may make in a minute; 0 for no limit."),
        .init(
            "FAXLOCK_ADDRESS_REQUESTS_PER_MINUTE", \.addressRequestsPerMinute, .integer(0...1_000_000),
            help: "Requests an address may make in a minute, whatever its keys; 0 for no limit."),
        .init(
            "FAXLOCK_REFUSALS_PER_MINUTE", \.refusalsPerMinute, .integer(1...100_000),
            help: "Refused credentials of an address in a minute, after which it is refused before its key is looked at."),
        .init(
            "FAXLOCK_TRUSTED_PROXIES", \.trustedProxies, .list(of: "IP addresses or CIDR ranges"),
            help: "Proxies whose X-Forwarded-For is believed."),
        .init(
            "OAUTH_ISSUER", \.oauthIssuer, .line(maximumLength: 512),
            help: "Issuer of the bearer tokens that are accepted, exactly as they name it."),
        .init("OAUTH_AUDIENCE", \.oauthAudience, .line(maximumLength: 256), help: "Audience that such a token must name."),
        .init("OAUTH_JWKS_URL", \.oauthKeysURL, .webAddress, help: "Where the issuer's keys are."),
        .init(
            "FAXLOCK_OAUTH_GRANTS_CLAIM", \.oauthGrantsClaim, .line(maximumLength: 64),
            help: "Claim that lists roles, as mailbox:role."),
        // Transport
        .init(
            "FAXLOCK_TLS_CERTIFICATE", \.tlsCertificate, .file,
            help: "PEM file of the certificate chain; with it the server speaks TLS alone, and reads it again when it changes."),
        .init("FAXLOCK_TLS_KEY", \.tlsKey, .file, help: "PEM file of the certificate's private key."),
        .init(
            "FAXLOCK_TLS_CLIENT_CA", \.tlsClientAuthority, .file,
            help: "PEM file of authorities; clients must then show a certificate of theirs."),
        .init(
            "ENFORCE_PUBLIC_HTTPS", \.enforcesPublicHTTPS, .boolean, help: "Refuse to start with a PUBLIC_API_URL that is not https://."),
        .init(
            "ALLOW_INSECURE_PUBLIC_URL", \.allowsInsecurePublicURL, .boolean,
            help: "Start although PUBLIC_API_URL is not https://."),
        // Keys
        .init(
            "FAXLOCK_RETIRED_KEY_FILES", \.retiredKeyFiles, .list(of: "paths of files"),
            help: "Former key files that still open what `faxlock keys rotate` has not rewrapped."),
        .init(
            "FAXLOCK_KEY_CUSTODIAN", \.keyCustodian, .choice(KeyCustodianKind.allCases),
            help: "Who opens the key file: nobody, HashiCorp Vault Transit or AWS KMS."),
        .init("FAXLOCK_TRANSIT_URL", \.transitURL, .webAddress, help: "Address of HashiCorp Vault."),
        .init("FAXLOCK_TRANSIT_KEY", \.transitKey, .line(maximumLength: 128), help: "Name of the Transit key."),
        .init("FAXLOCK_TRANSIT_MOUNT", \.transitMount, .line(maximumLength: 128), help: "Path of the Transit engine."),
        .init("FAXLOCK_TRANSIT_NAMESPACE", \.transitNamespace, .line(maximumLength: 128), help: "Vault namespace."),
        .init("FAXLOCK_TRANSIT_TOKEN", \.transitToken, .longToken, help: "Vault token that may use the Transit key."),
        .init("FAXLOCK_KMS_KEY_ID", \.kmsKey, .line(maximumLength: 2048), help: "Id or ARN of the KMS key."),
        .init("FAXLOCK_KMS_REGION", \.kmsRegion, .line(maximumLength: 64), help: "Region of the KMS key."),
        .init("FAXLOCK_KMS_ENDPOINT", \.kmsEndpoint, .webAddress, help: "Another address of KMS than the region's."),
        .init("AWS_ACCESS_KEY_ID", \.awsAccessKey, .token, help: "Access key for KMS."),
        .init("AWS_SECRET_ACCESS_KEY", \.awsSecretKey, .token, help: "Its secret."),
        .init("AWS_SESSION_TOKEN", \.awsSessionToken, .longToken, help: "Its session token, for temporary credentials."),
        .init(
            "FAXLOCK_CUSTODIAN_CA", \.custodianAuthority, .file,
            help: "PEM file of authorities for the custodian's certificate; else the system's."),
        // Audit
        .init("AUDIT_LOG_ENABLED", \.isLedgerEnabled, .boolean, help: "Keep the audit ledger. The production profile insists."),
        .init("AUDIT_LOG_FORMAT", \.auditFormat, .choice(AuditLogFormat.allCases), help: "Form of events in file and syslog."),
        .init("AUDIT_LOG_FILE", \.auditFile, .file, help: "Append audit events to this file, best on another volume."),
        .init("AUDIT_LOG_SYSLOG", \.sendsAuditToSyslog, .boolean, help: "Send audit events to syslog over TLS (RFC 5425)."),
        .init(
            "AUDIT_LOG_SYSLOG_ADDRESS", \.auditSyslogAddress, .line(maximumLength: 300), help: "host:port of the syslog server."),
        .init("FAXLOCK_AUDIT_SYSLOG_CA", \.auditSyslogAuthority, .file, help: "PEM file of its authorities; else the system's."),
        .init("FAXLOCK_AUDIT_SYSLOG_CERTIFICATE", \.auditSyslogCertificate, .file, help: "PEM file of our certificate for it."),
        .init("FAXLOCK_AUDIT_SYSLOG_KEY", \.auditSyslogKey, .file, help: "PEM file of that certificate's key."),
        .init(
            "FAXLOCK_AUDIT_ELASTICSEARCH_URL", \.auditElasticsearchURL, .webAddress, help: "Send audit events to this Elasticsearch."),
        .init(
            "FAXLOCK_AUDIT_ELASTICSEARCH_API_KEY", \.auditElasticsearchKey, .token, help: "API key for it, base64 of id:key."),
        .init(
            "FAXLOCK_AUDIT_ELASTICSEARCH_STREAM", \.auditElasticsearchStream, .line(maximumLength: 200), help: "Its data stream."),
        .init("FAXLOCK_AUDIT_ELASTICSEARCH_CA", \.auditElasticsearchAuthority, .file, help: "PEM file of its authorities."),
        .init(
            "FAXLOCK_AUDIT_ANCHOR_FILE", \.auditAnchorFile, .file,
            help: "Append signed checkpoints to this file, on another volume: at start it shows whether the ledger was rolled back."),
        .init(
            "FAXLOCK_AUDIT_RETENTION_DAYS", \.auditRetentionDays, .integer(2192...36_500),
            help: "Days for which the ledger is kept at least; six years (45 CFR 164.316(b)(2)) are up to 2,192."),
        // Retention
        .init(
            "ARTIFACT_TTL_DAYS", \.retentionDays, .integer(0...36_500),
            help: "Days after which the documents of finished sent faxes are shredded; 0 for never."),
        .init(
            "INBOUND_RETENTION_DAYS", \.inboundRetentionDays, .integer(0...36_500),
            help: "Days after which received documents are shredded; 0 for never."),
        .init("CLEANUP_INTERVAL_MINUTES", \.cleanupMinutes, .integer(1...10_080), help: "How often retention runs."),
        .init(
            "FAXLOCK_DELETE_ON_SUCCESS", \.deletesOnSuccess, .boolean,
            help: "Shred the documents of a sent fax once the far machine confirmed every page."),
        .init(
            "FAXLOCK_ZERO_RETENTION", \.hasZeroRetention, .boolean,
            help: "Each fax has a key of its own, which is destroyed once the far machine confirmed it: no backup can open it."),
        // Backup
        .init("FAXLOCK_BACKUP_DIR", \.backupFolder, .folder, help: "Folder of backups, best on another machine's volume."),
        .init("FAXLOCK_BACKUP_KEY_FILE", \.backupKeyFile, .file, help: "The file of the key that seals backups."),
        .init(
            "FAXLOCK_BACKUP_KEYS_DIR", \.backupKeysFolder, .folder,
            help: "Folder of the newest key bundle, without which backups open nothing; apart from the backups."),
        .init("FAXLOCK_BACKUP_INTERVAL_HOURS", \.backupHours, .integer(0...8760), help: "How often a backup is made; 0 for by hand."),
        .init("FAXLOCK_BACKUP_KEEP_DAYS", \.backupDays, .integer(1...3650), help: "Days of which the last backup is kept."),
        .init("FAXLOCK_BACKUP_KEEP_MONTHS", \.backupMonths, .integer(0...120), help: "Months of which the last backup is kept."),
    ]
}
