import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// `faxlock resend`.
struct ResendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resend", abstract: "Send a fax's document again, as a new fax.",
        discussion: "Only when the first is over. When it is not known whether it arrived, --force sends a second copy all the same.")

    @Argument(help: "The fax's id.") var id: String
    @Option(help: "Another number.") var to: String?
    @Option(help: "standard or fine.") var resolution: String?
    @Option(help: "urgent, normal or bulk.") var priority: String?
    @Flag(help: "Although the first may have arrived.") var force = false
    @Flag(help: "The number was checked: rules that ask a person to confirm it are satisfied.") var confirm = false
    @Option(help: "A name for this request of your own: repeated with the same name, it sends nothing twice.") var idempotencyKey: String?
    @Flag(help: "Print the server's answer as JSON.") var json = false

    private struct Wish: Encodable {
        let to: String?
        let resolution: String?
        let priority: String?
        let force: Bool
        let confirm: Bool
    }

    func run() async throws {
        try await APIClient.use { client in
            let wish = Wish(to: to, resolution: resolution, priority: priority, force: force, confirm: confirm)
            let answer = try await client.call(
                .post, "/fax/\(PathSegment.encode(id))/resend", body: .bytes(ByteBuffer(bytes: try JSONEncoder().encode(wish))),
                headers: idempotencyKey.map { [("Idempotency-Key", $0)] } ?? [])
            print(json ? String(decoding: answer, as: UTF8.self) : try client.decode(RemoteFax.self, answer).summary)
        }
    }
}
