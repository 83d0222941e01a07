import ArgumentParser

/// `faxlock inbox`.
struct InboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox", abstract: "List received faxes, newest first, or show one with its pages.")

    @Argument(help: "A received fax's id: show it with the quality of each page.") var id: String?
    @Option(help: "At most this many, 1 to 1000.") var limit = 20
    @Option(help: "Only those of this mailbox.") var mailbox: String?
    @Flag(help: "Print the server's answer as JSON.") var json = false

    private struct Page: Decodable {
        let page: Int
        let bit_rate: Int
        let error_correction: Bool
        let bad_rows: Int
        let retries: Int

        var line: String {
            [
                "  page \(page)", "\(bit_rate) bit/s", error_correction ? "ECM" : "no ECM", "\(bad_rows) bad rows", "\(retries) repeats",
            ].joined(separator: "  ")
        }
    }

    private struct Received: Decodable {
        let id: String
        let fr: String?
        let to: String?
        let status: String
        let pages: Int?
        let mailbox: String?
        let received_at: String?
        let created_at: String?
        let ended_at: String?
        let trunk: String?
        let remote_station_id: String?
        let pages_quality: [Page]?

        var line: String {
            let facts = [
                id, received_at ?? "-", "from \(fr ?? "-")", "to \(to ?? "-")", status, "\(pages ?? 0) pages", mailbox ?? "-",
                trunk.map { "by \($0)" }, remote_station_id.map { "station \($0)" },
            ]
            return facts.compactMap(\.self).joined(separator: "  ")
        }
    }

    func run() async throws {
        try await APIClient.use { client in
            if let id { return try await show(id, client) }
            let answer = try await client.call(.get, "/inbound?limit=\(limit)\(mailbox.map { "&mailbox=\(PathSegment.encode($0))" } ?? "")")
            if json { return print(String(decoding: answer, as: UTF8.self)) }
            for fax in try client.decode([Received].self, answer) { print(fax.line) }
        }
    }

    private func show(_ id: String, _ client: APIClient) async throws {
        let answer = try await client.call(.get, "/inbound/\(PathSegment.encode(id))")
        if json { return print(String(decoding: answer, as: UTF8.self)) }
        let fax = try client.decode(Received.self, answer)
        print(fax.line)
        print("  answered \(fax.created_at ?? "-"), ended \(fax.ended_at ?? "-")")
        for page in fax.pages_quality ?? [] { print(page.line) }
    }
}
