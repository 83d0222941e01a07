import ArgumentParser
import Foundation
import Glibc

/// `faxlock send`.
struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Send a document to a number, or to several.",
        discussion: """
            PDF, TIFF, PNG, JPEG or UTF-8 text. Without --wait the command ends when the server has the fax durably. With --wait its \
            exit status is 0 when every page was confirmed, 1 when the fax failed, 4 when its outcome is unknown, 5 when it is held for a \
            person. Several recipients are a batch: one fax for each.
            """)

    @Argument(help: "The number, for example +15551230100; several are separated by commas.") var number: String
    @Argument(help: "The document.", completion: .file()) var file: String
    @Option(help: "Another recipient; may be repeated.") var to: [String] = []
    @Flag(help: "Stay until the fax is delivered or has failed, and show its progress.") var wait = false
    @OptionGroup var options: SendOptions
    @Option(help: "A name for this request of your own: repeated with the same name, it sends nothing twice.") var idempotencyKey: String?
    @Flag(help: "Print the server's answer as JSON.") var json = false

    private var isBatch: Bool { !to.isEmpty || number.contains(",") }

    func run() async throws {
        try await APIClient.use { client in
            let form = try FormUpload(path: file, fields: ([number] + to).map { ("to", $0) } + options.fields)
            let answer = try await client.call(
                .post, "/fax", body: form.body(), contentType: FormUpload.contentType,
                headers: idempotencyKey.map { [("Idempotency-Key", $0)] } ?? [])
            if isBatch {
                try await finish(try client.decode(RemoteBatch.self, answer), answer, client)
            } else {
                try await finish(try client.decode(RemoteFax.self, answer), answer, client)
            }
        }
    }

    private func finish(_ accepted: RemoteFax, _ first: [UInt8], _ client: APIClient) async throws {
        var (fax, answer) = (accepted, first)
        warn(fax)
        if wait {
            let progress = ProgressLine(isQuiet: json)
            progress.show(fax)
            (fax, answer) = try await FaxFollower(client: client).follow(fax.id) { progress.show($0) }
            progress.end()
        }
        print(json ? String(decoding: answer, as: UTF8.self) : fax.summary)
        if let status = fax.failure { throw ExitCode(status.rawValue) }
        if wait, fax.state == "disabled" { throw ExitCode(CommandFailure.Status.failed.rawValue) }
    }

    private func finish(_ accepted: RemoteBatch, _ first: [UInt8], _ client: APIClient) async throws {
        for fax in accepted.faxes { warn(fax) }
        guard wait else {
            if json { return print(String(decoding: first, as: UTF8.self)) }
            for fax in accepted.faxes { print(fax.summary) }
            return print(accepted.summary)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for fax in accepted.faxes {
                group.addTask {
                    let progress = ProgressLine(isQuiet: json, label: "\(fax.to)  ")
                    _ = try await FaxFollower(client: client).follow(fax.id) { progress.show($0) }
                }
            }
            try await group.waitForAll()
        }
        let answer = try await client.call(.get, "/batches/\(PathSegment.encode(accepted.batch_id))")
        let batch = try client.decode(RemoteBatch.self, answer)
        print(json ? String(decoding: answer, as: UTF8.self) : (batch.faxes.map(\.summary) + [batch.summary]).joined(separator: "\n"))
        // The worst of all: what is unknown goes before what waits, and that before what failed.
        for status in [CommandFailure.Status.unknown, .held, .failed] where batch.faxes.contains(where: { $0.failure == status }) {
            throw ExitCode(status.rawValue)
        }
    }

    private func warn(_ fax: RemoteFax) {
        guard !json else { return }
        for warning in fax.warnings ?? [] { FileHandle.standardError.write(Data("faxlock: \(fax.id): \(warning)\n".utf8)) }
    }
}
