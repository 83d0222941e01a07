import FaxModel

extension Settings {
    /// Settings of how faxes are sent: to whom, and who is told.
    static let dispatchTable: [SettingDefinition] = [
        // Recipients
        .init(
            "FAXLOCK_DEFAULT_REGION", \.recipients.defaultRegion, .region,
            help: "The country in which numbers without + are read; without it they are dialled as they are."),
        .init(
            "FAXLOCK_INTERNATIONAL", \.recipients.international, .choice(RecipientPolicy.International.allCases),
            help: "Whether faxes go to other countries: off, on, or where the list of recipients allows it."),
        .init(
            "FAXLOCK_FIRST_USE", \.recipients.firstUse, .choice(RecipientPolicy.FirstUse.allCases),
            help: "What is done about a number to which nothing was delivered from the mailbox before."),
        .init(
            "FAXLOCK_ONE_DIGIT_OFF", \.recipients.oneDigitOff, .choice(RecipientPolicy.OneDigitOff.allCases),
            help: "What is done about a new number that differs by one digit from one in use."),
        .init(
            "FAXLOCK_RECIPIENTS", \.recipients.recipients, .choice(RecipientPolicy.Recipients.allCases),
            help: "Whether faxes go to any number, or to those alone that the list of recipients allows."),
        .init(
            "FAXLOCK_DAILY_FAXES_PER_KEY", \.recipients.faxesPerDay, .integer(0...1_000_000),
            help: "Faxes that a key may send in a day of FAXLOCK_TIME_ZONE; 0 for no limit."),
        // Retries
        .init("FAXLOCK_MAX_DIALS", \.retry.maximumDials, .integer(1...50), help: "Calls for a fax at most, if a request names none."),
        .init(
            "FAXLOCK_MAX_TRIES", \.retry.maximumTries, .integer(1...20),
            help: "Calls that fail at the same page at most, if a request names none."),
        .init(
            "FAXLOCK_LIFETIME_MINUTES", \.lifetimeMinutes, .integer(10...10_080),
            help: "Minutes in which a fax must get through, if its request names no end."),
        .init(
            "FAXLOCK_UNANSWERED_CALLS", \.unansweredCalls, .integer(0...20),
            help: "Calls in a row to a number that does not answer, before an hour's pause; 0 for no pause."),
        .init(
            "FAXLOCK_FAXES_PER_CALL", \.faxesPerCall, .integer(1...64),
            help: "Faxes that wait for the same number and go in one call at most, on a line of one's own."),
        .init(
            "FAXLOCK_RETRY_PERCENT", \.retryPercent, .integer(1...100),
            help: "Shortens all waits between calls, for trials with the sandbox."),
        // Webhooks
        .init(
            "FAXLOCK_WEBHOOK_ALLOW_LOOPBACK", \.allowsWebhookLoopback, .boolean,
            help: "Webhooks may lead to this machine, also by http: for development."),
        .init(
            "FAXLOCK_WEBHOOK_ALLOWED_NETWORKS", \.webhookNetworks, .list(of: "IP addresses or CIDR ranges"),
            help: "Private networks that webhooks may lead to."),
        .init(
            "FAXLOCK_WEBHOOK_CA", \.webhookAuthority, .file,
            help: "PEM file of authorities for receivers' certificates, beside the system's."),
    ]
}
