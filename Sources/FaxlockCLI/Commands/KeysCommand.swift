import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// `faxlock keys`.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Manage the keys of the API, and those that seal and sign.",
        subcommands: [
            Create.self, List.self, Revoke.self, Rotate.self, Grants.self, Rewrap.self, NewFile.self, RotateLedger.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key. Its token is shown once.")

        @Option(help: "What the key is for.") var name: String?
        @Option(help: "Whose key it is.") var owner: String?
        @Option(name: .customLong("scope"), help: "What it may do, as fax:send or audit:read; may be repeated.")
        var scopes: [String] = ["fax:send", "fax:read"]
        @Option(name: .customLong("expires"), help: "ISO 8601 time from which it opens nothing.") var expiry: String?
        @Option(name: .customLong("address"), help: "From where it may be used, an address or CIDR range; may be repeated.")
        var addresses: [String] = []
        @Option(name: .customLong("grant"), help: "A role in a mailbox, as radiology:reader or *:auditor; may be repeated.")
        var grants: [String] = []
        @Option(help: "A note for whoever reads the list.") var note: String?
        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Wanted: Encodable {
            let name: String?
            let owner: String?
            let scopes: [String]
            let expires_at: String?
            let addresses: [String]
            let grants: [String]
            let note: String?
        }

        func run() async throws {
            try await APIClient.use { client in
                let wanted = Wanted(
                    name: name, owner: owner, scopes: scopes, expires_at: expiry, addresses: addresses, grants: grants, note: note)
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
            let addresses: [String]
            let grants: [String]
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
                            key.grants.isEmpty ? "no grants" : key.grants.joined(separator: ","),
                            key.addresses.isEmpty ? "from everywhere" : key.addresses.joined(separator: ","),
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
        static let configuration = CommandConfiguration(
            abstract: "Give a key of the API a new token; without an id, go over to the current key file (`rewrap`).")

        @Argument(help: "The key's id.") var id: String?
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                guard let id else { return try await Rewrap.run(client, json: json) }
                let answer = try await client.call(.post, "/admin/api-keys/\(PathSegment.encode(id))/rotate")
                try KeysCommand.show(answer, client, json: json)
            }
        }
    }

    struct Grants: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set what a key may do in mailboxes; without --grant, take all of it away.",
            discussion: "A key without grants sees its own faxes and, if its scopes name them, all received faxes.")

        @Argument(help: "The key's id.") var id: String
        @Option(name: .customLong("grant"), help: "A role in a mailbox, as radiology:reader or *:auditor; may be repeated.")
        var grants: [String] = []
        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Granted: Codable { let grants: [String] }

        func run() async throws {
            try await APIClient.use { client in
                let path = "/admin/api-keys/\(PathSegment.encode(id))/grants"
                let body = HTTPClientRequest.Body.bytes(ByteBuffer(bytes: try JSONEncoder().encode(Granted(grants: grants))))
                let answer = try await grants.isEmpty ? client.call(.delete, path) : client.call(.put, path, body: body)
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                let now = try client.decode(Granted.self, answer).grants
                print(now.isEmpty ? "no grants" : now.joined(separator: "  "))
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
