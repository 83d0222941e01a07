import Foundation
import Testing

extension EndToEnd {
    /// Requests as docs/requests.md has them, and the commands for each.
    @Suite struct RequestTests {
        private struct Batch: Decodable {
            let batch_id: String
            let counts: [String: Int]
            let faxes: [Fax]
        }

        private static var tomorrow: String {
            let formatter = ISO8601DateFormatter()
            return formatter.string(from: Date(timeIntervalSinceNow: 86_400))
        }

        /// The shell blocks of the manual, in order, are one script that works.
        @Test(.enabled(if: Command.find("curl") != nil && Command.find("bash") != nil, "curl or bash is not installed"))
        func theManualsExamples() async throws {
            let bash = try #require(Command.find("bash"))
            let manual = try String(contentsOfFile: BuiltProducts.repository + "/docs/requests.md", encoding: .utf8)
            let blocks = manual.components(separatedBy: "```sh\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
            #expect(blocks.count == 5)
            let script = "set -euo pipefail\ncd \"$FOLDER\"\n" + blocks.joined(separator: "\necho\n") + "\n"
            try await ServerProcess.with { server in
                let result = try await Command.run(
                    bash, ["-c", script],
                    environment: ["URL": server.client.url, "KEY": server.client.key, "FOLDER": BuiltProducts.repository])
                try #require(result.status == 0, "\(result.complaints)\n\(result.output)")
                #expect(result.output.contains("event: fax.delivered"))
                #expect(result.output.contains("\"too_late\":0"))
                #expect(result.output.contains("\"cancelled\":2"))
                #expect(result.output.contains("\"resent_from\":\""))
                #expect(result.output.contains("It is too late: the fax is delivered."))
            }
        }

        @Test func fromPromptToEnd() async throws {
            try await TemporaryFolder.with { folder in
                let letter = try folder.write(SampleDocuments.text(pages: 2, title: "A letter"), to: "letter.txt")
                try await ServerProcess.with(folder) { server in
                    let environment = ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": server.client.key]
                    func faxlock(_ arguments: String...) async throws -> Command {
                        try await Command.run(BuiltProducts.faxlock, arguments, environment: environment)
                    }
                    // The cover is a page of the fax.
                    let covered = try await faxlock(
                        "send", "+15551230180", letter, "--wait", "--cover-to", "Dr. Example", "--cover-comments", "Two pages follow.",
                        "--purpose", "treatment", "--tag", "referral", "--idempotency-key", "order-7")
                    #expect(covered.status == 0 && covered.output.contains("3/3 pages confirmed"), "\(covered.output)\(covered.complaints)")
                    let id = String(covered.output.split(separator: "\n").last?.prefix(32) ?? "")
                    let again = try await faxlock(
                        "send", "+15551230180", letter, "--cover-to", "Dr. Example", "--cover-comments", "Two pages follow.",
                        "--purpose", "treatment", "--tag", "referral", "--idempotency-key", "order-7")
                    #expect(again.status == 0 && again.output.hasPrefix(id), "\(again.complaints)")
                    let other = try await faxlock("send", "+15551230181", letter, "--idempotency-key", "order-7")
                    #expect(other.status == 2 && other.complaints.contains("Idempotency-Key"))

                    let calls = try await faxlock("attempts", id)
                    #expect(calls.status == 0 && calls.output.contains("call 1") && calls.output.contains("page 3"), "\(calls.output)")
                    let watched = try await faxlock("watch", id)
                    #expect(watched.status == 0 && watched.output.contains("delivered"))
                    #expect(try await faxlock("cancel", id).complaints.contains("too late"))
                    let resent = try await faxlock("resend", id, "--to", "+15551230182")
                    #expect(resent.status == 0 && !resent.output.hasPrefix(id))
                    let second = String(resent.output.prefix(32))
                    #expect(try await faxlock("watch", second).output.contains("3/3 pages confirmed"))

                    let found = try await faxlock("list", "--tag", "referral", "--purpose", "treatment", "--state", "delivered")
                    #expect(Set(found.output.split(separator: "\n").map { String($0.prefix(32)) }) == [id, second])
                    #expect(try await faxlock("list", "--to", "+15551230180").output.hasPrefix(id))
                    #expect(try await faxlock("list", "--state", "nonsense").status == 2)
                    #expect(try await faxlock("reconcile").output == "No fax has an unknown outcome.\n")
                    #expect(try await faxlock("reconcile", id, "--as", "delivered", "--evidence", "asked").status == 2)
                    #expect(try await faxlock("reconcile", id).status == 64)
                    #expect(try await faxlock("release", id).status == 2)
                    #expect(try await faxlock("hold", id).complaints.contains("It is too late: the fax is delivered."))
                    #expect(try await faxlock("hold", "list").output.isEmpty)
                }
            }
        }

        @Test func severalRecipientsAndALaterTime() async throws {
            try await TemporaryFolder.with { folder in
                let letter = try folder.write(SampleDocuments.text("A letter"), to: "letter.txt")
                try await ServerProcess.with(folder) { server in
                    let environment = ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": server.client.key]
                    let sent = try await Command.faxlock(
                        "send", "+15551230183,+15551230184", letter, "--to", "+15551239999", "--wait", environment: environment)
                    #expect(sent.status == 1, "\(sent.output)\(sent.complaints)")
                    #expect(sent.output.contains("2 delivered") && sent.output.contains("1 failed"))
                    #expect(try await server.client.received(at: "+15551230183").count == 1)
                    #expect(try await server.client.received(at: "+15551230184").count == 1)

                    let later = try await Command.faxlock(
                        "send", "+15551230185,+15551230186", letter, "--send-at", Self.tomorrow, "--json", environment: environment)
                    let batch = try JSONDecoder().decode(Batch.self, from: Data(later.output.utf8))
                    #expect(batch.faxes.count == 2)
                    let cancelled = try await Command.faxlock("cancel", batch.batch_id, "--batch", environment: environment)
                    #expect(cancelled.output == "2 cancelled, 0 in a call that is being ended, 0 too late\n", "\(cancelled.complaints)")
                    let list = try await Command.faxlock("list", "--batch", batch.batch_id, environment: environment)
                    #expect(list.output.split(separator: "\n").count == 2 && !list.output.contains("scheduled"))
                }
            }
        }
    }
}
