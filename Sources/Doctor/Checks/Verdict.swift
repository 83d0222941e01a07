/// What a check found, before its level and the profile say how bad that is.
struct Verdict: Sendable, Hashable {
    enum Finding: Sendable, Hashable {
        /// Seen to be so.
        case holds
        /// Seen not to be so.
        case broken
        /// It holds as far as it goes, and somebody should look.
        case doubtful
        /// The check was not made. Never taken for ``holds``.
        case unknown
        /// A person must say so.
        case attest
        case notApplicable
    }

    let finding: Finding
    /// What was seen; no PHI, no secret.
    let evidence: String
    /// What to do about it; empty where there is nothing to do.
    let remedy: String

    static func holds(_ evidence: String) -> Verdict { Verdict(finding: .holds, evidence: evidence, remedy: "") }
    static func broken(_ evidence: String, _ remedy: String) -> Verdict { Verdict(finding: .broken, evidence: evidence, remedy: remedy) }
    static func doubtful(_ evidence: String, _ remedy: String) -> Verdict {
        Verdict(finding: .doubtful, evidence: evidence, remedy: remedy)
    }
    static func unknown(_ why: String, _ remedy: String = "Make it possible to check, and run the doctor again.") -> Verdict {
        Verdict(finding: .unknown, evidence: "could not be checked: \(why)", remedy: remedy)
    }
    static func attest(_ evidence: String, _ remedy: String) -> Verdict { Verdict(finding: .attest, evidence: evidence, remedy: remedy) }
    static func notApplicable(_ why: String) -> Verdict { Verdict(finding: .notApplicable, evidence: why, remedy: "") }

    /// The word of the report.
    ///
    /// What must be and was not shown fails where patients' records are at stake. Where things are only tried, an installation's
    /// shortcomings are warnings.
    func status(of check: Check, profile: DoctorProfile) -> CheckResult.Status {
        let definition = check.definition
        let isLenient = profile == .dev && definition.isAboutInstallation
        switch finding {
        case .holds: return .pass
        case .broken: return definition.level == .must && !isLenient ? .fail : .warn
        case .doubtful: return .warn
        case .unknown: return definition.level == .must && profile == .hipaa ? .fail : .warn
        case .attest: return .attest
        case .notApplicable: return .notApplicable
        }
    }
}

/// How strict the report is.
package enum DoctorProfile: String, Sendable, Hashable, CaseIterable, Codable {
    /// For records of patients.
    case hipaa
    /// For trying things.
    case dev
}
