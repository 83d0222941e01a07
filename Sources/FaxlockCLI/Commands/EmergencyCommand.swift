import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// `faxlock emergency`.
struct EmergencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emergency", abstract: "Emergency access: a key of short life that reads every fax.",
        subcommands: [Open.self, List.self, Review.self])

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Open emergency access. It is logged, and somebody else must review it.")

        @Option(help: "Why: a purpose and possibly a reference, as emergency:CASE-12A.") var reason: String
        @Option(help: "For how long, 1 to 240 minutes.") var minutes = 60
        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Wanted: Encodable {
            let reason: String
            let minutes: Int
        }

        private struct Opened: Decodable {
            let key_id: String
            let token: String
            let expires_at: String
        }

        func run() async throws {
            try await APIClient.use { client in
                let body = HTTPClientRequest.Body.bytes(
                    ByteBuffer(bytes: try JSONEncoder().encode(Wanted(reason: reason, minutes: minutes))))
                let answer = try await client.call(.post, "/admin/emergency", body: body)
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                let key = try client.decode(Opened.self, answer)
                print("key \(key.key_id) until \(key.expires_at)\n\(key.token)\nThe token is shown only now.")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the uses of emergency access, newest first.")

        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Use: Decodable {
            let key_id: String
            let reason: String
            let opened_by: String
            let opened_at: String
            let expires_at: String?
            let reviewed_by: String?
        }

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.get, "/admin/emergency")
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                for use in try client.decode([Use].self, answer) {
                    print(
                        [
                            use.key_id, use.opened_at, "until \(use.expires_at ?? "-")", "by \(use.opened_by)", use.reason,
                            use.reviewed_by.map { "reviewed by \($0)" } ?? "NOT REVIEWED",
                        ].joined(separator: "  "))
                }
            }
        }
    }

    struct Review: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Note that the use of an emergency key was reviewed.")

        @Argument(help: "The emergency key's id.") var id: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.post, "/admin/emergency/\(PathSegment.encode(id))/review")
                print(json ? String(decoding: answer, as: UTF8.self) : "reviewed \(id)")
            }
        }
    }
}
