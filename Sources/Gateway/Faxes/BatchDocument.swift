import FaxModel
import HTTPTypes
import Hummingbird
import Store

/// Several faxes of one request.
struct BatchDocument: Encodable {
    let id: FaxID
    let faxes: [FaxRecord]

    private enum Key: String, CodingKey {
        case counts, faxes
        case batch = "batch_id"
        case createdAt = "created_at"
        case isDone = "is_done"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(id.text, forKey: .batch)
        try container.encode(faxes.first?.createdAt.description, forKey: .createdAt)
        try container.encode(faxes.allSatisfy(\.state.isTerminal), forKey: .isDone)
        try container.encode(Dictionary(grouping: faxes, by: \.state.rawValue).mapValues(\.count), forKey: .counts)
        try container.encode(faxes.map { FaxDocument($0, withAttempts: false) }, forKey: .faxes)
    }
}

extension Submission.Acceptance {
    /// 202 with the job, or with the batch.
    func response() throws -> Response {
        var response: Response
        if let batch {
            response = try JSONBody(BatchDocument(id: batch, faxes: faxes)).response(.accepted)
            response.headers[.location] = "/batches/\(batch)"
        } else {
            guard let fax = faxes.first else { throw Problem.noSuchFax }
            response = try JSONBody(FaxDocument(fax, withAttempts: true)).response(.accepted)
            response.headers[.location] = "/fax/\(fax.id)"
        }
        if isReplayed { response.headers[.idempotencyReplayed] = "true" }
        return response
    }
}
