import FoundationEssentials
import Hummingbird
import NIOCore

/// Reads the JSON body of an administrative request.
enum JSONRequest {
    private static let maximumBytes = 65_536
    /// For the whole body: one that trickles in holds its authorisation, and a connection, no longer.
    private static let longest = Duration.seconds(60)

    /// - Parameter expected: what the body must be, for the error's sentence.
    /// - Returns: an empty body is `{}`.
    /// - Throws: 422 for anything malformed, 413 for a body of more than 64 KiB, 408 for one that is not whole after `longest`.
    static func decode<Value: Decodable>(
        _ type: Value.Type, _ request: Request, expected: String, within longest: Duration = longest
    ) async throws -> Value {
        let body = try await collect(request.body, within: longest)
        do {
            return try JSONDecoder().decode(
                type, from: Data(body.readableBytes == 0 ? Array("{}".utf8) : Array(body.readableBytesView)))
        } catch {
            throw Problem(.unprocessableContent, "The body must be a JSON object with \(expected).")
        }
    }

    private static func collect(_ body: RequestBody, within longest: Duration) async throws -> ByteBuffer {
        try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body.collect(upTo: maximumBytes) }
            group.addTask {
                try await Task.sleep(for: longest)
                return nil
            }
            guard let collected = try await group.next() ?? nil else {
                throw Problem(.requestTimeout, "The request body took too long to arrive; send it again.", closesConnection: true)
            }
            return collected
        }
    }
}
