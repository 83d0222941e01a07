/// What the doctor looks at. The words are part of the report's form, and docs/doctor.md lists them.
package enum Check: String, Sendable, Hashable, CaseIterable, Codable {
    case serverReachable = "server.reachable"
    case tls = "transport.tls"
    case hsts = "transport.hsts"
    case publicURL = "transport.public_url"
    case keyRequired = "access.key_required"
    case disabledKey = "access.disabled_key"
    case rateLimit = "access.rate_limit"
    case forgedCallback = "access.forged_callback"
    case defaultSecrets = "access.default_secrets"
    case emergencyReviewed = "access.emergency_reviewed"
    case keysExpire = "access.keys_expire"
    case reason = "access.reason"
    case keysSeparated = "keys.separated"
    case keysRetired = "keys.retired"
    case plaintext = "vault.plaintext"
    case modes = "vault.modes"
    case fsckAge = "vault.fsck_age"
    case ledgerEnabled = "ledger.enabled"
    case ledgerVerifies = "ledger.verifies"
    case checkpointAge = "ledger.checkpoint_age"
    case anchors = "ledger.anchors"
    case sinks = "ledger.sinks"
    case ledgerRetention = "ledger.retention"
    case ledgerReviewed = "ledger.reviewed"
    case coreLimit = "process.core_limit"
    case root = "process.root"
    case sockets = "process.sockets"
    case environment = "process.environment"
    case sandbox = "workers.sandboxed"
    case clock = "clock.synchronised"
    case logs = "logs.phi"
    case retention = "retention.policy"
    case backupAge = "backup.age"
    case drillAge = "backup.drill_age"
    case backupKeysApart = "backup.keys_apart"
    case associates = "associates.in_force"
    case pstn = "line.pstn"
    case signalling = "line.trunk_signalling"
    case trunk = "line.trunk_encryption"
    case training = "policy.training"
    case riskAnalysis = "policy.risk_analysis"
    case sanctions = "policy.sanctions"

    /// How much hangs on it.
    package enum Level: String, Sendable, Hashable, Codable {
        /// Broken, it fails the report.
        case must
        /// Broken, it is a warning.
        case should
    }

    /// The fixed facts of a check.
    package struct Definition: Sendable {
        package let safeguard: Safeguard
        package let level: Level
        /// What is so when all is well.
        package let title: String
        /// Whether it is about how a server is installed, which a server for trying things may do otherwise.
        package let isAboutInstallation: Bool

        init(_ safeguard: Safeguard, _ level: Level, _ title: String, installation: Bool = false) {
            self.safeguard = safeguard
            self.level = level
            self.title = title
            isAboutInstallation = installation
        }
    }

    package var definition: Definition {
        switch self {
        case .serverReachable: .init(.security, .must, "The server answers and is ready")
        case .tls: .init(.transmission, .must, "TLS 1.2 or later and nothing else", installation: true)
        case .hsts: .init(.transmissionEncryption, .should, "Clients are told to use TLS only (HSTS)", installation: true)
        case .publicURL: .init(.transmissionEncryption, .must, "Links to documents are https", installation: true)
        case .keyRequired: .init(.authentication, .must, "A request without a key is refused")
        case .disabledKey: .init(.termination, .must, "A revoked key opens nothing")
        case .rateLimit: .init(.signInMonitoring, .should, "Requests are limited", installation: true)
        case .forgedCallback: .init(.authentication, .must, "A forged callback is refused")
        case .defaultSecrets: .init(.passwords, .must, "No secret is weak or one that was shipped", installation: true)
        case .emergencyReviewed: .init(.emergencyAccess, .must, "Each emergency access was reviewed")
        case .keysExpire: .init(.accessChange, .should, "Keys expire and are in use", installation: true)
        case .reason: .init(.minimumNecessary, .should, "Opening a document takes a reason", installation: true)
        case .keysSeparated: .init(.encryptionAtRest, .must, "The key is apart from the data", installation: true)
        case .keysRetired: .init(.encryptionAtRest, .should, "No former key is in use")
        case .plaintext: .init(.encryptionAtRest, .must, "No plaintext in the data folder and the temporary folders")
        case .modes: .init(.accessControl, .must, "The data folder is for its user alone")
        case .fsckAge: .init(.integrity, .should, "Every document was proved lately", installation: true)
        case .ledgerEnabled: .init(.auditControls, .must, "The audit ledger is kept")
        case .ledgerVerifies: .init(.auditControls, .must, "The audit ledger verifies")
        case .checkpointAge: .init(.auditControls, .must, "The newest checkpoint is at most an hour old")
        case .anchors: .init(.auditControls, .should, "Checkpoints are kept on another volume", installation: true)
        case .sinks: .init(.auditControls, .must, "Audit events leave the machine", installation: true)
        case .ledgerRetention: .init(.sixYears, .must, "Audit events are kept for six years")
        case .ledgerReviewed: .init(.activityReview, .should, "Somebody looked at the activity lately", installation: true)
        case .coreLimit: .init(.encryptionAtRest, .must, "The server's memory is never dumped")
        case .root: .init(.accessControl, .should, "The server is not root", installation: true)
        case .sockets: .init(.transmission, .must, "The server listens where its settings say")
        case .environment: .init(.passwords, .should, "No secret in the server's environment", installation: true)
        case .sandbox: .init(.maliciousSoftware, .must, "Workers that read foreign bytes are walled in", installation: true)
        case .clock: .init(.auditControls, .should, "The clock is synchronised", installation: true)
        case .logs: .init(.minimumNecessary, .must, "No number and no e-mail address in the logs")
        case .retention: .init(.disposal, .should, "Documents are destroyed in time", installation: true)
        case .backupAge: .init(.backup, .must, "The newest backup is under 48 hours old", installation: true)
        case .drillAge: .init(.drill, .should, "A restore was tried lately", installation: true)
        case .backupKeysApart: .init(.backup, .must, "Backups and their keys are apart", installation: true)
        case .associates: .init(.associates, .must, "The provider has an agreement in force", installation: true)
        case .pstn: .init(.transmission, .must, "The telephone leg is a known risk")
        case .signalling: .init(.transmissionEncryption, .should, "Signalling with trunks is encrypted")
        case .trunk: .init(.transmission, .must, "The trunk is encrypted or private")
        case .training: .init(.training, .must, "People are trained")
        case .riskAnalysis: .init(.riskAnalysis, .must, "There is a risk analysis")
        case .sanctions: .init(.sanctions, .must, "There is a sanction policy")
        }
    }
}
