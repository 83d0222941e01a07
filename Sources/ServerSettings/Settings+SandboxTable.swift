extension Settings {
    /// Settings of the test numbers.
    static let sandboxTable: [SettingDefinition] = [
        .init(
            "FAXLOCK_SANDBOX", \.sandbox, .choice(SandboxKind.allCases),
            help: "Without trunks: real calls to the exchange inside, or their outcomes at once without any call, for load tests.")
    ]
}

/// How faxes go to the test numbers (`FAXLOCK_SANDBOX`).
package enum SandboxKind: String, Sendable, Hashable, CaseIterable {
    /// SIP, workers and T.30.
    case calls
    /// Nothing is called: the outcomes are made up at once.
    case instant
}
