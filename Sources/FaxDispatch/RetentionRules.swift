package import FaxModel
package import Store

/// How long documents are kept: the server's settings, and what a mailbox says instead.
///
/// Sent faxes count from when they were finished, received ones from when they arrived; a day is 24 hours. Only what is finished is ever
/// shredded: a fax whose outcome is unknown stays until a person knows it.
package struct RetentionRules: Sendable {
    /// When documents are shredded, and the word for it in their certificates.
    package struct Rule: Sendable, Equatable {
        /// After the end of the fax.
        package let age: Duration
        package let cause: ShreddingCause
    }

    /// `ARTIFACT_TTL_DAYS`; 0 for never.
    private let retentionDays: Int
    /// `INBOUND_RETENTION_DAYS`; 0 for never.
    private let inboundRetentionDays: Int
    /// `FAXLOCK_DELETE_ON_SUCCESS`.
    private let deletesOnSuccess: Bool
    /// `FAXLOCK_ZERO_RETENTION`. No mailbox can take it back.
    private let hasZeroRetention: Bool

    /// The terminal states, in which documents can be shredded.
    static let finished = FaxState.allCases.filter(\.isTerminal)
    /// With zero retention, what was not delivered is kept for a day, so that a person can see why and send it again.
    static let undeliveredAge = Duration.seconds(86_400)
    /// The longest that can be meant, a thousand years.
    private static let maximumDays = 365_000

    package init(retentionDays: Int, inboundRetentionDays: Int, deletesOnSuccess: Bool, hasZeroRetention: Bool) {
        self.retentionDays = retentionDays
        self.inboundRetentionDays = inboundRetentionDays
        self.deletesOnSuccess = deletesOnSuccess
        self.hasZeroRetention = hasZeroRetention
    }

    /// The rule that applies first to a sent fax in `state`; nil when it is kept.
    package func rule(for state: FaxState, in mailbox: Mailbox) -> Rule? {
        guard state.isTerminal else { return nil }
        if hasZeroRetention, state == .delivered { return Rule(age: .zero, cause: .zeroRetention) }
        if mailbox.deletesOnSuccess ?? deletesOnSuccess, state == .delivered { return Rule(age: .zero, cause: .onSuccess) }
        let days = Self.age(days: mailbox.retentionDays ?? retentionDays)
        if hasZeroRetention, days.map({ $0 > Self.undeliveredAge }) ?? true {
            return Rule(age: Self.undeliveredAge, cause: .zeroRetention)
        }
        return days.map { Rule(age: $0, cause: .retention) }
    }

    /// The rule for a received fax; nil when it is kept.
    package func ruleForReceived(in mailbox: Mailbox) -> Rule? {
        Self.age(days: mailbox.inboundRetentionDays ?? inboundRetentionDays).map { Rule(age: $0, cause: .retention) }
    }

    private static func age(days: Int) -> Duration? {
        days > 0 ? .seconds(min(days, maximumDays) * 86_400) : nil
    }
}
