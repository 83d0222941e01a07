import Access
import FaxDispatch
import FaxModel
import Hummingbird
import Store

/// Destruction of what need not be kept: now, instead of at its hour.
struct RetentionRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let retention: RetentionRunner

    func add(to router: Router<Context>) {
        router.post("/admin/retention/run") { request, context in
            let principal = try await authorisation.require(.systemOperate, everywhere: .manageMailbox, request, context)
            return try JSONBody(Run(try await retention.run(by: principal.initiator(request, context)))).response()
        }
        router.post("/admin/retention/shred") { request, context in try await shred(request, context) }
    }

    private struct Run: Encodable {
        let faxes: Int
        let documents: Int
        let files: Int
        let epochs: Int
        let log_emptied: Bool

        init(_ report: RetentionRunner.Report) {
            faxes = report.faxes
            documents = report.documents
            files = report.files
            epochs = report.epochs
            log_emptied = report.isLogEmptied
        }
    }

    private struct Wanted: Decodable {
        let fax: String
    }

    private struct Shredded: Encodable {
        let fax: String
        let documents: Int
    }

    /// The documents of one fax, whatever its rule says.
    private func shred(_ request: Request, _ context: Context) async throws -> Response {
        _ = try await authorisation.require(.systemOperate, request, context)
        let wanted = try await JSONRequest.decode(Wanted.self, request, expected: "fax")
        let principal = try await authorisation.confirm(.systemOperate, request, context)
        guard let fax = FaxID(wanted.fax) else { throw Problem.noSuchFax }
        try await authorisation.require(.manageMailbox, to: fax, by: principal, request, context)
        do {
            switch try await retention.shred(fax, by: principal.initiator(request, context)) {
            case .done(let count, _): return try JSONBody(Shredded(fax: fax.text, documents: count)).response()
            case .alreadyDone: return try JSONBody(Shredded(fax: fax.text, documents: 0)).response()
            case .held: throw Problem(.conflict, "A legal hold lies on this fax. Release it first (faxlock hold release).")
            case .notFinished:
                throw Problem(.conflict, "This fax is still on its way, or its outcome is unknown: its documents are needed.")
            }
        } catch StoreFailure.unknownFax {
            throw Problem.noSuchFax
        }
    }
}
