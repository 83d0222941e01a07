import Access
import Hummingbird
import Store

/// The proof of every blob against the ledger. It reads all documents: the answer comes when all are read.
struct IntegrityRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let documents: Documents

    func add(to router: Router<Context>) {
        router.post("/admin/fsck") { request, context in
            let principal = try await authorisation.require(.systemOperate, everywhere: .manageMailbox, request, context)
            return try JSONBody(
                Report(try await IntegrityCheck(documents: documents).run(by: principal.initiator(request, context)))
            ).response()
        }
    }

    private struct Report: Encodable {
        struct Problem: Encodable {
            let document: String?
            let kind: String
            let sentence: String
        }

        let documents: Int
        let shredded: Int
        let bytes: Int64
        let problem_count: Int
        let problems: [Problem]

        init(_ report: IntegrityReport) {
            documents = report.documents
            shredded = report.shredded
            bytes = report.bytes
            problem_count = report.problemCount
            problems = report.problems.map { Problem(document: $0.document, kind: $0.kind.rawValue, sentence: $0.sentence) }
        }
    }
}
