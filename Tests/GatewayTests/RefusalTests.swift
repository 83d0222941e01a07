import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

/// What `POST /fax` does not take. After every refusal nothing is left: no blob, no unfinished file, no row.
@Suite struct RefusalTests {
    struct Case: Sendable, CustomStringConvertible {
        let description: String
        let status: HTTPResponse.Status
        let form: TestForm
        init(_ description: String, _ status: HTTPResponse.Status, _ parts: TestForm.Part...) {
            self.description = description
            self.status = status
            form = TestForm(parts: parts)
        }
    }

    private static let to = TestForm.Part.field("to", "+15551230100")
    private static let file = TestForm.Part.file(TestForm.pdf)
    private static let long = String(repeating: "1", count: 1025)

    private static let refused: [Case] = [
        Case("no number", .unprocessableContent, file),
        Case("no file", .unprocessableContent, to),
        Case("nothing", .unprocessableContent),
        Case("the file is called document", .unprocessableContent, to, .field("document", "text")),
        Case("empty file", .badRequest, to, .file([])),
        Case("two files", .badRequest, to, file, file),
        Case("two numbers", .badRequest, to, to, file),
        Case("two numbers around the file", .badRequest, to, file, to),
        Case("the same unknown field twice", .badRequest, to, .field("x", ""), .field("x", ""), file),
        Case("over-long number", .badRequest, .field("to", long), file),
        Case("over-long unknown field", .badRequest, to, file, .field("x", long)),
        Case("unknown resolution", .badRequest, to, file, .field("resolution", "superfine")),
        Case("resolution in capitals", .badRequest, to, file, .field("resolution", "FINE")),
        Case("unknown paper", .badRequest, to, file, .field("paper", "A0")),
        Case("a ZIP", .unsupportedMediaType, to, .file([0x50, 0x4B, 3, 4, 20, 0])),
        Case("an executable called PDF", .unsupportedMediaType, to, .file([0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0])),
        Case("HTML", .unsupportedMediaType, to, .file(Array("<!DOCTYPE html><p>".utf8), type: "text/plain")),
        Case("Latin-1", .unsupportedMediaType, to, .file([0x4D, 0xF8, 0x6C, 0x6C, 0x65, 0x72], type: "text/plain")),
        Case("UTF-16", .unsupportedMediaType, to, .file([0xFF, 0xFE, 0x61, 0], type: "text/plain")),
        Case("a long file of no kind", .unsupportedMediaType, to, .file([UInt8](repeating: 0, count: 600_000))),
        Case("a NUL in the file's name", .badRequest, to, .file(TestForm.pdf, name: "a\u{0}b")),
        Case("base64", .badRequest, to, .init(headers: file.headers + ["Content-Transfer-Encoding: base64"], bytes: file.bytes)),
        Case("a part without a name", .badRequest, to, file, .init(headers: ["Content-Disposition: form-data"], bytes: [])),
    ]

    @Test(arguments: refused) func refusedForms(_ form: Case) async throws {
        try await TestGateway.run { gateway, client in
            let response = try await client.send(form.form)
            #expect(response.status == form.status)
            #expect(response.detail != nil)
            try await gateway.expectNothing()
        }
    }

    private static let numbers = [
        "", "+", "12345", "+12345", "123456789012345678901", "++155512301", "155512301+", "(555) 123-0100", "555.123.0100",
        " 5551230100", "5551230100\n", "٥٥٥١٢٣٠١٠٠", "５５５１２３", "5551230100;rm", "0x155512", "555123\u{0}0100", "+1555123O100",
        "+1555123010", "+999123456789", "+15551230100x12",
    ]

    @Test(arguments: numbers) func badNumbers(number: String) async throws {
        try await TestGateway.run { gateway, client in
            // Also when the whole file was read before the number came.
            for form in [TestForm(.field("to", number), Self.file), TestForm(Self.file, .field("to", number))] {
                let response = try await client.send(form)
                #expect(response.status == .badRequest)
                let sentences = ["This is", "There are letters", "The number has", "No country has", "A fax machine"]
                #expect(sentences.contains { response.detail?.hasPrefix($0) == true }, "\(response.detail ?? "")")
                try await gateway.expectNothing()
            }
        }
    }

    @Test func notMultipart() async throws {
        try await TestGateway.run { gateway, client in
            for type in [nil, "", "application/json", "application/x-www-form-urlencoded", "multipart/mixed; boundary=x", "multipart"] {
                var headers = HTTPFields.bootstrap
                headers[.contentType] = type
                let response = try await client.send(TestForm.good.bytes, headers)
                #expect(response.status == .unsupportedMediaType, "\(type ?? "none")")
                #expect(response.detail == "The request body must be multipart/form-data.")
            }
            for type in ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=a; boundary=b"] {
                var headers = HTTPFields.bootstrap
                headers[.contentType] = type
                let response = try await client.send(TestForm.good.bytes, headers)
                #expect(response.status == .badRequest, "\(type)")
                #expect(response.detail == "The Content-Type has no valid multipart boundary.")
            }
            try await gateway.expectNothing()
        }
    }

    /// A body that ends early is never taken for a whole one, wherever it ends.
    @Test func truncatedBodies() async throws {
        try await TestGateway.run { gateway, client in
            let whole = TestForm.good.bytes
            // The last two bytes are the line end after the closing delimiter, which RFC 2046 does not ask for.
            for count in 0..<(whole.count - 2) {
                let response = try await client.send(Array(whole[..<count]), .bootstrap.form)
                #expect(response.status == .badRequest, "\(count) bytes")
                #expect(response.detail != nil)
            }
            try await gateway.expectNothing()
            #expect(try await client.send(Array(whole.dropLast(2)), .bootstrap.form).status == .accepted)
        }
    }

    @Test func anotherBoundary() async throws {
        try await TestGateway.run { gateway, client in
            var headers = HTTPFields.bootstrap
            headers[.contentType] = "multipart/form-data; boundary=another"
            #expect(try await client.send(TestForm.good.bytes, headers).status == .badRequest)
            let noise = [UInt8](repeating: 0x2D, count: 300_000)
            #expect(try await client.send(noise, .bootstrap.form).status == .badRequest)
            try await gateway.expectNothing()
        }
    }

    @Test func tooManyParts() async throws {
        try await TestGateway.run { gateway, client in
            var form = TestForm(Self.to, Self.file)
            form.parts += (0..<100).map { .field("x\($0)", "") }
            #expect(try await client.send(form).status == .badRequest)
            try await gateway.expectNothing()
        }
    }

    /// Counted as it comes: the request says nothing of its length here, or not the truth.
    @Test func tooLargeAFile() async throws {
        try await TestGateway.run(["MAX_FILE_SIZE_MB": "1"]) { gateway, client in
            let response = try await client.send(
                TestForm(Self.to, .file(TestForm.pdf + [UInt8](repeating: 0x20, count: (1 << 20) - TestForm.pdf.count + 1))))
            #expect(response.status == .contentTooLarge)
            #expect(response.detail == "The file is larger than 1 MB (MAX_FILE_SIZE_MB).")
            #expect(response.headers[.connection] == "close")
            try await gateway.expectNothing()
        }
    }

    /// Whoever reads one refusal has learnt nothing of the fax, and neither has the log.
    @Test func nothingOfTheFaxIsSaid() async throws {
        try await TestGateway.run { gateway, client in
            for form in [
                TestForm(.field("to", "5551230199x"), .file(Array("SECRET".utf8), name: "SECRET.txt")),
                TestForm(.field("to", "5551230199"), .file([0] + Array("SECRET".utf8), name: "SECRET.txt")),
                TestForm(.field("to", "5551230199"), .field("SECRET", "SECRET"), .field("SECRET", "SECRET")),
            ] {
                let response = try await client.send(form)
                #expect(response.status.code >= 400 && response.status.code < 500)
                let text = String(decoding: response.bytes, as: UTF8.self)
                #expect(!text.contains("SECRET") && !text.contains("5551230199"))
            }
            #expect(!gateway.logs.all.contains { $0.contains("SECRET") || $0.contains("555123") })
        }
    }
}
