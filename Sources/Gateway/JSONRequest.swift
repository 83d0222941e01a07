import FoundationEssentials
import Hummingbird
import NIOCore

/// Reads the JSON body of an administrative request.
enum JSONRequest {
    private static let maximumBytes = 65_536

    /// - Parameter expected: what the body must be, for the error's sentence.
    /// - Returns: an empty body is `{}`.
    /// - Throws: 422 for anything malformed, 413 for a body of more than 64 KiB.
    static func decode<Value: Decodable>(_ type: Value.Type, _ request: Request, expected: String) async throws -> Value {
        let body = try await request.body.collect(upTo: maximumBytes)
        do {
            return try JSONDecoder().decode(
                type, from: Data(body.readableBytes == 0 ? Array("{}".utf8) : Array(body.readableBytesView)))
        } catch {
            throw Problem(.unprocessableContent, "The body must be a JSON object with \(expected).")
        }
    }
}
