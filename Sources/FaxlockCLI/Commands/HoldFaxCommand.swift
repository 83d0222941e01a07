import ArgumentParser

extension HoldCommand {
    /// `faxlock hold ID`.
    struct Fax: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fax", abstract: "Keep a fax that waits from going, until `faxlock release` or `faxlock cancel` (default).")

        @Argument(help: "The fax's id.") var id: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.post, "/fax/\(PathSegment.encode(id))/hold")
                print(json ? String(decoding: answer, as: UTF8.self) : try client.decode(RemoteFax.self, answer).summary)
            }
        }
    }
}
