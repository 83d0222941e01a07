import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// `faxlock webhooks`.
struct WebhooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks", abstract: "Webhooks: where clients are told what happens to faxes.",
        subcommands: [List.self, Add.self, Remove.self, Rotate.self, Test.self, Deliveries.self, Replay.self, Secret.self])

    private struct Webhook: Decodable {
        let id: String
        let url: String
        let owner: String
        let all: Bool
        let events: [String]
        let disabled_at: String?
        let secret: String?

        var line: String {
            [
                id, url, all ? "all faxes" : "faxes of \(owner)", events.joined(separator: ","),
                disabled_at.map { "disabled since \($0)" } ?? "",
            ].filter { !$0.isEmpty }.joined(separator: "  ")
        }

        var lines: String { line + (secret.map { "\nsecret, shown only now: \($0)" } ?? "") }
    }

    private static func call(_ method: APIClient.HTTPMethodName, _ path: String, body: (any Encodable)? = nil, asJSON: Bool) async throws {
        try await APIClient.use { client in
            let body = try body.map { HTTPClientRequest.Body.bytes(ByteBuffer(bytes: try JSONEncoder().encode($0))) }
            let answer = try await client.call(method, path, body: body)
            print(asJSON ? String(decoding: answer, as: UTF8.self) : try client.decode(Webhook.self, answer).lines)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List webhooks, without their secrets.")

        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.get, "/webhooks")
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                for webhook in try client.decode([Webhook].self, answer) { print(webhook.line) }
            }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a webhook. Prints the secret by which its messages are signed.",
            discussion: "It is told of the faxes of the key in FAXLOCK_API_KEY, unless --owner or --all says otherwise.")

        @Argument(help: "Where messages are posted: an https URL.") var url: String
        @Option(
            name: .customLong("event"), help: "A type to tell, as fax.delivered; may be repeated. Without it all but fax.page_confirmed.")
        var events: [String] = []
        @Option(help: "The id of another key, whose faxes it is told of.") var owner: String?
        @Flag(help: "Tell of all faxes, sent and received.") var all = false
        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Wanted: Encodable {
            let url: String
            let events: [String]
            let owner: String?
            let all: Bool
        }

        func run() async throws {
            try await call(.post, "/webhooks", body: Wanted(url: url, events: events, owner: owner, all: all), asJSON: json)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a webhook with its messages.")

        @Argument(help: "The webhook's id.") var id: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.delete, "/webhooks/\(PathSegment.encode(id))")
                print(json ? String(decoding: answer, as: UTF8.self) : "removed \(id)")
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a webhook a new secret; for a day messages are signed by the former one, too.")

        @Argument(help: "The webhook's id.") var id: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await call(.post, "/webhooks/\(PathSegment.encode(id))/rotate", asJSON: json)
        }
    }

    struct Secret: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the secret by which messages to the callback_url of own faxes are signed.")

        @Flag(help: "Make a new one first; for a day messages are signed by the former one, too.") var rotate = false
        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Answer: Decodable {
            let secret: String
        }

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await rotate ? client.call(.post, "/webhooks/secret/rotate") : client.call(.get, "/webhooks/secret")
                print(json ? String(decoding: answer, as: UTF8.self) : try client.decode(Answer.self, answer).secret)
            }
        }
    }
}
