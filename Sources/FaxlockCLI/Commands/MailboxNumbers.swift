import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// The subcommands of `faxlock mailboxes` that are about single numbers.
extension MailboxesCommand {
    private struct OwnNumber: Decodable {
        let number: String
        let mailbox: String
        let status: String
        let assigned_at: String
        let retired_at: String?

        var line: String {
            let since = retired_at.map { "retired since \($0)" } ?? "in use since \(assigned_at)"
            return [number, mailbox, since].joined(separator: "  ")
        }
    }

    private static func show(_ answer: [UInt8], _ client: APIClient, asJSON: Bool) throws {
        if asJSON { return print(String(decoding: answer, as: UTF8.self)) }
        for number in try client.decode([OwnNumber].self, answer) { print(number.line) }
    }

    private static func change(_ path: String, _ wanted: [String: String], asJSON: Bool) async throws {
        try await APIClient.use { client in
            let body = HTTPClientRequest.Body.bytes(ByteBuffer(bytes: try JSONEncoder().encode(wanted)))
            try show(try await client.call(.post, path, body: body), client, asJSON: asJSON)
        }
    }

    struct Numbers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List own numbers, in use or retired.")

        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                try show(try await client.call(.get, "/admin/numbers"), client, asJSON: json)
            }
        }
    }

    struct Assign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a number lead to a mailbox, also one that was retired. Prints all numbers.")

        @Argument(help: "The number, as +15551230100.") var number: String
        @Argument(help: "The mailbox.") var mailbox: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await change("/admin/numbers", ["number": number, "mailbox": mailbox], asJSON: json)
        }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Retire a number: calls to it are refused, and that goes on record. Prints all numbers.")

        @Argument(help: "The number; it need not have been in use here.") var number: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await change("/admin/numbers/retire", ["number": number], asJSON: json)
        }
    }

    struct Forget: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget a retired number: calls to it are refused as to any other. Prints all numbers.")

        @Argument(help: "The number.") var number: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await change("/admin/numbers/forget", ["number": number], asJSON: json)
        }
    }
}
