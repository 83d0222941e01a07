/// A line of the report.
package struct CheckResult: Sendable, Hashable, Codable {
    /// The words of the report.
    package enum Status: String, Sendable, Hashable, CaseIterable, Codable {
        case pass = "PASS"
        case fail = "FAIL"
        case warn = "WARN"
        case attest = "ATTEST"
        case notApplicable = "N-A"
    }

    package let id: Check
    package let safeguard: Safeguard
    package let title: String
    package let level: Check.Level
    package let status: Status
    /// What was seen.
    package let evidence: String
    /// Empty where there is nothing to do.
    package let remedy: String

    init(_ check: Check, status: Status, evidence: String, remedy: String) {
        id = check
        safeguard = check.definition.safeguard
        title = check.definition.title
        level = check.definition.level
        self.status = status
        self.evidence = evidence
        self.remedy = remedy
    }
}
