import ArgumentParser

/// `faxlock status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Show one fax.")

    @Argument(help: "The fax's id.") var id: String
    @Flag(help: "Print the server's answer as JSON.") var json = false

    func run() async throws {
        try await APIClient.use { client in
            let answer = try await client.call(.get, "/fax/\(PathSegment.encode(id))")
            guard !json else { return print(String(decoding: answer, as: UTF8.self)) }
            let fax = try client.decode(RemoteFax.self, answer)
            print(fax.summary)
            for warning in fax.warnings ?? [] where fax.error?.contains(warning) != true { print("  \(warning)") }
        }
    }
}
