import Subprocess
import Testing

extension EndToEnd {
    /// `FAX_DISABLED` is how an operator keeps the line silent: also for faxes that were accepted before it was set.
    @Suite struct FaxDisabledTests {
        @Test func whatWaitsIsNotDialledBeforeTheLineIsAllowedAgain() async throws {
            try await TemporaryFolder.with { folder in
                // One slow line: the first fax has it, the second waits.
                let settings = ServerProcess.paced.merging(["FAXLOCK_LINES": "1"]) { $1 }
                let waiting = try await ServerProcess.with(folder, settings: settings) { server in
                    let first = try await server.client.send(SampleDocuments.text(pages: 40, title: "First"), to: "+15551230151").id
                    _ = try await server.client.fax(first, "it is being sent", within: .seconds(60)) { $0.state == "sending" }
                    let second = try await server.client.send(SampleDocuments.text("Second"), to: "+15551230152").id
                    _ = try await server.client.fax(second, "it waits for the line", within: .seconds(60)) { $0.state == "queued" }
                    return second
                }
                // A server that dials would do so at its start, and its orderly stop would wait for the call.
                let silent = try await ServerProcess.start(folder, settings: ["FAX_DISABLED": "true"])
                #expect(try await silent.terminate() == .exited(0))
                try await ServerProcess.with(folder, settings: ["FAX_DISABLED": "true"]) { server in
                    let fax = try await server.client.fax(waiting, "it can be read", within: .seconds(10)) { _ in true }
                    #expect(fax.state == "queued")
                    #expect(fax.attempts?.count == 0)
                }
                try await ServerProcess.with(folder) { server in
                    let fax = try await server.client.end(of: waiting)
                    #expect(fax.state == "delivered")
                }
            }
        }
    }
}
