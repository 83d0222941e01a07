import ArgumentParser

/// `faxlock release`.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Let a fax go that is held for a person. (`faxlock hold release` ends a legal hold.)")

    @Argument(help: "The fax's id.") var id: String
    @Flag(help: "Print the server's answer as JSON.") var json = false

    func run() async throws {
        try await APIClient.use { client in
            let answer = try await client.call(.post, "/fax/\(PathSegment.encode(id))/release")
            print(json ? String(decoding: answer, as: UTF8.self) : try client.decode(RemoteFax.self, answer).summary)
        }
    }
}
