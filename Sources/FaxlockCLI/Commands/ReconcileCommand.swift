import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// `faxlock reconcile`.
struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "List faxes whose outcome is unknown, or say what came of one.",
        discussion: """
            Without an id: the list. Ask the recipient of each, then say what you found: `delivered`, `not_delivered` (what is left is sent \
            now) or `abandoned` (it is not sent).
            """)

    @Argument(help: "The fax's id.") var id: String?
    @Option(name: .customLong("as"), help: "delivered, not_delivered or abandoned.") var finding: String?
    @Option(help: "How it is known, in a few words without names and numbers.") var evidence: String?
    @Flag(help: "Print the server's answer as JSON.") var json = false

    func validate() throws {
        guard (id == nil) == (finding == nil), (id == nil) == (evidence == nil) else {
            throw ValidationError("An id takes --as and --evidence, and these take an id.")
        }
    }

    func run() async throws {
        try await APIClient.use { client in
            guard let id, let finding, let evidence else {
                let answer = try await client.call(.get, "/fax?state=unknown&limit=1000")
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                let faxes = try client.decode([RemoteFax].self, answer)
                if faxes.isEmpty { print("No fax has an unknown outcome.") }
                return faxes.forEach { print("\($0.summary)  since \($0.updated_at ?? $0.created_at)") }
            }
            let said = try JSONEncoder().encode(["finding": finding, "evidence": evidence])
            let answer = try await client.call(
                .post, "/fax/\(PathSegment.encode(id))/reconcile", body: .bytes(ByteBuffer(bytes: said)))
            print(json ? String(decoding: answer, as: UTF8.self) : try client.decode(RemoteFax.self, answer).summary)
        }
    }
}
