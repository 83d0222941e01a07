import ArgumentParser
import FoundationEssentials
import Glibc

/// `faxlock send`.
struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Send a document to a number.",
        discussion: """
            PDF, TIFF, PNG, JPEG or UTF-8 text. Without --wait the command ends when the server has the fax durably. With --wait its \
            exit status is 0 when every page was confirmed, 1 when the fax failed, 4 when its outcome is unknown.
            """)

    @Argument(help: "The number, for example +15551230100.") var number: String
    @Argument(help: "The document.", completion: .file()) var file: String
    @Flag(help: "Stay until the fax is delivered or has failed, and show its progress.") var wait = false
    @Option(help: "standard or fine.") var resolution: String?
    @Option(help: "Paper for text: letter or a4.") var paper: String?
    @Option(help: "The mailbox that it is sent from.") var mailbox: String?
    @Flag(help: "Print the server's answer as JSON.") var json = false

    func run() async throws {
        try await APIClient.use { client in
            var fields = [("to", number)]
            if let resolution { fields.append(("resolution", resolution)) }
            if let paper { fields.append(("paper", paper)) }
            if let mailbox { fields.append(("mailbox", mailbox)) }
            let form = try FormUpload(path: file, fields: fields)
            var answer = try await client.call(.post, "/fax", body: form.body(), contentType: FormUpload.contentType)
            var fax = try client.decode(RemoteFax.self, answer)
            if wait {
                let progress = ProgressLine(isQuiet: json)
                while true {
                    progress.show(fax)
                    if fax.isOver { break }
                    try await Task.sleep(for: .milliseconds(100))
                    answer = try await client.call(.get, "/fax/\(fax.id)")
                    fax = try client.decode(RemoteFax.self, answer)
                }
                progress.end()
            }
            print(json ? String(decoding: answer, as: UTF8.self) : fax.summary)
            switch fax.state {
            case "failed", "cancelled": throw ExitCode(CommandFailure.Status.failed.rawValue)
            case "unknown": throw ExitCode(CommandFailure.Status.unknown.rawValue)
            case "disabled" where wait: throw ExitCode(CommandFailure.Status.failed.rawValue)
            default: break
            }
        }
    }
}
