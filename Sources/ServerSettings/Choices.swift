/// How faxes leave (`FAX_BACKEND`). All words that operators have in their files are known; the server says which it can start.
package enum BackendKind: String, Sendable, Hashable, CaseIterable {
    /// Our own SIP line.
    case line
    /// Asterisk.
    case sip
    case phaxio, sinch, signalwire, documo
}

/// Paper for documents that have no page size of their own.
package enum Paper: String, Sendable, Hashable, CaseIterable {
    case letter, a4
}

/// The least important messages that are logged.
package enum LogLevel: String, Sendable, Hashable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}

/// How strict the server is with its own settings.
package enum Profile: String, Sendable, Hashable, CaseIterable {
    /// For trying things: listens on loopback only.
    case development
    /// For records of patients: an unsafe setting keeps the server from starting.
    case production
}

/// Who opens the key file.
package enum KeyCustodianKind: String, Sendable, Hashable, CaseIterable {
    /// The file holds the key itself.
    case none
    /// HashiCorp Vault's Transit engine.
    case transit
    case awsKMS = "aws-kms"
}

/// The form of audit events in a file and in syslog.
package enum AuditLogFormat: String, Sendable, Hashable, CaseIterable {
    /// The leaves as they are.
    case json
    /// ArcSight Common Event Format.
    case cef
    /// Open Cybersecurity Schema Framework.
    case ocsf
}

/// Who reads the metrics.
package enum MetricsAccess: String, Sendable, Hashable, CaseIterable {
    case off
    /// Keys with the scope `metrics:read`.
    case key
    /// Whoever reaches the port, which must be one of the loopback.
    case open
}

/// The form of log lines.
package enum LogFormat: String, Sendable, Hashable, CaseIterable {
    case text
    /// One object a line.
    case json
}
