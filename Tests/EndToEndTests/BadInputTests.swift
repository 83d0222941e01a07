import NIOHTTP1
import Testing

extension EndToEnd {
    /// Whatever is sent in: a clear answer, a living server, and nothing left running.
    @Suite struct BadInputTests {
        /// A document that is accepted and then cannot be faxed.
        struct Bad: CustomTestStringConvertible {
            let testDescription: String
            /// What the error must speak of.
            let word: String
            let bytes: @Sendable () throws -> [UInt8]

            init(_ name: String, word: String, _ bytes: @escaping @Sendable () throws -> [UInt8]) {
                testDescription = name
                self.word = word
                self.bytes = bytes
            }
        }

        private static let documents = [
            Bad("encrypted PDF", word: "password") {
                try TemporaryFolder.read(BuiltProducts.tests + "/Fixtures/encrypted.pdf")
            },
            Bad("truncated PDF", word: "") {
                Array(try TemporaryFolder.read(BuiltProducts.repository + "/Samples/sample.pdf").prefix(40_000))
            },
            Bad("rubbish with the header of a PDF", word: "") { Array("%PDF-1.7\n".utf8) + (0..<5000).map { UInt8($0 * 31 & 0xFF) } },
            Bad("a page of 100 m", word: "long") { SampleDocuments.pdf(pages: 1, height: { _ in 283_465 }) { _ in ["far"] } },
            Bad("JPEG of 900 million picture elements", word: "too large") { SampleDocuments.jpegBomb(side: 30_000) },
            Bad("PNG of 900 million picture elements", word: "too large") { SampleDocuments.pngBomb(side: 30_000) },
        ]

        @Test func documentsThatCannotBeFaxedFailWithASentence() async throws {
            try await ServerProcess.with { server in
                for bad in Self.documents {
                    let accepted = try await server.client.send(try bad.bytes(), to: "+15551230140")
                    let fax = try await server.client.end(of: accepted.id)
                    let error = fax.error ?? ""
                    #expect(fax.status == "FAILED" && fax.attempts?.isEmpty == true, "\(bad.testDescription)")
                    #expect(error.contains(bad.word) && error.contains(" ") && error.contains("."), "\(bad.testDescription): \(error)")
                }
                #expect(try await server.client.received(at: "+15551230140").isEmpty)
                try await Self.expectIdle(server)
            }
        }

        @Test func submissionsThatCannotBeTakenAreRefusedWithASentence() async throws {
            try await ServerProcess.with(settings: ["MAX_FILE_SIZE_MB": "1"]) { server in
                let text = SampleDocuments.text("Fine")
                let (number, client) = ("+15551230141", server.client)
                let cases: [(String, UInt, GatewayClient.Answer)] = [
                    ("empty", 400, try await client.submit([], to: number)),
                    ("a ZIP file", 415, try await client.submit([0x50, 0x4B, 3, 4] + text, to: number)),
                    ("2 MiB", 413, try await client.submit([UInt8](repeating: 0x61, count: 2 << 20), to: number)),
                    ("no number", 422, try await client.submit(text, to: nil)),
                    ("letters for a number", 400, try await client.submit(text, to: "call me")),
                    ("no form", 415, try await client.call(.POST, "/fax", body: text)),
                    ("half a form", 400, try await halfAForm(client)),
                    ("odd resolution", 400, try await client.submit(text, to: number, fields: ["resolution": "sharp"])),
                ]
                for (name, status, answer) in cases {
                    #expect(answer.status == status && answer.detail.hasSuffix("."), "\(name): \(answer.status) \(answer.detail)")
                }
                let all = try await client.call(.GET, "/fax").decode([Fax].self)
                #expect(all.isEmpty)
                try await Self.expectIdle(server)
            }
        }

        private func halfAForm(_ client: GatewayClient) async throws -> GatewayClient.Answer {
            let form = "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf a docu"
            return try await client.call(.POST, "/fax", body: Array(form.utf8), contentType: "multipart/form-data; boundary=cut")
        }

        /// The server lives and works, no worker or renderer runs, and no unfinished file is left.
        private static func expectIdle(_ server: ServerProcess) async throws {
            #expect(try await server.client.isHealthy)
            let last = try await server.client.send(SampleDocuments.text("And a good one"), to: "+15551230149")
            #expect(try await server.client.end(of: last.id).status == "SUCCESS")
            _ = try await eventually("all workers end", within: .seconds(15)) { server.workers.isEmpty ? true : nil }
            let unfinished = try await Command.run("/bin/ls", ["-A", server.dataFolder + "/blobs/incoming"])
            #expect(unfinished.status == 0 && unfinished.output.isEmpty, "\(unfinished.output)")
        }
    }
}
