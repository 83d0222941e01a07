import ArgumentParser
import FoundationEssentials
import Ledger

/// `faxlock audit`: the ledger for auditors.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Read, export, verify and prove the audit ledger.",
        subcommands: [Tail.self, Search.self, Export.self, Verify.self, Prove.self, Review.self])

    struct Tail: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the newest events, oldest first.")

        @Option(name: .shortAndLong, help: "How many.") var number = 20

        func run() async throws {
            try await APIClient.use { client in
                let lines = try await client.call(.get, "/admin/audit/events?limit=\(number)").split(separator: UInt8(ascii: "\n"))
                for line in lines.reversed() { print(String(decoding: line, as: UTF8.self)) }
            }
        }
    }

    struct Search: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the events that match, newest first.",
            discussion: "Numbers and names are in the ledger as pseudonyms; who knows one finds its events with --number or --person.")

        @Option(help: "What they are about, as fax/ID or key/ID.") var object: String?
        @Option(help: "What was done, as content.released.") var action: String?
        @Option(help: "Who did it: a key's id or an address.") var actor: String?
        @Option(help: "A phone number.") var number: String?
        @Option(help: "An owner of keys.") var person: String?
        @Option(help: "From this time on (ISO 8601).") var from: String?
        @Option(help: "Before this time (ISO 8601).") var to: String?
        @Option(help: "At most so many.") var limit = 50

        func run() async throws {
            var query = ["limit=\(limit)"]
            for (name, value) in [
                ("object", object), ("action", action), ("actor", actor), ("number", number), ("person", person), ("from", from),
                ("to", to),
            ] {
                if let value { query.append("\(name)=\(PathSegment.encode(value))") }
            }
            try await APIClient.use { client in
                let bytes = try await client.call(.get, "/admin/audit/events?\(query.joined(separator: "&"))")
                print(String(decoding: bytes, as: UTF8.self), terminator: "")
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the whole ledger to a new folder that anybody can verify.",
            discussion: "The folder follows C2SP tlog-tiles. `faxlock audit verify` reads it without a server.")

        @Argument(help: "The folder to make.", completion: .directory) var folder: String

        func run() async throws {
            try await APIClient.use { client in
                let summary = try await LedgerDownload(client: client).write(to: folder)
                print("\(summary.leaves) events\nroot \(summary.root)\nkey \(summary.key)")
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify an exported folder, or with --evidence one fax's evidence; no server is asked.",
            discussion: """
                The trusted key is the one that the operator noted when the ledger began (the first line of `faxlock audit export`); \
                without it nothing proves who signed. Anchors are copies of checkpoints from elsewhere. Exit status 0 if all is well, 1 if not.
                """)

        @Argument(help: "The exported folder, or the file of evidence.", completion: .directory) var path: String
        @Option(help: "The trusted verifier key.") var key: String
        @Option(help: "A file of anchored checkpoints; may be repeated.", completion: .file()) var anchor: [String] = []
        @Option(help: "Sequence number of a rollback that is accepted; may be repeated.") var acceptRollback: [Int64] = []
        @Flag(help: "The path is a file that `faxlock audit prove` wrote.") var evidence = false

        func run() async throws {
            guard let trusted = VerifierKey(key) else {
                throw CommandFailure(.refused, "The key must be as `faxlock audit export` prints it: name+id+base64.")
            }
            let isValid: Bool
            if evidence {
                guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)), let document = FaxEvidence(json: Array(bytes)) else {
                    throw CommandFailure(.refused, "\(path) is no evidence that `faxlock audit prove` wrote.")
                }
                let report = EvidenceVerifier.verify(document, trusted: trusted)
                print(report.valid ? "valid" : report.problems.joined(separator: "\n"))
                isValid = report.valid
            } else {
                let verifier = LedgerVerifier(trusted: trusted, anchors: anchor, acceptedRollbacks: Set(acceptRollback))
                let report = verifier.verify(folder: path)
                print(String(decoding: try report.json, as: UTF8.self))
                isValid = report.valid
            }
            if !isValid { throw ExitCode(1) }
        }
    }

    struct Prove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write one fax's events with proofs that the ledger has them, as a JSON file.")

        @Argument(help: "The fax's id.") var id: String
        @Option(name: .shortAndLong, help: "The file to write; it must not exist.", completion: .file()) var output: String

        func run() async throws {
            try await APIClient.use { client in
                let bytes = try await client.call(.get, "/admin/audit/evidence/\(PathSegment.encode(id))")
                try NewFile.write(bytes, to: output)
                print(output)
            }
        }
    }

    struct Review: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Report what stands out in a period (refused sign-ins, bulk reading, nights, new destinations).")

        @Option(help: "From this time on (ISO 8601); seven days before the end by default.") var from: String?
        @Option(help: "Before this time (ISO 8601); now by default.") var to: String?
        @Flag(help: "Record that you have looked at it.") var done = false

        func run() async throws {
            var query: [String] = []
            if let from { query.append("from=\(PathSegment.encode(from))") }
            if let to { query.append("to=\(PathSegment.encode(to))") }
            let suffix = query.isEmpty ? "" : "?" + query.joined(separator: "&")
            try await APIClient.use { client in
                print(String(decoding: try await client.call(.get, "/admin/audit/review\(suffix)"), as: UTF8.self))
                if done { _ = try await client.call(.post, "/admin/audit/review\(suffix)") }
            }
        }
    }
}
