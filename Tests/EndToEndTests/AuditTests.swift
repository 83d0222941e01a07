import Foundation
import Glibc
import NIOHTTP1
import Subprocess
import Testing

extension EndToEnd {
    /// What an auditor asks, answered by commands; and answers that do not depend on the server's word.
    @Suite struct AuditTests {
        private static let python = getenv("FAXLOCK_TEST_PYTHON").map { String(cString: $0) }
        private static let verifier = BuiltProducts.repository + "/Tests/LedgerTests/verify_ledger.py"

        private struct Report: Decodable {
            let valid: Bool
            let events: Int
        }

        private static func environment(_ server: ServerProcess) -> [String: String] {
            ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": server.client.key]
        }

        /// The verifier key that an export prints.
        private static func key(_ export: Command) throws -> String {
            try #require(export.output.split(separator: "\n").first { $0.hasPrefix("key ") }.map { String($0.dropFirst(4)) })
        }

        @Test(.enabled(if: python != nil, "FAXLOCK_TEST_PYTHON names no Python that has cryptography"))
        func anExportVerifiesWithoutTheServerAndNotAfterAChange() async throws {
            let python = try #require(Self.python)
            try await TemporaryFolder.with { folder in
                let anchors = folder.path + "/anchors"
                let export = folder.path + "/export"
                let settings = ["FAXLOCK_AUDIT_ANCHOR_FILE": anchors]
                let (key, fax) = try await ServerProcess.with(folder, settings: settings) { server in
                    let fax = try await server.client.send(SampleDocuments.text("An invented letter"), to: "+15551230100")
                    #expect(try await server.client.end(of: fax.id).status == "SUCCESS")
                    _ = try await server.client.transmittedPDF(of: fax.id)
                    let evidence = try await Command.faxlock(
                        "audit", "prove", fax.id, "--output", folder.path + "/evidence.json", environment: Self.environment(server))
                    #expect(evidence.status == 0, "\(evidence.complaints)")
                    // Last: a checkpoint that is anchored after the export says, rightly, that the export lacks events.
                    let made = try await Command.faxlock("audit", "export", export, environment: Self.environment(server))
                    try #require(made.status == 0, "\(made.complaints)")
                    return (try Self.key(made), fax.id)
                }
                // The server is gone from here on.
                let verified = try await Command.faxlock("audit", "verify", export, "--key", key, "--anchor", anchors)
                try #require(verified.status == 0, "\(verified.output)\(verified.complaints)")
                let report = try JSONDecoder().decode(Report.self, from: Data(verified.output.utf8))
                #expect(report.valid && report.events > 10)
                let independent = try await Command.run(python, [Self.verifier, export, "--key", key, "--anchor", anchors])
                #expect(independent.status == 0, "\(independent.output)\(independent.complaints)")
                let evidence = folder.path + "/evidence.json"
                let proven = try await Command.faxlock("audit", "verify", evidence, "--evidence", "--key", key)
                #expect(proven.status == 0, "\(proven.output)\(proven.complaints)")
                let text = String(decoding: try TemporaryFolder.read(evidence), as: UTF8.self)
                #expect(text.contains("fax/\(fax)") && text.contains("content.released") && !text.contains("5551230100"))

                // One letter of one event.
                let entries = try #require(
                    try FileManager.default.subpathsOfDirectory(atPath: export).first {
                        $0.hasPrefix("tile/entries/") && $0.contains(".p/")
                    })
                let path = "\(export)/\(entries)"
                var bytes = Data(try TemporaryFolder.read(path))
                let place = try #require(bytes.range(of: Data("content.released".utf8)))
                bytes[place.lowerBound] = UInt8(ascii: "k")
                try bytes.write(to: URL(fileURLWithPath: path))
                #expect(try await Command.faxlock("audit", "verify", export, "--key", key).status == 1)
                #expect(try await Command.run(python, [Self.verifier, export, "--key", key]).status == 1)
            }
        }

        @Test func whoOpenedWhatAndWhy() async throws {
            try await ServerProcess.with(settings: ["FAXLOCK_REQUIRE_REASON": "true"]) { server in
                let fax = try await server.client.send(SampleDocuments.text("An invented letter"), to: "+15551230100")
                #expect(try await server.client.end(of: fax.id).status == "SUCCESS")
                let refused = try await server.client.call(.POST, "/fax/\(fax.id)/pdf-token")
                #expect(refused.status == 400)
                let output = server.folder + "/pages.pdf"
                let opened = try await Command.faxlock(
                    "pdf", fax.id, "--output", output, "--reason", "treatment:ORDER-7F", environment: Self.environment(server))
                try #require(opened.status == 0, "\(opened.complaints)")
                let found = try await Command.faxlock(
                    "audit", "search", "--object", "fax/\(fax.id)", "--action", "content.released", environment: Self.environment(server))
                let line = try #require(found.output.split(separator: "\n").first, "\(found.complaints)")
                #expect(line.contains(#""reason":"treatment:ORDER-7F""#))
                #expect(line.contains(#""address":"127.0.0.1""#))
                let byNumber = try await Command.faxlock(
                    "audit", "search", "--number", "+15551230100", environment: Self.environment(server))
                #expect(byNumber.output.contains("fax/\(fax.id)") && !byNumber.output.contains("5551230100"))
            }
        }

        /// An older copy of the database in the place of the newer one, while the anchor file remembers.
        @Test func aRolledBackLedgerIsNotStarted() async throws {
            try await TemporaryFolder.with { folder in
                let settings = ["FAXLOCK_AUDIT_ANCHOR_FILE": folder.path + "/anchors"]
                let data = folder.path + "/data"
                let first = try await ServerProcess.start(folder, settings: settings)
                #expect(try await first.terminate() == .exited(0))
                try FileManager.default.copyItem(atPath: data, toPath: folder.path + "/older")
                let second = try await ServerProcess.start(folder, settings: settings)
                _ = try await second.client.send(SampleDocuments.text("An invented letter"), to: "+15551230100")
                #expect(try await second.terminate() == .exited(0))
                try FileManager.default.removeItem(atPath: data)
                try FileManager.default.moveItem(atPath: folder.path + "/older", toPath: data)

                let variables = settings.merging(["API_KEY": ServerProcess.key]) { $1 }
                let refused = try await Command.faxlock("serve", "--port", "0", "--data", data, environment: variables)
                #expect(refused.status == 78)
                #expect(refused.complaints.contains("--accept-ledger-rollback"))
                // Accepted once, on the record; the starts after it ask nothing.
                let accepted = try await ServerProcess.start(
                    folder, settings: settings, options: ["--accept-ledger-rollback", "INCIDENT-7"])
                #expect(try await accepted.terminate() == .exited(0))
                try await ServerProcess.with(folder, settings: settings) { server in
                    let found = try await Command.faxlock(
                        "audit", "search", "--action", "ledger.rollback_accepted", environment: Self.environment(server))
                    #expect(found.output.contains(#""reference":"INCIDENT-7""#))
                }
            }
        }
    }
}
