import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// `faxlock hold`.
struct HoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Keep a fax from going (hold ID), or its documents from being destroyed (legal holds).",
        subcommands: [Fax.self, Place.self, Release.self, List.self], defaultSubcommand: Fax.self)

    private struct Hold: Decodable {
        let fax: String
        let reason: String
        let placed_by: String
        let placed_at: String

        var summary: String { [fax, reason, "by \(placed_by)", placed_at].joined(separator: "  ") }
    }

    struct Place: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Place a legal hold on a fax, sent or received.")

        @Argument(help: "The fax's id.") var fax: String
        @Option(help: "A purpose and a reference, as legal:CASE-7F; no names.") var reason: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let wanted = try JSONEncoder().encode(["fax": fax, "reason": reason])
                let answer = try await client.call(.post, "/admin/holds", body: .bytes(ByteBuffer(bytes: wanted)))
                print(json ? String(decoding: answer, as: UTF8.self) : try client.decode(Hold.self, answer).summary)
            }
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Release a legal hold: retention then counts as if there had been none. A fax that waits goes by `faxlock release`.")

        @Argument(help: "The fax's id.") var fax: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.delete, "/admin/holds/\(PathSegment.encode(fax))")
                print(json ? String(decoding: answer, as: UTF8.self) : "released \(fax)")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all legal holds, oldest first.")

        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.get, "/admin/holds")
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                for hold in try client.decode([Hold].self, answer) { print(hold.summary) }
            }
        }
    }
}
