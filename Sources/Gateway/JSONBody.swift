import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// A response body in JSON. Keys are sorted, so that the same thing always has the same bytes.
struct JSONBody<Value: Encodable> {
    private let value: Value

    init(_ value: Value) {
        self.value = value
    }

    func response(_ status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(value)
        return Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
    }
}
