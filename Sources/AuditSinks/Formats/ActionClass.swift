/// How grave an event is, and what formats call it.
enum Severity: Int, Sendable, Comparable {
    case informational = 1
    case low
    case medium
    case high

    static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }

    /// OCSF `severity_id`.
    var ocsf: Int { rawValue }

    /// CEF: 0-3 low, 4-6 medium, 7-8 high.
    var cef: Int {
        switch self {
        case .informational: 1
        case .low: 3
        case .medium: 5
        case .high: 8
        }
    }

    /// RFC 5424 table 2: 2 critical, 4 warning, 5 notice, 6 informational.
    var syslog: Int {
        switch self {
        case .informational: 6
        case .low: 5
        case .medium: 4
        case .high: 2
        }
    }
}

/// What kind of event an action is, for those who watch: OCSF class and activity, and severity.
struct ActionClass: Sendable, Hashable {
    let ocsf: OCSFClass
    /// `activity_id` of the class; 99 is "other".
    let activity: Int
    let severity: Severity
    /// The severity when the outcome is not success.
    let severityOfFailure: Severity

    private init(_ ocsf: OCSFClass, _ activity: Int, _ severity: Severity, failed: Severity? = nil) {
        self.ocsf = ocsf
        self.activity = activity
        self.severity = severity
        severityOfFailure = failed ?? max(severity, .low)
    }

    /// The class of an action; of one that this version does not know, API activity "other".
    static func of(_ action: String) -> ActionClass {
        table[action] ?? ActionClass(.apiActivity, 99, .informational, failed: .medium)
    }

    /// The severity of an event that ended like this.
    func severity(outcome: String) -> Severity {
        switch outcome {
        case "success": severity
        // Somebody tried what they may not.
        case "denied": max(severityOfFailure, .medium)
        default: severityOfFailure
        }
    }

    /// Whether this version has a row for the action.
    static func knows(_ action: String) -> Bool { table[action] != nil }

    private static let table: [String: ActionClass] = [
        AuditEvent.checkpointAction: .init(.apiActivity, 99, .informational),
        AuditEvent.unreadableAction: .init(.apiActivity, 99, .high),
        "ledger.begun": .init(.entityManagement, 1, .low),
        "ledger.key_changed": .init(.entityManagement, 3, .medium),
        "ledger.rollback_accepted": .init(.entityManagement, 99, .high),
        "ledger.pruned": .init(.datastoreActivity, 7, .medium),

        "server.started": .init(.applicationLifecycle, 3, .informational),
        "server.stopped": .init(.applicationLifecycle, 4, .low),
        "setting.changed": .init(.entityManagement, 3, .low),

        "fax.accepted": .init(.apiActivity, 1, .informational),
        "fax.rendered": .init(.apiActivity, 3, .informational),
        "fax.state_changed": .init(.apiActivity, 3, .informational),
        "attempt.intended": .init(.apiActivity, 99, .informational),
        "attempt.started": .init(.apiActivity, 99, .informational),
        "attempt.ended": .init(.apiActivity, 99, .informational),
        "inbound.received": .init(.datastoreActivity, 6, .informational),
        "inbound.refused": .init(.apiActivity, 99, .medium),
        "callback.accepted": .init(.apiActivity, 3, .informational),
        "callback.refused": .init(.apiActivity, 3, .medium),

        "content.released": .init(.datastoreActivity, 1, .informational, failed: .medium),
        "token.issued": .init(.apiActivity, 1, .low),

        "key.created": .init(.accountChange, 1, .low),
        "key.rotated": .init(.accountChange, 3, .low),
        "key.revoked": .init(.accountChange, 5, .low, failed: .medium),
        "key.first_used": .init(.authentication, 1, .low),
        "sign_in.succeeded": .init(.authentication, 1, .informational),
        "sign_in.failed": .init(.authentication, 1, .medium),
        "scope.denied": .init(.apiActivity, 99, .medium),
        "rate.limited": .init(.apiActivity, 99, .low),
        "person.revoked": .init(.accountChange, 5, .medium, failed: .high),
        "break_glass.opened": .init(.authorizeSession, 1, .high),
        "break_glass.reviewed": .init(.entityManagement, 99, .low),
        "mailbox.changed": .init(.entityManagement, 3, .low),
        "grant.changed": .init(.accountChange, 99, .medium),

        "document.adopted": .init(.datastoreActivity, 99, .informational),
        "document.shredded": .init(.datastoreActivity, 7, .low, failed: .medium),
        "epoch.destroyed": .init(.datastoreActivity, 7, .medium),
        "hold.placed": .init(.entityManagement, 1, .low),
        "hold.released": .init(.entityManagement, 4, .medium),
        "keys.rewrapped": .init(.entityManagement, 3, .low, failed: .medium),

        "backup.made": .init(.datastoreActivity, 99, .informational, failed: .medium),
        "backup.drilled": .init(.datastoreActivity, 99, .informational, failed: .high),
        "backup.restored": .init(.datastoreActivity, 5, .medium, failed: .high),
        "integrity.checked": .init(.datastoreActivity, 4, .informational, failed: .high),
        "doctor.reported": .init(.apiActivity, 99, .informational, failed: .medium),
        "activity.reviewed": .init(.apiActivity, 99, .informational),
        "audit.read": .init(.datastoreActivity, 4, .low),

        "fax.released": .init(.apiActivity, 3, .low),
        "fax.cancel_requested": .init(.apiActivity, 3, .low),
        "fax.reconciled": .init(.apiActivity, 3, .medium),
        "fax.resent": .init(.apiActivity, 1, .low),
        "recipient.changed": .init(.entityManagement, 3, .low),
        "webhook.changed": .init(.entityManagement, 3, .low),
        "number.changed": .init(.entityManagement, 3, .low),
        "associate.recorded": .init(.entityManagement, 1, .low),
        "associate.removed": .init(.entityManagement, 4, .medium),
        "associate.missing": .init(.entityManagement, 99, .medium),
    ]
}
