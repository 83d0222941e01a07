extension Facts {
    /// One line a check, in the order of ``Check``.
    package var results: [CheckResult] {
        Check.allCases.map { check in
            let verdict = verdict(check)
            return CheckResult(
                check, status: verdict.status(of: check, profile: profile), evidence: verdict.evidence, remedy: verdict.remedy)
        }
    }

    func verdict(_ check: Check) -> Verdict {
        switch check {
        case .serverReachable: serverReachable
        case .tls: tlsVerdict
        case .hsts: hsts
        case .publicURL: publicURL
        case .keyRequired: keyRequired
        case .disabledKey: disabledKeyVerdict
        case .rateLimit: rateLimit
        case .forgedCallback: forgedCallback
        case .defaultSecrets: defaultSecrets
        case .emergencyReviewed: emergencyReviewed
        case .keysExpire: keysExpire
        case .reason: reason
        case .keysSeparated: keysSeparated
        case .keysRetired: keysRetired
        case .plaintext: plaintextVerdict
        case .modes: modes
        case .fsckAge: fsckAge
        case .ledgerEnabled: ledgerEnabled
        case .ledgerVerifies: ledgerVerifies
        case .checkpointAge: checkpointAge
        case .anchors: anchors
        case .sinks: sinks
        case .ledgerRetention: ledgerRetention
        case .ledgerReviewed: ledgerReviewed
        case .coreLimit: coreLimitVerdict
        case .root: root
        case .sockets: socketsVerdict
        case .environment: environment
        case .sandbox: sandboxVerdict
        case .clock: clock
        case .logs: logsVerdict
        case .retention: retention
        case .backupAge: backupAge
        case .drillAge: drillAge
        case .backupKeysApart: backupKeysApart
        case .associates: associates
        case .pstn: pstn
        case .signalling: signalling
        case .trunk: trunk
        case .training:
            .attest("no program can see this", "Keep the record of who was trained when, for six years (164.316(b)(2)(i)).")
        case .riskAnalysis:
            .attest("no program can see this", "Keep the analysis with its date; this report and docs/threat-model.md are material for it.")
        case .sanctions: .attest("no program can see this", "Keep the policy, and a record of where it was applied.")
        }
    }
}
