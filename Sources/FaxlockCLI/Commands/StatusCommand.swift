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
