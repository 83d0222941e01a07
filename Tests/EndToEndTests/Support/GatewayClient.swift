import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// Speaks HTTP to a server, with a deadline on everything.
struct GatewayClient: Sendable {
    /// An answer, whatever its status.
    struct Answer: Sendable {
        let status: UInt
        let body: [UInt8]

        func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: Data(body))
        }

        /// The sentence of an error.
        var detail: String { (try? decode([String: String].self)["detail"]) ?? "" }
    }

    let url: String
    let key: String

    /// A server that was killed is gone: the client does not wait for it to come back. Never shut down; it ends with the tests.
    private static let http = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()

    func call(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, contentType: String = "application/json",
        headers: [(String, String)] = []
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = method
        request.headers.add(name: "X-API-Key", value: key)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.headers.add(name: "Content-Type", value: contentType)
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let response = try await Self.http.execute(request, timeout: .seconds(60))
        let buffer = try await response.body.collect(upTo: 256 << 20)
        return Answer(status: response.status.code, body: Array(buffer.readableBytesView))
    }

    /// `POST /fax`, whatever comes of it.
    func submit(_ document: [UInt8], to number: String?, fields: [String: String] = [:]) async throws -> Answer {
        let boundary = "end-to-end-boundary"
        var fields = fields
        fields["to"] = number
        var form: [UInt8] = []
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            form += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
        }
        form += "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"document\"\r\n\r\n".utf8
        form += document
        form += "\r\n--\(boundary)--\r\n".utf8
        return try await call(.POST, "/fax", body: form, contentType: "multipart/form-data; boundary=\(boundary)")
    }

    /// Submits a document that must be accepted.
    func send(_ document: [UInt8], to number: String, fields: [String: String] = [:]) async throws -> Fax {
        let answer = try await submit(document, to: number, fields: fields)
        try #require(answer.status == 202, "\(answer.status): \(answer.detail)")
        return try answer.decode(Fax.self)
    }

    func fax(_ id: String) async throws -> Fax {
        let answer = try await call(.GET, "/fax/\(id)")
        try #require(answer.status == 200, "\(answer.status): \(answer.detail)")
        return try answer.decode(Fax.self)
    }

    /// The fax, once it is as `isReached` wants it.
    func fax(
        _ id: String, _ what: String, within limit: Duration = .seconds(60), _ isReached: (Fax) -> Bool
    ) async throws -> Fax {
        var last: Fax?
        do {
            return try await eventually(what, within: limit) {
                let fax = try await fax(id)
                last = fax
                return isReached(fax) ? fax : nil
            }
        } catch let missed as DeadlineMissed {
            throw DeadlineMissed(description: "\(missed); last seen: \(last?.state ?? "-") \(last?.error ?? "")")
        }
    }

    /// The fax, once nothing more will happen to it.
    func end(of id: String, within limit: Duration = .seconds(60)) async throws -> Fax {
        try await fax(id, "the fax ends", within: limit) { $0.isOver }
    }

    /// The id of what the exchange received in the last attempt. The far side stores it at about the time the call ends.
    func receivedFax(of id: String) async throws -> String {
        try await eventually("the received fax is stored") { try await fax(id).attempts?.last?.received_fax_id }
    }

    func received(at number: String) async throws -> [ReceivedFax] {
        let answer = try await call(.GET, "/inbound?limit=1000&to_number=\(number.replacing("+", with: "%2B"))")
        try #require(answer.status == 200, "\(answer.status): \(answer.detail)")
        return try answer.decode([ReceivedFax].self)
    }

    /// The pages as they were transmitted.
    func transmittedPDF(of id: String) async throws -> [UInt8] {
        let link = try await call(.POST, "/fax/\(id)/pdf-token").decode([String: String].self)
        let answer = try await call(.GET, "/fax/\(id)/pdf?token=\(try #require(link["token"]))")
        try #require(answer.status == 200, "\(answer.status): \(answer.detail)")
        return answer.body
    }

    func receivedPDF(of id: String) async throws -> [UInt8] {
        let answer = try await call(.GET, "/inbound/\(id)/pdf")
        try #require(answer.status == 200, "\(answer.status): \(answer.detail)")
        return answer.body
    }

    var isHealthy: Bool {
        get async throws { try await call(.GET, "/health/ready").status == 200 }
    }
}
