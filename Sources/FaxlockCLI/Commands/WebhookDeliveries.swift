import ArgumentParser
import FoundationEssentials

/// The subcommands of `faxlock webhooks` that are about single messages.
extension WebhooksCommand {
    private struct Delivery: Decodable {
        let id: String
        let type: String
        let state: String
        let attempts: Int
        let next_at: String?
        let last_status: Int?
        let last_failure: String?
        let created_at: String

        var line: String {
            let last = last_status.map { "HTTP \($0)" } ?? last_failure
            return [
                id, created_at, type, state, attempts == 1 ? "1 attempt" : "\(attempts) attempts", last ?? "",
                next_at.map { "next at \($0)" } ?? "",
            ].filter { !$0.isEmpty }.joined(separator: "  ")
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Post a message of the type webhook.test, and wait for what comes of its first attempt.")

        @Argument(help: "The webhook's id.") var id: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        /// Longer than the server waits for the receiver.
        private static let patience = 80

        func run() async throws {
            try await APIClient.use { client in
                var answer = try await client.call(.post, "/webhooks/\(PathSegment.encode(id))/test")
                var delivery = try client.decode(Delivery.self, answer)
                for _ in 0..<Self.patience where delivery.attempts == 0 && delivery.state == "pending" {
                    try await Task.sleep(for: .milliseconds(250))
                    answer = try await client.call(.get, "/webhooks/deliveries/\(PathSegment.encode(delivery.id))")
                    delivery = try client.decode(Delivery.self, answer)
                }
                print(json ? String(decoding: answer, as: UTF8.self) : delivery.line)
                guard delivery.state == "delivered" else {
                    throw CommandFailure(.failed, "The receiver did not take the message.")
                }
            }
        }
    }

    struct Deliveries: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List messages, newest first.",
            discussion: "Without an id, those of the key in FAXLOCK_API_KEY, also those to the callback_url of its faxes.")

        @Argument(help: "The webhook's id.") var id: String?
        @Option(help: "Only those that are pending, delivered or dead.") var state: String?
        @Option(help: "Only those older than this one.") var before: String?
        @Option(help: "At most this many, up to 1000.") var limit = 100
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                var path = id.map { "/webhooks/\(PathSegment.encode($0))/deliveries" } ?? "/webhooks/deliveries"
                path += "?limit=\(limit)"
                if let state { path += "&state=\(PathSegment.encode(state))" }
                if let before { path += "&before=\(PathSegment.encode(before))" }
                let answer = try await client.call(.get, path)
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                for delivery in try client.decode([Delivery].self, answer) { print(delivery.line) }
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Post messages again: one, whatever came of it, or all of a webhook that were given up.")

        @Argument(help: "The message's id (msg_...), or the webhook's (wh_...).") var id: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Count: Decodable {
            let replayed: Int
        }

        func run() async throws {
            try await APIClient.use { client in
                let isMessage = id.hasPrefix("msg_")
                let path =
                    isMessage ? "/webhooks/deliveries/\(PathSegment.encode(id))/replay" : "/webhooks/\(PathSegment.encode(id))/replay"
                let answer = try await client.call(.post, path)
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                if isMessage { return print(try client.decode(Delivery.self, answer).line) }
                let count = try client.decode(Count.self, answer).replayed
                print(count == 1 ? "1 message is posted again" : "\(count) messages are posted again")
            }
        }
    }
}
