import Foundation
import Glibc
import NIOHTTP1
import Subprocess
import Testing

extension EndToEnd {
    /// A client is told what happens to its fax, and makes and tries its webhook at the prompt.
    @Suite struct WebhookTests {
        private static let python = getenv("FAXLOCK_TEST_PYTHON").map { String(cString: $0) }
        private static let receiver = BuiltProducts.tests + "/Fixtures/webhook_receiver.py"

        private struct Delivery: Decodable {
            let id: String
            let type: String
            let state: String
            let attempts: Int
            let last_status: Int?
            let last_failure: String?
        }

        @Test(.enabled(if: python != nil, "FAXLOCK_TEST_PYTHON names no Python that has standardwebhooks"))
        func aReceiverIsToldOfAFax() async throws {
            let python = try #require(Self.python)
            try await TemporaryFolder.with { folder in
                let receiver = Task { try await Command.run(python, [Self.receiver, folder.path]) }
                defer { receiver.cancel() }
                let settings = ["FAXLOCK_WEBHOOK_ALLOW_LOOPBACK": "true", "FAXLOCK_SANDBOX": "instant"]
                try await ServerProcess.with(folder, settings: settings) { server in
                    let environment = ["FAXLOCK_URL": server.client.url, "FAXLOCK_API_KEY": server.client.key]
                    func faxlock(_ arguments: String...) async throws -> Command {
                        try await Command.run(BuiltProducts.faxlock, ["webhooks"] + arguments, environment: environment)
                    }
                    let port = try await eventually("the receiver's port") {
                        (try? TemporaryFolder.read(folder.path + "/port")).map { String(decoding: $0, as: UTF8.self) }
                    }
                    let made = try await faxlock("add", "http://127.0.0.1:\(port)/hook")
                    try #require(made.status == 0, "\(made.complaints)")
                    let id = try #require(made.output.firstMatch(of: /wh_[0-9a-f]{32}/).map { String($0.0) })
                    _ = try folder.write(Array(try #require(made.output.firstMatch(of: /whsec_\S+/)).0.utf8), to: "secret")
                    let tried = try await faxlock("test", id)
                    #expect(tried.status == 0 && tried.output.contains("delivered"), "\(tried.output)\(tried.complaints)")

                    let fax = try await server.client.send(SampleDocuments.text("An invented letter"), to: "+15551230142")
                    #expect(try await server.client.end(of: fax.id).status == "SUCCESS")
                    let told = try await receiver.value
                    let messages = told.output.split(separator: "\n")
                    #expect(told.status == 0 && !messages.contains { $0.hasPrefix("bad") }, "\(told.output)\(told.complaints)")
                    for type in ["webhook.test", "fax.accepted", "fax.queued", "fax.sending", "fax.delivered"] {
                        #expect(messages.contains { $0.contains(#""type":"\#(type)""#) }, "\(type)")
                    }
                    #expect(!told.output.contains("5551230142") && told.output.contains(fax.id))

                    let listed = try await faxlock("deliveries", id, "--json")
                    let deliveries = try JSONDecoder().decode([Delivery].self, from: Data(listed.output.utf8))
                    #expect(deliveries.contains { $0.type == "fax.delivered" && $0.state == "delivered" && $0.last_status == 204 })
                    // One was refused at first.
                    #expect(deliveries.contains { $0.attempts == 2 })
                    #expect(!server.log.contains("/hook"))

                    // The receiver is gone now.
                    let failed = try await faxlock("test", id)
                    #expect(failed.status == 1 && failed.output.contains("connection_failed"), "\(failed.output)")
                    #expect(try await faxlock("replay", id).output == "0 messages are posted again\n")
                    #expect(try await faxlock("rotate", id).output.contains("whsec_"))
                    #expect(try await faxlock("list").output.hasPrefix(id))
                    #expect(try await faxlock("secret").output.hasPrefix("whsec_"))
                    #expect(try await faxlock("remove", id).status == 0)
                    #expect(try await faxlock("deliveries", "--state", "pending").output.isEmpty)
                }
            }
        }
    }
}
