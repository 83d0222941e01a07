/// The report for a terminal.
extension DoctorReport {
    /// Lines, grouped by safeguard.
    package var text: String {
        let width = checks.map(\.id.rawValue.count).max() ?? 0
        let indent = String(repeating: " ", count: 2 + 8 + width + 2)
        var lines = ["Faxlock \(version) doctor, profile \(profile.rawValue), \(at)"]
        for safeguard in Safeguard.allCases {
            let group = checks.filter { $0.safeguard == safeguard }
            guard !group.isEmpty else { continue }
            lines += ["", "\(safeguard.rawValue)  \(safeguard.title)"]
            for check in group {
                let head = "  " + Self.padded(check.status.rawValue, 8) + Self.padded(check.id.rawValue, width + 2)
                lines.append(head + check.title)
                lines.append(indent + check.evidence)
                if !check.remedy.isEmpty, check.status != .pass { lines.append(indent + "-> " + check.remedy) }
            }
        }
        lines += [
            "",
            "\(summary.pass) PASS, \(summary.fail) FAIL, \(summary.warn) WARN, \(summary.attest) ATTEST (a person must say so), "
                + "\(summary.not_applicable) N-A",
            signature.map { "Recorded in the audit ledger at \($0.at) and signed by \($0.key)" }
                ?? "Not recorded and not signed: the server could not be asked to.",
            "This says what was seen on the running system. It is no legal advice.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
