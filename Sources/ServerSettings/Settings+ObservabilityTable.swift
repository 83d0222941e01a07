extension Settings {
    /// Settings of what the server tells about itself.
    static let observabilityTable: [SettingDefinition] = [
        .init("FAXLOCK_LOG_FORMAT", \.logFormat, .choice(LogFormat.allCases), help: "Log lines for people, or one JSON object a line."),
        .init(
            "FAXLOCK_METRICS", \.metrics, .choice(MetricsAccess.allCases),
            help: "Who reads /metrics: nobody, keys with metrics:read, or whoever reaches a loopback address."),
    ]
}
