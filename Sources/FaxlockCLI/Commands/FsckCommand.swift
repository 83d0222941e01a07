import ArgumentParser

/// `faxlock fsck`.
struct FsckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck", abstract: "Prove every sealed document against the audit ledger.",
        discussion: """
            Every document is opened and compared with its row and with the event that recorded it; of destroyed ones, certificate and \
            absence are checked. Exit status 0 if all is well, 1 if there are problems.
            """)

    @Flag(help: "Print the server's answer as JSON.") var json = false

    private struct Report: Decodable {
        struct Problem: Decodable {
            let document: String?
            let kind: String
            let sentence: String
        }

        let documents: Int
        let shredded: Int
        let bytes: Int64
        let problem_count: Int
        let problems: [Problem]
    }

    func run() async throws {
        let count = try await APIClient.use { client in
            let answer = try await client.call(.post, "/admin/fsck")
            let report = try client.decode(Report.self, answer)
            if json {
                print(String(decoding: answer, as: UTF8.self))
            } else {
                for problem in report.problems { print("\(problem.document ?? "ledger")  \(problem.kind)  \(problem.sentence)") }
                print(
                    "\(report.documents) documents, \(report.bytes) bytes, \(report.shredded) destroyed, \(report.problem_count) problems")
            }
            return report.problem_count
        }
        guard count == 0 else {
            throw CommandFailure(.failed, "The documents are not all what the ledger says; docs/retention.md says what each problem means.")
        }
    }
}
