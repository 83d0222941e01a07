import Foundation
import Testing

extension EndToEnd {
    /// The `faxlock` command at a prompt.
    @Suite struct CommandLineTests {
        private struct Key: Decodable {
            let key_id: String
            let token: String?
            let revoked_at: String?
        }

        @Test func sendStatusListInboxAndPDF() async throws {
            try await TemporaryFolder.with { folder in
                let letter = try folder.write(SampleDocuments.text(pages: 2, title: "A letter"), to: "letter.txt")
                try await ServerProcess.with(folder) { server in
                    let environment = ["FAXLOCK_URL": server.client.url + "/", "FAXLOCK_API_KEY": server.client.key]
                    let sent = try await Command.faxlock("send", "+15551230190", letter, "--wait", environment: environment)
                    #expect(sent.status == 0 && sent.output.contains("delivered, 2 of 2 pages confirmed"), "\(sent.complaints)")

                    let failed = try await Command.faxlock("send", "+15551239999", letter, "--wait", environment: environment)
                    #expect(failed.status == 1 && failed.output.contains("The number does not exist."), "\(failed.output)")

                    let json = try await Command.faxlock(
                        "send", "+15551230191", letter, "--wait", "--json", "--resolution", "standard", environment: environment)
                    let fax = try Self.decode(Fax.self, json)
                    #expect(json.status == 0 && fax.status == "SUCCESS" && fax.resolution == "standard")

                    let status = try await Command.faxlock("status", fax.id, environment: environment)
                    #expect(status.status == 0 && status.output.contains("\(fax.id)  +15551230191  delivered  2/2 pages"))
                    let shown = try await Command.faxlock("status", fax.id, "--json", environment: environment)
                    #expect(try Self.decode(Fax.self, shown).id == fax.id)
                    let none = try await Command.faxlock("status", "0123", environment: environment)
                    #expect(none.status == 2 && none.complaints.contains("Job not found"))

                    let list = try await Command.faxlock("list", environment: environment)
                    #expect(list.output.split(separator: "\n").count == 3 && list.output.hasPrefix(fax.id))
                    let short = try await Command.faxlock("list", "--limit", "1", "--before", fax.id, "--json", environment: environment)
                    #expect(try Self.decode([Fax].self, short).map(\.to) == ["+15551239999"])

                    let received = try await server.client.receivedFax(of: fax.id)
                    let inbox = try await Command.faxlock("inbox", environment: environment)
                    #expect(inbox.output.hasPrefix(received) && inbox.output.contains("to +15551230191  received  2 pages"))
                    let inboxJSON = try await Command.faxlock("inbox", "--json", "--limit", "1", environment: environment)
                    #expect(try Self.decode([ReceivedFax].self, inboxJSON).map(\.id) == [received])

                    let (out, back) = (folder.path + "/out.pdf", folder.path + "/in.pdf")
                    #expect(try await Command.faxlock("pdf", fax.id, "-o", out, environment: environment).status == 0)
                    let inbound = try await Command.faxlock("pdf", received, "--inbound", "--output", back, environment: environment)
                    #expect(inbound.status == 0)
                    let pdf = try TemporaryFolder.read(out)
                    let pdfBack = try TemporaryFolder.read(back)
                    #expect(pdf.starts(with: Array("%PDF-".utf8)) && pdf == pdfBack)
                    let mode = try FileManager.default.attributesOfItem(atPath: out)[.posixPermissions] as? NSNumber
                    #expect(mode?.intValue == 0o600)
                    let again = try await Command.faxlock("pdf", fax.id, "-o", out, environment: environment)
                    #expect(again.status == 2 && again.complaints.contains("cannot be written"))
                }
            }
        }

        @Test func keysAreMadeListedRotatedAndRevoked() async throws {
            try await ServerProcess.with { server in
                let admin = ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": server.client.key]
                let made = try await Command.faxlock(
                    "keys", "create", "--name", "Front desk", "--scope", "fax:read", "--json", environment: admin)
                let key = try Self.decode(Key.self, made)
                let token = try #require(key.token)
                func isOpen(_ token: String) async throws -> Bool {
                    let client = ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": token]
                    let result = try await Command.faxlock("list", environment: client)
                    #expect(result.status == 0 || result.status == 2)
                    return result.status == 0
                }
                #expect(try await isOpen(token))
                let notAllowed = try await Command.faxlock(
                    "keys", "list", environment: ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": token])
                #expect(notAllowed.status == 2)

                let rotated = try await Command.faxlock("keys", "rotate", key.key_id, environment: admin)
                let second = rotated.output.split(separator: "\n").map(String.init)
                #expect(rotated.status == 0 && second.last == "The token is shown only now.")
                #expect(try await !isOpen(token))
                try #require(second.count == 3)
                #expect(try await isOpen(second[1]))

                let revoked = try await Command.faxlock("keys", "revoke", key.key_id, environment: admin)
                #expect(revoked.status == 0 && revoked.output == "revoked \(key.key_id)\n")
                #expect(try await !isOpen(second[1]))
                let list = try await Command.faxlock("keys", "list", environment: admin)
                #expect(list.output.contains("Front desk") && list.output.contains("revoked") && !list.output.contains(second[1]))
                let all = try Self.decode([Key].self, try await Command.faxlock("keys", "list", "--json", environment: admin))
                #expect(all.first { $0.key_id == key.key_id }?.revoked_at != nil && all.allSatisfy { $0.token == nil })
                let unknown = try await Command.faxlock("keys", "revoke", "nobody", environment: admin)
                #expect(unknown.status == 2 && unknown.complaints.contains("Key not found"))
            }
        }

        @Test func configShowsSourcesAndNoSecret() async throws {
            try await TemporaryFolder.with { folder in
                let file = try folder.write(Array(#"{"FAXLOCK_LINES": 7, "FAXLOCK_PAPER": "a4"}"#.utf8), to: "faxlock.json")
                let environment = ["API_KEY": "very-secret", "FAXLOCK_PAPER": "letter", "PHAXIO_API_SECRET": "also-secret"]
                let result = try await Command.faxlock("config", "--config", file, "--port", "99", environment: environment)
                #expect(result.status == 0 && !result.output.contains("secret"))
                let lines = result.output.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
                let settings = Dictionary(uniqueKeysWithValues: lines.map { ($0[0], $0[1].drop { $0 == " " }) })
                #expect(settings["API_KEY"] == "***  (environment)")
                #expect(settings["FAXLOCK_PORT"] == "99  (command line)")
                #expect(settings["FAXLOCK_PAPER"] == "letter  (environment)")
                #expect(settings["FAXLOCK_LINES"] == "7  (\(file))")
                #expect(settings["FAXLOCK_RENDERERS"]?.hasSuffix("(default)") == true)
                #expect(settings["PHAXIO_API_SECRET"] == "***  (environment, not used by this version)")
                let json = try await Command.faxlock("config", "--json", environment: environment)
                #expect(json.status == 0 && !json.output.contains("secret"))
                #expect(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) is [[String: Any]])
            }
        }

        @Test func trunksAreListedAndMistakesNamed() async throws {
            try await TemporaryFolder.with { folder in
                let file = try folder.write(
                    Array(#"{"trunks":[{"name":"carrier","server":"sip:127.0.0.1:9;transport=tcp","numbers":["+15551230100"]}]}"#.utf8),
                    to: "trunks.json")
                let environment = ["FAXLOCK_TRUNKS_FILE": file]
                let list = try await Command.faxlock("line", "list", environment: environment)
                #expect(list.status == 0 && list.output == "carrier  127.0.0.1 tcp  +1555***0100\n")
                let other = try await Command.faxlock("line", "check", "other", environment: environment)
                #expect(other.status == 78 && other.complaints.contains("carrier"))
                // Nobody listens there.
                let check = try await Command.faxlock("line", "check", "carrier", environment: environment)
                #expect(check.status == 1 && check.output.contains("Options   FAIL"), "\(check.output)")
                let none = try await Command.faxlock("line", "list")
                #expect(none.status == 78 && none.complaints.contains("FAXLOCK_TRUNKS_FILE"))
            }
        }

        @Test func exitStatusSaysWhatWentWrong() async throws {
            let version = try await Command.faxlock("--version")
            #expect(version.status == 0 && version.output == "0.1.0\n")
            let usage = try await Command.faxlock("send", "+15551230190")
            #expect(usage.status == 64 && usage.complaints.contains("Usage:"))
            // Nothing listens on the port of tcpmux.
            let down = try await Command.faxlock("list", environment: ["FAXLOCK_URL": "http://127.0.0.1:1"])
            #expect(down.status == 3 && down.complaints.contains("cannot be reached") && down.complaints.contains("FAXLOCK_URL"))
            try await ServerProcess.with { server in
                for key in ["", "wrong"] {
                    let result = try await Command.faxlock(
                        "list", environment: ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": key])
                    #expect(result.status == 2 && result.complaints.contains("Set FAXLOCK_API_KEY."), "\(result.complaints)")
                }
                let environment = ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": server.client.key]
                let absent = try await Command.faxlock("send", "+15551230190", "/nonexistent/a.pdf", environment: environment)
                #expect(absent.status == 2 && absent.complaints.contains("cannot be read"))
            }
        }

        private static func decode<Value: Decodable>(_ type: Value.Type, _ command: Command) throws -> Value {
            try #require(command.status == 0, "\(command.complaints)")
            return try JSONDecoder().decode(type, from: Data(command.output.utf8))
        }
    }
}
