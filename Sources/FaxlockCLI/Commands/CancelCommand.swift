import ArgumentParser

/// `faxlock cancel`.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Withdraw a fax; one that is in a call has its call ended.",
        discussion: "Exit status 2 when it is too late.")

    @Argument(help: "The fax's id.") var id: String
    @Flag(help: "The id is that of a batch: withdraw all of its faxes that can be.") var batch = false
    @Flag(help: "Print the server's answer as JSON.") var json = false

    private struct Cancelled: Decodable {
        let cancelled: Int
        let ending: Int
        let too_late: Int
    }

    func run() async throws {
        try await APIClient.use { client in
            let answer = try await client.call(.post, "/\(batch ? "batches" : "fax")/\(PathSegment.encode(id))/cancel")
            if json { return print(String(decoding: answer, as: UTF8.self)) }
            if batch {
                let done = try client.decode(Cancelled.self, answer)
                return print("\(done.cancelled) cancelled, \(done.ending) in a call that is being ended, \(done.too_late) too late")
            }
            let fax = try client.decode(RemoteFax.self, answer)
            print(fax.state == "sending" ? "\(fax.id)  its call is being ended" : fax.summary)
        }
    }
}
