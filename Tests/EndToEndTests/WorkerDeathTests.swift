import Glibc
import Testing

extension EndToEnd {
    /// A line worker that dies takes its own call with it and no other; its fax goes in another call.
    @Suite struct WorkerDeathTests {
        @Test func aDeadWorkerFailsItsCallOnly() async throws {
            try await ServerProcess.with(settings: ServerProcess.paced) { server in
                var ids: [String] = []
                for index in 0..<3 {
                    let document = SampleDocuments.text(pages: 3, title: "Call \(index)")
                    ids.append(try await server.client.send(document, to: "+1555123017\(index)").id)
                }
                for id in ids { _ = try await server.client.fax(id, "the call is in progress") { $0.isTalking } }
                let workers = server.workers
                try #require(workers.map(\.name) == Array(repeating: "faxlock-line", count: 6))
                // Nobody reads a number or a key off a list of processes.
                for worker in workers {
                    let text = ProcessTable.visibleText(of: worker.id)
                    #expect(text.contains("faxlock-line") && !text.contains("1555123017") && !text.contains(ServerProcess.key))
                }
                // The oldest is a caller's, the youngest an answerer's.
                #expect(kill(workers[0].id, SIGKILL) == 0)
                let left = try await eventually("one call is over") { server.workers.count == 4 ? server.workers : nil }
                #expect(kill(try #require(left.last).id, SIGKILL) == 0)
                var calls: [Int] = []
                for id in ids {
                    let fax = try await server.client.end(of: id, within: .seconds(120))
                    #expect(fax.state == "delivered" && fax.pages_confirmed == 3, "\(fax.error ?? "")")
                    #expect(fax.attempts?.last?.outcome == "delivered")
                    calls.append(fax.attempts?.count ?? 0)
                }
                #expect(calls.sorted() == [1, 2, 2])
                #expect(try await server.client.isHealthy)
            }
        }

        /// What became of the only page nobody can say but the dead worker's record: it is asked at once, and the fax goes again.
        @Test func aLostOutcomeIsSettledByTheCallsRecordWhileTheServerLives() async throws {
            try await ServerProcess.with(settings: ServerProcess.paced) { server in
                let number = "+15551230175"
                let id = try await server.client.send(SampleDocuments.text("One page"), to: number).id
                _ = try await server.client.fax(id, "the call is in progress") { $0.isTalking }
                let workers = server.workers
                try #require(workers.map(\.name) == ["faxlock-line", "faxlock-line"])
                // The caller's.
                #expect(kill(workers[0].id, SIGKILL) == 0)
                let fax = try await server.client.fax(id, "it is delivered", within: .seconds(120)) { $0.state == "delivered" }
                #expect(fax.attempts?.map(\.outcome) == ["unknown", "delivered"])
                #expect(try await server.client.received(at: number).filter { $0.status == "received" }.count == 1)
            }
        }
    }
}
