import ArgumentParser

/// `faxlock attempts`.
struct AttemptsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "attempts", abstract: "Show the calls of a fax with their pages.")

    @Argument(help: "The fax's id.") var id: String
    @Flag(help: "Print the server's answer as JSON.") var json = false

    private struct Call: Decodable {
        struct Page: Decodable {
            let page: Int
            let bit_rate: Int
            let error_correction: Bool
            let bad_rows: Int
            let retries: Int
        }

        let number: Int
        let intended_at: String
        let ended_at: String?
        let outcome: String?
        let cause: String?
        let evidence: String?
        let route: String
        let pages: [Page]

        var line: String {
            [
                "call \(number)", intended_at, route.isEmpty ? nil : "by \(route)", outcome ?? "under way", cause, evidence,
                "\(pages.count) pages confirmed",
            ].compactMap(\.self).joined(separator: "  ")
        }
    }

    func run() async throws {
        try await APIClient.use { client in
            let answer = try await client.call(.get, "/fax/\(PathSegment.encode(id))/attempts")
            if json { return print(String(decoding: answer, as: UTF8.self)) }
            for call in try client.decode([Call].self, answer) {
                print(call.line)
                for page in call.pages {
                    print(
                        "  page \(page.page)  \(page.bit_rate) bit/s  \(page.error_correction ? "ECM" : "no ECM")  "
                            + "\(page.bad_rows) bad rows  \(page.retries) repeats")
                }
            }
        }
    }
}
