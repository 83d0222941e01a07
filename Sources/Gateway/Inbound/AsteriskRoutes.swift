import Access
package import Backends
import Crypto
import FaxModel
import FoundationEssentials
import HTTPTypes
import Hummingbird
import Ledger
package import ServerSettings

/// What takes the faxes that Asterisk received.
package struct AsteriskIntake: Sendable {
    let secret: Secret
    let spool: InboundSpool

    /// - Parameter secret: `ASTERISK_INBOUND_SECRET`.
    package init(secret: Secret, spool: InboundSpool) {
        self.secret = secret
        self.spool = spool
    }

    /// Takes in what Asterisk received and could not tell of: at a start, and now and then.
    package func sweep() async {
        await spool.sweep()
    }
}

/// Asterisk tells of a fax that it received.
struct AsteriskRoutes: Sendable {
    typealias Context = GatewayContext

    private static let expected = "tiff_path, to_number, from_number, faxstatus, faxpages and uniqueid"

    let authorisation: Authorisation
    /// Nil where Asterisk is not the line.
    let intake: AsteriskIntake?

    func add(to router: Router<Context>) {
        router.post("/_internal/asterisk/inbound") { request, context in try await take(request, context) }
    }

    private struct Answer: Encodable {
        var id: String?
        var status: String
    }

    private func take(_ request: Request, _ context: Context) async throws -> Response {
        guard let intake else {
            throw Problem(.notFound, "Asterisk is not the line of this server (FAX_BACKEND).", closesConnection: true)
        }
        guard Self.isEqual(request.headers[.internalSecret] ?? "", intake.secret.value) else {
            try await authorisation.refuse(
                Problem(.unauthorized, "Missing or wrong X-Internal-Secret", closesConnection: true), because: "secret",
                by: Initiator(.anonymous, client: "asterisk", address: context.address?.description, requestID: context.id), context)
        }
        let notice: InboundSpool.Notice
        do {
            notice = try await JSONRequest.decode(InboundSpool.Notice.self, request, expected: Self.expected)
        } catch let problem as Problem where problem.status == .unprocessableContent {
            throw Problem(.badRequest, problem.detail)
        }
        do {
            switch try await intake.spool.take(notice) {
            case .received(let id): return try JSONBody(Answer(id: id.text, status: "ok")).response()
            case .refused: return try JSONBody(Answer(status: "refused")).response()
            }
        } catch let failure as InboundSpool.Failure {
            switch failure {
            case .invalid, .missing: throw Problem(.badRequest, "\(failure)")
            case .unreadable: throw Problem(.unprocessableContent, "\(failure)")
            case .notReceiving: throw Problem(.notFound, "\(failure)")
            }
        }
    }

    /// Compares in a time that says nothing of where they differ, nor of the secret's length.
    private static func isEqual(_ shown: String, _ secret: String) -> Bool {
        SHA256.hash(data: Array(shown.utf8)) == SHA256.hash(data: Array(secret.utf8))
    }
}
