import ArgumentParser

/// `faxlock watch`.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Show what happens to a fax, until it is over.",
        discussion: "The exit status is that of `send --wait`.")

    @Argument(help: "The fax's id.") var id: String
    @Flag(help: "Print the server's last answer as JSON, and nothing before.") var json = false

    func run() async throws {
        try await APIClient.use { client in
            let progress = ProgressLine(isQuiet: json)
            let (fax, answer) = try await FaxFollower(client: client).follow(id) { progress.show($0) }
            progress.end()
            print(json ? String(decoding: answer, as: UTF8.self) : fax.summary)
            if let status = fax.failure { throw ExitCode(status.rawValue) }
        }
    }
}
