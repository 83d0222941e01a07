import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore

/// A form for `POST /fax`.
struct TestForm: Sendable {
    struct Part: Sendable {
        var headers: [String]
        var bytes: [UInt8]

        static func field(_ name: String, _ value: String) -> Part {
            Part(headers: ["Content-Disposition: form-data; name=\"\(name)\""], bytes: Array(value.utf8))
        }

        static func file(_ bytes: [UInt8], name: String = "letter.pdf", type: String? = "application/pdf") -> Part {
            let disposition = "Content-Disposition: form-data; name=\"file\"; filename=\"\(name)\""
            return Part(headers: [disposition] + (type.map { ["Content-Type: \($0)"] } ?? []), bytes: bytes)
        }
    }

    static let boundary = "----faxlock-test-boundary"
    static let text = Array("Please call the ward.\n".utf8)
    static let pdf = Array("%PDF-1.7\n1 0 obj\n".utf8)
    static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
    static let tiff: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0]
    static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16]

    var parts: [Part]

    init(_ parts: Part...) { self.parts = parts }
    init(parts: [Part]) { self.parts = parts }

    /// A form that is accepted.
    static let good = TestForm(.field("to", "+15551230100"), .file(pdf))

    var bytes: [UInt8] { multipartBody(boundary: Self.boundary, parts.map { ($0.headers, $0.bytes) }) }
}

extension HTTPFields {
    static let bootstrap = HTTPFields.key(TestGateway.bootstrapKey)

    static func key(_ token: String?) -> HTTPFields {
        var fields = HTTPFields()
        if let token { fields[HTTPField.Name("X-API-Key")!] = token }
        return fields
    }

    /// These and the type of a form.
    var form: HTTPFields {
        var fields = self
        fields[.contentType] = "multipart/form-data; boundary=\(TestForm.boundary)"
        return fields
    }
}

extension TestClientProtocol {
    func send(_ form: TestForm, _ headers: HTTPFields = .bootstrap) async throws -> TestResponse {
        try await send(form.bytes, headers.form)
    }

    /// `POST /fax` with this body; the type of a form is not added.
    func send(_ body: [UInt8], _ headers: HTTPFields) async throws -> TestResponse {
        try await execute(uri: "/fax", method: .post, headers: headers, body: ByteBuffer(bytes: body))
    }

    func get(_ uri: String, _ headers: HTTPFields = .bootstrap) async throws -> TestResponse {
        try await execute(uri: uri, method: .get, headers: headers)
    }

    func post(_ uri: String, _ headers: HTTPFields = .bootstrap, json: String? = nil) async throws -> TestResponse {
        try await execute(uri: uri, method: .post, headers: headers, body: json.map { ByteBuffer(string: $0) })
    }
}
