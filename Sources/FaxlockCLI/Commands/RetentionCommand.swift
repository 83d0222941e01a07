import ArgumentParser
import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// `faxlock retention`.
struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "Destroy documents that need not be kept.", subcommands: [Run.self, Shred.self])

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run retention now, instead of at its hour; prints what was destroyed.")

        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Report: Decodable {
            let faxes: Int
            let documents: Int
            let files: Int
            let epochs: Int
        }

        func run() async throws {
            try await APIClient.use { client in
                let answer = try await client.call(.post, "/admin/retention/run")
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                let report = try client.decode(Report.self, answer)
                print("\(report.documents) documents of \(report.faxes) faxes, \(report.files) files, \(report.epochs) epoch keys")
            }
        }
    }

    struct Shred: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Destroy the documents of one finished fax, whatever its rule says. There is no way back.")

        @Argument(help: "The fax's id.") var fax: String
        @Flag(help: "Print the server's answer as JSON.") var json = false

        private struct Shredded: Decodable {
            let documents: Int
        }

        func run() async throws {
            try await APIClient.use { client in
                let wanted = try JSONEncoder().encode(["fax": fax])
                let answer = try await client.call(.post, "/admin/retention/shred", body: .bytes(ByteBuffer(bytes: wanted)))
                if json { return print(String(decoding: answer, as: UTF8.self)) }
                print("\(try client.decode(Shredded.self, answer).documents) documents destroyed")
            }
        }
    }
}
