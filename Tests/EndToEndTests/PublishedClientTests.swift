import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// Programs that were written for Faxbot work unchanged.
    @Suite struct PublishedClientTests {
        private static let python = getenv("FAXLOCK_TEST_PYTHON").map { String(cString: $0) }

        private struct Job: Decodable {
            let id: String
            let to: String
            let status: String
            let pages: Int?
        }

        @Test(.enabled(if: python != nil, "FAXLOCK_TEST_PYTHON names no Python that has faxbot 1.1.0"))
        func pythonClientSendsPDFAndText() async throws {
            let python = try #require(Self.python)
            try await TemporaryFolder.with { folder in
                let text = try folder.write(SampleDocuments.text("Sent by the published client"), to: "letter.txt")
                try await ServerProcess.with(folder) { server in
                    let result = try await Command.run(
                        python,
                        [
                            BuiltProducts.tests + "/faxbot_client.py", server.client.url, server.client.key, "+15551230102",
                            BuiltProducts.repository + "/Samples/sample.pdf", text,
                        ])
                    try #require(result.status == 0, "\(result.complaints)")
                    let jobs = try JSONDecoder().decode([Job].self, from: Data(result.output.utf8))
                    #expect(jobs.map(\.status) == ["SUCCESS", "SUCCESS"])
                    #expect(jobs.map(\.pages) == [3, 1])
                    #expect(jobs.allSatisfy { $0.to == "+15551230102" })
                    for job in jobs { _ = try await server.client.receivedFax(of: job.id) }
                    #expect(try await server.client.received(at: "+15551230102").count == 2)
                }
            }
        }
    }
}
