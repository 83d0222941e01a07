import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// `faxlock mailboxes`.
struct MailboxesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mailboxes", abstract: "Mailboxes: their numbers and how long they keep faxes.",
        subcommands: [List.self, Set.self, Numbers.self, Assign.self, Retire.self, Forget.self])

    private struct Mailbox: Codable {
        var id: String?
        var retention_days: Int?
        var inbound_retention_days: Int?
        var delete_on_success: Bool?
        var numbers: [String]?

        var line: String {
            [
                id ?? "", "sent \(days(retention_days))", "received \(days(inbound_retention_days))",
                delete_on_success.map { $0 ? "deleted on success" : "kept on success" } ?? "on success as set",
                (numbers ?? []).joined(separator: ","),
            ].joined(separator: "  ")
        }

        private func days(_ days: Int?) -> String {
            days.map { $0 == 0 ? "for ever" : "\($0) days" } ?? "as set"
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List mailboxes.")

        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.get, "/admin/mailboxes")
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                for mailbox in try client.decode([Mailbox].self, answer) { print(mailbox.line) }
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a mailbox, or set its rules.",
            discussion: "Rules that are not given are as the server's settings say. Without --number and --no-numbers its numbers stay.")

        @Argument(help: "The mailbox: 1 to 64 of a to z, 0 to 9 and hyphen.") var id: String
        @Option(help: "Days after which documents of sent faxes are destroyed; 0 for never.") var retentionDays: Int?
        @Option(help: "Days after which received documents are destroyed; 0 for never.") var inboundRetentionDays: Int?
        @Option(help: "true or false: destroy documents once every page was confirmed.") var deleteOnSuccess: Bool?
        @Option(name: .customLong("number"), help: "A number that leads to it; may be repeated. Others are retired.")
        var numbers: [String] = []
        @Flag(help: "Retire all its numbers.") var noNumbers = false
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let wanted = Mailbox(
                    retention_days: retentionDays, inbound_retention_days: inboundRetentionDays, delete_on_success: deleteOnSuccess,
                    numbers: numbers.isEmpty && !noNumbers ? nil : numbers)
                let body = HTTPClientRequest.Body.bytes(ByteBuffer(bytes: try JSONEncoder().encode(wanted)))
                let answer = try await client.call(.put, "/admin/mailboxes/\(PathSegment.encode(id))", body: body)
                print(json ? String(decoding: answer, as: UTF8.self) : try client.decode(Mailbox.self, answer).line)
            }
        }
    }
}
