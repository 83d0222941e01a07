import ArgumentParser

/// `faxlock pdf`.
struct PDFCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pdf", abstract: "Fetch the pages of a fax as PDF.",
        discussion: "A fax that was sent shows the image that was really transmitted; --inbound takes the id of a received fax.")

    @Argument(help: "The fax's id.") var id: String
    @Option(name: .shortAndLong, help: "The file to write; it must not exist.", completion: .file()) var output: String
    @Option(help: "Why the document is opened: a purpose, as treatment, and possibly a reference, as treatment:ORDER-7F.") var reason:
        String?
    @Flag(help: "The id is that of a received fax.") var inbound = false

    private struct Link: Decodable { let token: String }

    func run() async throws {
        try await APIClient.use { client in
            let segment = PathSegment.encode(id)
            let bytes: [UInt8]
            if inbound {
                bytes = try await client.call(.get, "/inbound/\(segment)/pdf", reason: reason)
            } else {
                let link = try client.decode(
                    Link.self, try await client.call(.post, "/fax/\(segment)/pdf-token", reason: reason))
                bytes = try await client.call(.get, "/fax/\(segment)/pdf?token=\(link.token)")
            }
            try NewFile.write(bytes, to: output)
            print(output)
        }
    }
}
