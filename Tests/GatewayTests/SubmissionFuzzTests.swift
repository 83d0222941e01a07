import HTTPTypes
import HummingbirdTesting
import Store
import Testing

/// Damaged forms, from seeds: never an error of the server, and nothing kept of what was refused.
@Suite struct SubmissionFuzzTests {
    private static let valid = TestForm(
        .field("to", "+15551230100"), .field("resolution", "fine"), .field("paper", "a4"), .file(TestForm.text, name: "a.txt"))
    private static let tokens = [
        "\r\n", "--\(TestForm.boundary)", "--\(TestForm.boundary)--", "\r", "\n", "\"", "\\", ";", "=", "\0",
        "name=\"file\"", "name=\"to\"",
        "Content-Disposition: form-data; ", "%PDF-1.7", "\u{FEFF}", "é", "\u{202E}",
    ]

    @Test(arguments: 0..<12) func mutatedForms(seed: Int) async throws {
        try await TestGateway.run(["MAX_FILE_SIZE_MB": "1"]) { gateway, client in
            var random = SeededGenerator(seed: UInt64(seed))
            var accepted = 0
            for _ in 0..<60 {
                var body = Self.valid.bytes
                for _ in 0..<Int.random(in: 1...5, using: &random) { Self.mutate(&body, using: &random) }
                var headers = HTTPFields.bootstrap.form
                if Int.random(in: 0..<8, using: &random) == 0 {
                    var type = Array((headers[.contentType] ?? "").utf8)
                    Self.mutate(&type, using: &random)
                    headers[.contentType] = String(decoding: type.filter { (0x20...0x7E).contains($0) }, as: UTF8.self)
                }
                let response = try await client.send(body, headers)
                #expect([202, 400, 413, 415, 422].contains(response.status.code), "seed \(seed): \(body)")
                if response.status == .accepted {
                    accepted += 1
                    #expect(try response.json().names == SubmissionTests.faxNames)
                } else {
                    #expect(response.detail?.isEmpty == false, "seed \(seed): \(body)")
                }
            }
            #expect(try gateway.blobs().count == accepted)
            #expect(try await gateway.store.faxes(limit: 1000).count == accepted)
            #expect(!gateway.logs.all.contains { $0.hasPrefix("error") })
        }
    }

    private static func mutate(_ body: inout [UInt8], using random: inout SeededGenerator) {
        guard !body.isEmpty else { return }
        let index = Int.random(in: 0..<body.count, using: &random)
        let end = min(index + Int.random(in: 1...60, using: &random), body.count)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: body[index] = UInt8.random(in: 0...255, using: &random)
        case 1: body.remove(at: index)
        case 2: body.insert(contentsOf: Array((tokens.randomElement(using: &random) ?? "").utf8), at: index)
        case 3: body.removeSubrange(index..<end)
        case 4: body.removeSubrange(index...)
        default: body.insert(contentsOf: Array(body[index..<end]), at: Int.random(in: 0...body.count, using: &random))
        }
    }
}
