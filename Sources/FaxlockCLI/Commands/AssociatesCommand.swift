import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// `faxlock associates`.
struct AssociatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "associates", abstract: "Business associates: providers and the agreements with them.",
        discussion: "With FAXLOCK_PROFILE=production no fax goes to a provider without an agreement in force (45 CFR 164.308(b)(1)).",
        subcommands: [List.self, Record.self, Remove.self])

    private struct Associate: Decodable {
        let provider: String
        let agreed_on: String
        let expires_on: String?
        let in_force: Bool
        let note: String

        var line: String {
            [
                provider, in_force ? "in force" : "NOT in force", "agreed on \(agreed_on)",
                expires_on.map { "until \($0)" } ?? "without end", note,
            ]
            .filter { !$0.isEmpty }.joined(separator: "  ")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the agreements.")

        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.get, "/admin/associates")
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                for associate in try client.decode([Associate].self, answer) { print(associate.line) }
            }
        }
    }

    struct Record: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Record an agreement, in place of an older one with the same provider.")

        @Argument(help: "The provider, as FAX_BACKEND names it.") var provider: String
        @Option(help: "The agreement's first day, as 2026-11-22.") var agreed: String
        @Option(help: "Its last day.") var expires: String?
        @Option(help: "Where the paper is and whom to call.") var note: String?
        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Wanted: Encodable {
            let agreed_on: String
            let expires_on: String?
            let note: String?
        }

        func run() async throws {
            try await APIClient.use { client in
                let body = try JSONEncoder().encode(Wanted(agreed_on: agreed, expires_on: expires, note: note))
                let answer = try await client.call(
                    .put, "/admin/associates/\(PathSegment.encode(provider))", body: .bytes(ByteBuffer(bytes: body)))
                print(json ? String(decoding: answer, as: UTF8.self) : try client.decode(Associate.self, answer).line)
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove an agreement: from now on nothing is sent by this provider.")

        @Argument(help: "The provider.") var provider: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.delete, "/admin/associates/\(PathSegment.encode(provider))")
                print(json ? String(decoding: answer, as: UTF8.self) : "removed \(provider)")
            }
        }
    }
}
