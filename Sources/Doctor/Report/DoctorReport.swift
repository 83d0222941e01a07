import FaxModel
import FoundationEssentials

/// What the doctor found. It never says that anybody follows the rule: it says what was seen.
package struct DoctorReport: Sendable, Hashable, Codable {
    /// The server's word that it recorded this report, signed by the ledger's key.
    package struct Signature: Sendable, Hashable, Codable {
        /// The verifier key, as `faxlock audit export` prints it.
        package let key: String
        /// When the server recorded it, ISO 8601.
        package let at: String
        /// Base 64 of the Ed25519 signature.
        package let value: String

        package init(key: String, at: String, value: String) {
            self.key = key
            self.at = at
            self.value = value
        }
    }

    /// How many lines have each status.
    package struct Summary: Sendable, Hashable, Codable {
        package let pass: Int
        package let fail: Int
        package let warn: Int
        package let attest: Int
        package let not_applicable: Int
    }

    /// Of Faxlock.
    package let version: String
    package let profile: DoctorProfile
    /// ISO 8601.
    package let at: String
    package let checks: [CheckResult]
    package let summary: Summary
    /// Nil before it was recorded, and where it could not be.
    package var signature: Signature?

    package init(version: String, facts: Facts) {
        self.version = version
        profile = facts.profile
        at = facts.now.description
        checks = facts.results
        let counts = Dictionary(grouping: checks, by: \.status).mapValues(\.count)
        summary = Summary(
            pass: counts[.pass] ?? 0, fail: counts[.fail] ?? 0, warn: counts[.warn] ?? 0, attest: counts[.attest] ?? 0,
            not_applicable: counts[.notApplicable] ?? 0)
    }

    /// 0: nothing failed and nothing warns; 1: warnings; 2: something failed.
    package var exitStatus: Int32 { summary.fail > 0 ? 2 : summary.warn > 0 ? 1 : 0 }

    /// The bytes that are signed: the report without its signature, as JSON without blanks, members by name.
    package var canonicalBytes: [UInt8] {
        get throws {
            var unsigned = self
            unsigned.signature = nil
            return try Self.encode(unsigned, [.sortedKeys, .withoutEscapingSlashes])
        }
    }

    /// The report as it is printed and kept, with a newline.
    package var json: [UInt8] {
        get throws { try Self.encode(self, [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]) + [UInt8(ascii: "\n")] }
    }

    /// Reads a report. Nil for anything that is not byte for byte as ``json`` writes it: what a signature does not cover has no place.
    package init?(json: [UInt8]) {
        guard let report = try? JSONDecoder().decode(DoctorReport.self, from: Data(json)), (try? report.json) == json else { return nil }
        self = report
    }

    private static func encode(_ report: DoctorReport, _ form: JSONEncoder.OutputFormatting) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = form
        return Array(try encoder.encode(report))
    }

    private enum CodingKeys: String, CodingKey {
        case version, profile, at, checks, summary, signature
    }

    /// With `signature: null` where there is none.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(version, forKey: .version)
        try container.encode(profile, forKey: .profile)
        try container.encode(at, forKey: .at)
        try container.encode(checks, forKey: .checks)
        try container.encode(summary, forKey: .summary)
        try container.encode(signature, forKey: .signature)
    }
}
