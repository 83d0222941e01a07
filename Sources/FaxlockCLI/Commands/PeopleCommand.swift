import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// `faxlock people`.
struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people", abstract: "End a person's access.", subcommands: [Revoke.self])

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke every key and link of a person, and refuse the bearer tokens issued to them until now.")

        @Argument(help: "The owner of the keys, or the subject of the tokens.") var person: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Wanted: Encodable { let person: String }
        private struct Revoked: Decodable { let keys: [String] }

        func run() async throws {
            try await APIClient.use { client in
                let body = HTTPClientRequest.Body.bytes(ByteBuffer(bytes: try JSONEncoder().encode(Wanted(person: person))))
                let answer = try await client.call(.post, "/admin/people/revoke", body: body)
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                let keys = try client.decode(Revoked.self, answer).keys
                print(keys.isEmpty ? "revoked; no keys were in force" : "revoked, with the keys \(keys.joined(separator: " "))")
            }
        }
    }
}
