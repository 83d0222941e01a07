import ArgumentParser

/// `faxlock inbox`.
struct InboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "inbox", abstract: "List received faxes, newest first.")

    @Option(help: "At most this many, 1 to 1000.") var limit = 20
    @Option(help: "Only those of this mailbox.") var mailbox: String?
    @Flag(help: "Print the server's answer as JSON.") var json = false

    private struct Received: Decodable {
        let id: String
        let fr: String?
        let to: String?
        let status: String
        let pages: Int?
        let mailbox: String?
        let received_at: String?
    }

    func run() async throws {
        try await APIClient.use { client in
            let answer = try await client.call(.get, "/inbound?limit=\(limit)\(mailbox.map { "&mailbox=\(PathSegment.encode($0))" } ?? "")")
            if json { return print(String(decoding: answer, as: UTF8.self)) }
            for fax in try client.decode([Received].self, answer) {
                print(
                    [
                        fax.id, fax.received_at ?? "-", "from \(fax.fr ?? "-")", "to \(fax.to ?? "-")", fax.status,
                        "\(fax.pages ?? 0) pages", fax.mailbox ?? "-",
                    ].joined(separator: "  "))
            }
        }
    }
}
