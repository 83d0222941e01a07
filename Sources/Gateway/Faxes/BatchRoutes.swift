import Access
import FaxDispatch
import FaxModel
import Hummingbird
import Store

/// Faxes that were sent together: how they are, and withdrawing those that have not gone.
struct BatchRoutes: Sendable {
    typealias Context = GatewayContext

    let authorisation: Authorisation
    let store: FaxStore
    let intake: Intake

    func add(to router: Router<Context>) {
        router.get("/batches/{id}") { request, context in try await show(request, context) }
        router.post("/batches/{id}/cancel") { request, context in try await cancel(request, context) }
    }

    private func show(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.faxRead, request, context)
        let (id, faxes) = try await found(by: principal, context)
        return try JSONBody(BatchDocument(id: id, faxes: faxes)).response()
    }

    private struct Cancelled: Encodable {
        let batch: BatchDocument
        var cancelled = 0
        var ending = 0
        var tooLate = 0

        private enum Key: String, CodingKey {
            case cancelled, ending
            case tooLate = "too_late"
        }

        func encode(to encoder: any Encoder) throws {
            try batch.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(cancelled, forKey: .cancelled)
            try container.encode(ending, forKey: .ending)
            try container.encode(tooLate, forKey: .tooLate)
        }
    }

    /// Each fax is withdrawn by itself: some may be over, and some in a call.
    private func cancel(_ request: Request, _ context: Context) async throws -> Response {
        let principal = try await authorisation.require(.faxSend, request, context)
        let (id, faxes) = try await found(by: principal, context)
        guard faxes.allSatisfy(principal.operates) else {
            throw await authorisation.denied(
                principal, "Your role in this batch's mailbox does not change what becomes of faxes", needing: "operator", request, context)
        }
        var counts = (cancelled: 0, ending: 0, tooLate: 0)
        for fax in faxes {
            switch try await intake.cancel(fax.id, by: principal.initiator(request, context)) {
            case .cancelled: counts.cancelled += 1
            case .ending: counts.ending += 1
            case .tooLate: counts.tooLate += 1
            }
        }
        let after = BatchDocument(id: id, faxes: try await store.faxes(ofBatch: id))
        return try JSONBody(Cancelled(batch: after, cancelled: counts.cancelled, ending: counts.ending, tooLate: counts.tooLate)).response()
    }

    /// The batch that a path names, if the key may see all of it.
    private func found(by principal: Principal, _ context: Context) async throws -> (FaxID, [FaxRecord]) {
        guard let id = context.parameters.get("id").flatMap({ FaxID($0) }) else { throw Self.noSuchBatch }
        let faxes = try await store.faxes(ofBatch: id)
        guard !faxes.isEmpty, faxes.allSatisfy(principal.sees) else { throw Self.noSuchBatch }
        return (id, faxes)
    }

    private static let noSuchBatch = Problem(.notFound, "Batch not found")
}
