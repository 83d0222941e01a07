import FaxModel

extension Settings {
    /// The file that holds other settings; it cannot be set in that file.
    static let configurationFileName = "FAXLOCK_CONFIG"

    /// All settings that this version uses.
    package static let table: [SettingDefinition] =
        serverTable + sandboxTable + asteriskTable + dispatchTable + safeguardTable + observabilityTable

    private static let serverTable: [SettingDefinition] = [
        .init("API_KEY", \.apiKey, .token, help: "The first key, with all scopes."),
        .init("REQUIRE_API_KEY", \.requiresAPIKey, .boolean, help: "Refuse requests without a key."),
        .init("FAXLOCK_HOST", \.host, .host, help: "Name or address to listen on."),
        .init("FAXLOCK_PORT", \.port, .integer(0...65535), help: "TCP port to listen on; 0 for any that is free."),
        .init(
            "PUBLIC_API_URL", \.givenPublicURL, .webAddress,
            help: "The address in links to clients; else host and port.",
            shown: { $0.publicURL }),
        .init("FAX_BACKEND", \.backend, .choice(BackendKind.allCases), help: "How faxes leave."),
        .init(
            "FAXLOCK_FAILOVER_BACKEND", \.failoverBackend, .choice(BackendKind.allCases),
            help: "How faxes leave that go by no route of FAX_BACKEND; without it they wait for that."),
        .init("FAX_DISABLED", \.isFaxDisabled, .boolean, help: "Accept faxes and send none."),
        .init("INBOUND_ENABLED", \.isInboundEnabled, .boolean, help: "Receive faxes."),
        .init(
            "FAXLOCK_INBOUND_CATCH_ALL", \.inboundCatchAll, .mailbox,
            help: "The mailbox of trunk calls to numbers that are no mailbox's; without it they are refused."),
        .init("FAX_HEADER", \.headerName, .line(maximumLength: 64), help: "The sender's name at the top of each page."),
        .init(
            "FAX_LOCAL_STATION_ID", \.localStationID, .stationID,
            help: "The sender's number, for CSI and the top of each page."),
        .init("FAXLOCK_TIME_ZONE", \.timeZone, .timeZone, help: "Time zone of the time at the top of each page."),
        .init("FAXLOCK_PAPER", \.paper, .choice(Paper.allCases), help: "Paper for text."),
        .init(
            "FAXLOCK_RESOLUTION", \.resolution, .choice([.standard, .fine]), help: "Resolution if a request names none."
        ),
        .init("FAXLOCK_MAX_PAGES", \.maximumPages, .integer(1...10_000), help: "Refuse documents with more pages."),
        .init("FAXLOCK_RENDERERS", \.renderers, .integer(1...8), help: "Page workers at the same time."),
        .init("FAXLOCK_LINES", \.lines, .integer(1...256), help: "Calls at the same time."),
        .init(
            "FAXLOCK_LOOPBACK_EXCHANGE", \.hasLoopbackExchange, .boolean,
            help: "Numbers +1 555 123 01xx and the test numbers +1 500 555 xxxx are answered by the exchange inside."),
        .init(
            "FAXLOCK_LOOPBACK_UNPACED", \.isLoopbackUnpaced, .boolean,
            help: "The exchange inside runs as fast as it can, not at the speed of a modem."),
        .init(
            "FAXLOCK_TRUNKS_FILE", \.trunksFile, .file,
            help: "The JSON file of SIP trunks; with it real calls are made, and the exchange inside is off."),
        .init("FAX_DATA_DIR", \.dataFolder, .folder, help: "The folder of everything durable."),
        .init(
            "FAXLOCK_KEY_FILE", \.givenKeyFile, .file,
            help: "The file of the key that seals all keys; else FAX_DATA_DIR.key.",
            shown: { $0.keyFile }),
        .init("MAX_FILE_SIZE_MB", \.maximumFileMebibytes, .integer(1...4096), help: "The largest document, MiB."),
        .init(
            "PDF_TOKEN_TTL_MINUTES", \.pdfTokenMinutes, .integer(1...525_600),
            help: "How long a link to a PDF opens it."),
        .init(
            "FAXLOCK_LOG_LEVEL", \.logLevel, .choice(LogLevel.allCases),
            help: "The least important messages that are logged."),
        .init(
            configurationFileName, \.configurationFile, .file, help: "A JSON file of settings, {\"NAME\": value, ...}."),
    ]

    /// Names of the Faxbot contract that operators have in their files and that this version does not use.
    package static let unusedTable: [SettingDefinition] =
        [
            "PHAXIO_STATUS_CALLBACK_URL", "PHAXIO_CALLBACK_URL",
            "PHAXIO_VERIFY_SIGNATURE", "SINCH_PROJECT_ID", "SINCH_BASE_URL", "SIGNALWIRE_SPACE_URL",
            "SIGNALWIRE_PROJECT_ID",
            "SIGNALWIRE_FAX_FROM_E164", "INBOUND_TOKEN_TTL_MINUTES",
            "STORAGE_BACKEND", "S3_BUCKET", "S3_PREFIX", "S3_REGION", "S3_ENDPOINT_URL", "S3_KMS_KEY_ID",
        ].map { SettingDefinition(unused: $0, isSecret: false) }
        // The database's URL holds its password.
        + [
            "DATABASE_URL", "PHAXIO_API_KEY", "PHAXIO_API_SECRET", "SINCH_API_KEY", "SINCH_API_SECRET",
            "SIGNALWIRE_API_TOKEN",
            "DOCUMO_API_KEY",
        ].map { SettingDefinition(unused: $0, isSecret: true) }
}
