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
