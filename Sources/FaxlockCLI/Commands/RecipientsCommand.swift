import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// `faxlock recipients`.
struct RecipientsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recipients", abstract: "Whom faxes may go to: the directory, the lists, and what the rules say of a number.",
        subcommands: [
            List.self, Check.self, Confirm.self, Add.self, Allow.self, Deny.self, DoNotFax.self, Changed.self, Retired.self, Remove.self,
        ])

    /// An entry as the server shows it.
    struct Entry: Decodable {
        let number: String?
        let prefix: String?
        let status: String
        let name: String?
        let expected_station: String?
        let reason: String?
        let new_number: String?
        let since: String
        let confirmed_at: String?

        var line: String {
            [
                number ?? prefix.map { "\($0)..." } ?? "", status, "since \(since.prefix(10))", name ?? "",
                expected_station.map { "answers as \($0)" } ?? "", new_number.map { "now \($0)" } ?? "",
                confirmed_at.map { "confirmed on \($0.prefix(10))" } ?? "", reason ?? "",
            ]
            .filter { !$0.isEmpty }.joined(separator: "  ")
        }
    }

    /// Sends the fields that have a value, and prints what the server says.
    static func post(_ path: String, _ fields: [String: String?], asJSON: Bool, show: (APIClient, [UInt8]) throws -> String) async throws {
        try await APIClient.use { client in
            let body = HTTPClientRequest.Body.bytes(ByteBuffer(bytes: try JSONEncoder().encode(fields.compactMapValues { $0 })))
            let answer = try await client.call(.post, path, body: body)
            print(asJSON ? String(decoding: answer, as: UTF8.self) : try show(client, answer))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the entries.")

        @Option(help: "Those of this status only: known, allowed, denied, do_not_fax, changed or retired.") var status: String?
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let query = status.map { "?status=\(PathSegment.encode($0))" } ?? ""
                let answer = try await client.call(.get, "/admin/recipients\(query)")
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                for entry in try client.decode([Entry].self, answer) { print(entry.line) }
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say what would become of a fax to a number, and what is known of it.")

        @Argument(help: "The number, as you would send to it.") var number: String
        @Option(help: "The mailbox from which it would go.") var mailbox: String?
        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Verdict: Decodable {
            let number: String?
            let verdict: String
            let detail: String?
            let warnings: [String]
            let recipient: Entry?

            var lines: String {
                ([[number, verdict, detail].compactMap { $0 }.joined(separator: "  ")] + warnings
                    + (recipient.map { [$0.line] } ?? [])).joined(separator: "\n")
            }
        }

        func run() async throws {
            try await post("/recipients/check", ["number": number, "mailbox": mailbox], asJSON: json) { client, answer in
                try client.decode(Verdict.self, answer).lines
            }
        }
    }

    struct Confirm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say that you looked at a number and it is the recipient's.")

        @Argument(help: "The number.") var number: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await post("/recipients/confirm", ["number": number], asJSON: json) { client, answer in
                try client.decode(Entry.self, answer).line
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Forget a number or a prefix, and that it was confirmed.")

        @OptionGroup var target: Target
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await post("/admin/recipients/remove", target.fields, asJSON: json) { _, _ in "removed" }
        }
    }

    /// One number, or all that begin alike.
    struct Target: ParsableArguments {
        @Argument(help: "The number; with --prefix, + and the first digits.") var number: String
        @Flag(help: "All numbers that begin so, as +1900.") var prefix = false

        var fields: [String: String?] { [prefix ? "prefix" : "number": number] }
    }
}
