extension Settings {
    /// Settings of an Asterisk as the line (`FAX_BACKEND=sip`).
    static let asteriskTable: [SettingDefinition] = [
        .init("ASTERISK_AMI_HOST", \.asteriskHost, .host, help: "Name or address of Asterisk's manager interface."),
        .init("ASTERISK_AMI_PORT", \.asteriskPort, .integer(1...65535), help: "Its TCP port."),
        .init("ASTERISK_AMI_USERNAME", \.asteriskUser, .line(maximumLength: 64), help: "Its user for Faxlock."),
        .init("ASTERISK_AMI_PASSWORD", \.asteriskPassword, .token, help: "The user's secret; goes over no connection in the clear."),
        .init("ASTERISK_AMI_TLS", \.asteriskTLS, .boolean, help: "Talk TLS to the manager interface."),
        .init(
            "ASTERISK_AMI_CA_FILE", \.asteriskAuthority, .file,
            help: "PEM file of the authority of its certificate; else the system's authorities."),
        .init("ASTERISK_DIAL", \.asteriskDial, .dialTemplate, help: "The channel that Asterisk dials."),
        .init(
            "ASTERISK_AUDIO_FALLBACK", \.asteriskAudioFallback, .boolean, help: "Fax over G.711 where the far end refuses T.38."),
        .init("ASTERISK_ECM", \.asteriskECM, .boolean, help: "Error correction where the far end has it."),
        .init(
            "ASTERISK_SPOOL_DIR", \.asteriskSpool, .folder,
            help: "The folder shared with Asterisk, in memory (tmpfs): its subfolders out and in hold page images."),
        .init(
            "ASTERISK_SPOOL_PATH", \.givenAsteriskSpoolPath, .folder, help: "The same folder as Asterisk sees it.",
            shown: { $0.asteriskSpoolPath }),
        .init(
            "ASTERISK_INBOUND_SECRET", \.asteriskInboundSecret, .token,
            help: "What Asterisk shows when it tells of a received fax (X-Internal-Secret)."),
    ]
}
