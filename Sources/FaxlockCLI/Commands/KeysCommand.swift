import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// `faxlock keys`.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Manage the keys of the API.",
        subcommands: [Create.self, List.self, Revoke.self, Rotate.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key. Its token is shown once.")

        @Option(help: "What the key is for.") var name: String?
        @Option(help: "Whose key it is.") var owner: String?
        @Option(name: .customLong("scope"), help: "fax:send, fax:read, inbound:list, inbound:read or keys:manage; may be repeated.")
        var scopes: [String] = ["fax:send", "fax:read"]
        @Option(name: .customLong("expires"), help: "ISO 8601 time from which it opens nothing.") var expiry: String?
        @Option(help: "A note for whoever reads the list.") var note: String?
        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Wanted: Encodable {
            let name: String?
            let owner: String?
            let scopes: [String]
            let expires_at: String?
            let note: String?
        }

        func run() async throws {
            try await APIClient.use { client in
                let wanted = Wanted(name: name, owner: owner, scopes: scopes, expires_at: expiry, note: note)
                let body = HTTPClientRequest.Body.bytes(ByteBuffer(bytes: try JSONEncoder().encode(wanted)))
                try KeysCommand.show(try await client.call(.post, "/admin/api-keys", body: body), client, json: json)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all keys, without their tokens.")

        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Key: Decodable {
            let key_id: String
            let name: String?
            let owner: String?
            let scopes: [String]
            let last_used_at: String?
            let expires_at: String?
            let revoked_at: String?
        }

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.get, "/admin/api-keys")
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                for key in try client.decode([Key].self, answer) {
                    let state = key.revoked_at.map { "revoked \($0)" } ?? key.expires_at.map { "expires \($0)" } ?? "no expiry"
                    print(
                        [
                            key.key_id, key.name ?? "-", key.owner ?? "-", key.scopes.joined(separator: ","),
                            "last used \(key.last_used_at ?? "never")", state,
                        ].joined(separator: "  "))
                }
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key worthless at once.")

        @Argument(help: "The key's id.") var id: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.delete, "/admin/api-keys/\(PathSegment.encode(id))")
                print(json ? String(decoding: answer, as: UTF8.self) : "revoked \(id)")
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a key a new token; the old one is worthless at once.")

        @Argument(help: "The key's id.") var id: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.post, "/admin/api-keys/\(PathSegment.encode(id))/rotate")
                try KeysCommand.show(answer, client, json: json)
            }
        }
    }

    private struct NewKey: Decodable {
        let key_id: String
        let token: String
    }

    private static func show(_ answer: [UInt8], _ client: APIClient, json: Bool) throws {
        if json { return print(String(decoding: answer, as: UTF8.self)) }
        let key = try client.decode(NewKey.self, answer)
        print("key \(key.key_id)\n\(key.token)\nThe token is shown only now.")
    }
}
