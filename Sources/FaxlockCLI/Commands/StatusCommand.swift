import ArgumentParser

/// `faxlock status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Show one fax.")

    @Argument(help: "The fax's id.") var id: String
    @Flag(help: "Print the server's answer as JSON.") var json = false

    func run() async throws {
        try await APIClient.use { client in
            let answer = try await client.call(.get, "/fax/\(PathSegment.encode(id))")
            print(json ? String(decoding: answer, as: UTF8.self) : try client.decode(RemoteFax.self, answer).summary)
        }
    }
}

/// `faxlock list`.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List faxes, newest first.")

    @Option(help: "At most this many, 1 to 1000.") var limit = 20
    @Option(help: "Only faxes older than the one with this id.") var before: String?
    @Flag(help: "Print the server's answer as JSON.") var json = false

    func run() async throws {
        try await APIClient.use { client in
            let cursor = before.map { "&before=\(PathSegment.encode($0))" } ?? ""
            let answer = try await client.call(.get, "/fax?limit=\(limit)\(cursor)")
            if json { return print(String(decoding: answer, as: UTF8.self)) }
            for fax in try client.decode([RemoteFax].self, answer) { print(fax.summary) }
        }
    }
}
