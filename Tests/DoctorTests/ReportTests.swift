import Foundation
import Testing

@testable import Doctor

@Suite struct ReportTests {
    private static func report(_ facts: Facts = Good.facts()) -> DoctorReport { DoctorReport(version: "0.1.0", facts: facts) }

    @Test func theExitStatus() {
        #expect(Self.report().exitStatus == 0)
        #expect(Self.report(Good.facts { $0.isClockSynchronised = .value(false) }).exitStatus == 1)
        #expect(Self.report(Good.facts { $0.statusWithoutKey = .value(200) }).exitStatus == 2)
    }

    @Test func theJSON() throws {
        var report = Self.report(Good.facts { $0.strictTransport = .value("") })
        let object = try #require(try JSONSerialization.jsonObject(with: Data(report.json)) as? [String: Any])
        #expect(Set(object.keys) == ["version", "profile", "at", "checks", "summary", "signature"])
        #expect(object["signature"] is NSNull)
        let checks = try #require(object["checks"] as? [[String: Any]])
        #expect(checks.compactMap { $0["id"] as? String } == Check.allCases.map(\.rawValue))
        let keys: Set = ["id", "safeguard", "title", "level", "status", "evidence", "remedy"]
        #expect(checks.allSatisfy { Set($0.keys) == keys })
        let summary = try #require(object["summary"] as? [String: Int])
        #expect(summary["warn"] == 1 && summary.values.reduce(0, +) == Check.allCases.count)
        let unsigned = try report.canonicalBytes
        report.signature = DoctorReport.Signature(key: "k", at: "t", value: "v")
        #expect(try report.canonicalBytes == unsigned)
        #expect(try DoctorReport(json: report.json) == report)
    }

    /// What the signature does not cover has no place in a report.
    @Test func onlyTheExactBytesAreRead() throws {
        let text = String(decoding: try Self.report().json, as: UTF8.self)
        #expect(DoctorReport(json: Array(text.utf8)) != nil)
        for other in [
            text + " ", String(text.dropLast()), text.replacing("\"profile\"", with: "\"note\" : \"all is well\",\n  \"profile\""),
            text.replacing("\"PASS\"", with: "\"FINE\""), text.replacing("\n", with: ""), "", "{}", "null",
        ] { #expect(DoctorReport(json: Array(other.utf8)) == nil) }
    }

    @Test func theText() {
        var report = Self.report(Good.facts { $0.statusWithoutKey = .value(200) })
        let lines = report.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines[0] == "Faxlock 0.1.0 doctor, profile hipaa, 2026-11-22T08:30:00.000Z")
        for check in Check.allCases { #expect(lines.contains { $0.contains(" \(check.rawValue) ") }) }
        #expect(lines.contains { $0.hasPrefix("  FAIL    access.key_required") })
        #expect(lines.contains { $0.contains("-> Set REQUIRE_API_KEY=true.") })
        #expect(lines.contains { $0.hasPrefix("164.312(d)  Authentication") })
        #expect(report.text.contains("Not recorded and not signed"))
        report.signature = DoctorReport.Signature(key: "k", at: "t", value: "v")
        #expect(report.text.contains("signed by k"))
    }

    /// Nobody can say that an organisation complies, least of all a program.
    @Test func itNeverSaysCompliant() throws {
        for facts in [Good.facts(), Good.facts(settings: ["AUDIT_LOG_ENABLED": "false"])] {
            let report = Self.report(facts)
            #expect(!(report.text + String(decoding: try report.json, as: UTF8.self)).lowercased().contains("complian"))
        }
    }

    /// docs/doctor.md lists what the code checks.
    @Test func theDocument() throws {
        let repository = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        let text = try String(contentsOfFile: repository + "/docs/doctor.md", encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { row in
            row.split(separator: "|").prefix(3).map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let expected = Check.allCases.map { ["`\($0.rawValue)`", $0.definition.safeguard.rawValue, $0.definition.level.rawValue] }
        #expect(rows == expected)
    }
}
