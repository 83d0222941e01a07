import ArgumentParser

/// `faxlock list`.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List faxes, newest first.")

    @Option(help: "At most this many, 1 to 1000.") var limit = 20
    @Option(help: "Only faxes older than the one with this id.") var before: String?
    @Option(help: "Only those in these states, separated by commas: queued, sending, held, unknown, ...") var state: String?
    @Option(help: "Only those of this mailbox.") var mailbox: String?
    @Option(help: "Only those with this tag.") var tag: String?
    @Option(help: "Only those sent for this purpose.") var purpose: String?
    @Option(help: "urgent, normal or bulk.") var priority: String?
    @Option(help: "Only those of this batch.") var batch: String?
    @Option(help: "Only those to this number.") var to: String?
    @Option(help: "Only those accepted at this moment or later, ISO 8601.") var since: String?
    @Option(help: "Only those accepted before this moment, ISO 8601.") var until: String?
    @Flag(help: "Print the server's answer as JSON.") var json = false

    func run() async throws {
        let filters: [(String, String?)] = [
            ("before", before), ("state", state), ("mailbox", mailbox), ("tag", tag), ("purpose", purpose), ("priority", priority),
            ("batch", batch), ("to", to), ("since", since), ("until", until),
        ]
        let query = filters.compactMap { name, value in value.map { "&\(name)=\(PathSegment.encode($0))" } }.joined()
        try await APIClient.use { client in
            let answer = try await client.call(.get, "/fax?limit=\(limit)\(query)")
            if json { return print(String(decoding: answer, as: UTF8.self)) }
            for fax in try client.decode([RemoteFax].self, answer) { print(fax.summary) }
        }
    }
}
