import FaxModel
import ServerSettings

/// The audit ledger and where it goes (45 CFR 164.312(b), 164.308(a)(1)(ii)(D), 164.316(b)(2)(i)).
extension Facts {
    /// A checkpoint an hour, and the minute between two looks at the clock.
    private static let checkpointSeconds = 3660
    private static let backlogSeconds = 300
    private static let reviewDays = 31
    private static let sixYears = 2192

    var ledgerEnabled: Verdict {
        settings.isLedgerEnabled
            ? .holds("AUDIT_LOG_ENABLED=true; without the ledger nothing is done")
            : .broken("AUDIT_LOG_ENABLED=false", "Set AUDIT_LOG_ENABLED=true.")
    }

    /// What is said where there is no ledger to look at: ``ledgerEnabled`` is the line that fails.
    private var isOff: Verdict? {
        settings.isLedgerEnabled ? nil : .notApplicable("the ledger is turned off")
    }

    var ledgerVerifies: Verdict {
        if let isOff { return isOff }
        return ledger.verdict { ledger in
            guard ledger.problems.isEmpty else {
                return .broken(
                    "\(ledger.problems.count) problems: \(shortList(ledger.problems))",
                    "Keep everything as it is, and follow docs/incident-guide.md.")
            }
            let key = ledger.hasTrustedKey ? "the key that you gave" : "the key that the server names (--ledger-key compares your copy)"
            return .holds("\(ledger.events) events exported and verified with \(key)")
        }
    }

    var checkpointAge: Verdict {
        if let isOff { return isOff }
        return server.verdict { server in
            guard let time = Timestamp(iso8601: server.ledger.checkpoint_at) else {
                return .unknown("the time of the newest checkpoint cannot be read")
            }
            let age = (now.milliseconds - time.milliseconds) / 1000
            return age <= Self.checkpointSeconds
                ? .holds("the newest checkpoint is of \(server.ledger.checkpoint_at)")
                : .broken(
                    "the newest checkpoint is of \(server.ledger.checkpoint_at), \(age / 60) minutes ago",
                    "Read the server's log: checkpoints are signed once an hour at least.")
        }
    }

    var anchors: Verdict {
        if let isOff { return isOff }
        let remedy = "Set FAXLOCK_AUDIT_ANCHOR_FILE to a file on a volume that is not restored together with the data."
        guard let anchor = places[.anchorFile] else { return .broken("no anchors are kept", remedy) }
        guard let data = places[.dataFolder] else { return .unknown("where the data folder is, is not known") }
        return anchor.verdict { anchor in
            data.verdict { data in
                anchor.device == data.device
                    ? .broken("\(anchor.path) is on the volume of the data folder", remedy)
                    : .holds("\(anchor.path) is on another volume")
            }
        }
    }

    var sinks: Verdict {
        if let isOff { return isOff }
        return server.verdict { server in
            // Anchors are checkpoints alone; ``anchors`` looks at them.
            guard server.sinks.contains(where: { $0.name != "anchor" }) else {
                return .doubtful(
                    "audit events stay in the data folder",
                    "Set AUDIT_LOG_FILE, AUDIT_LOG_SYSLOG or FAXLOCK_AUDIT_ELASTICSEARCH_URL; docs/operations.md.")
            }
            let late = now.advanced(by: .seconds(-Self.backlogSeconds)).description
            let broken = server.sinks.filter { sink in sink.last_error != nil || sink.backlog_since.map { $0 < late } ?? false }
            guard broken.isEmpty else {
                return .broken(
                    broken.map { "\($0.name): \($0.last_error ?? "behind since \($0.backlog_since ?? "")")" }.joined(separator: "; "),
                    "Make the receiver reachable: events wait in the ledger and are delivered then.")
            }
            return .holds(server.sinks.map { "\($0.name): up to event \($0.position)" }.joined(separator: "; "))
        }
    }

    var ledgerRetention: Verdict {
        settings.auditRetentionDays >= Self.sixYears
            ? .holds("events are kept for \(settings.auditRetentionDays) days at least")
            : .broken(
                "events are kept for \(settings.auditRetentionDays) days", "Set FAXLOCK_AUDIT_RETENTION_DAYS to \(Self.sixYears) or more.")
    }

    var ledgerReviewed: Verdict {
        if let isOff { return isOff }
        return recent(
            "activity.reviewed", within: Self.reviewDays * 24, what: "review of activity",
            remedy: "Look at faxlock audit review, and record it with --done.")
    }
}
