import Glibc
import Testing

extension EndToEnd {
    /// A line worker that dies takes its own call with it and no other.
    @Suite struct WorkerDeathTests {
        @Test func aDeadWorkerFailsItsCallOnly() async throws {
            try await ServerProcess.with(settings: ServerProcess.paced) { server in
                var ids: [String] = []
                var workers: [[ProcessTable.Entry]] = []
                for index in 0..<3 {
                    let fax = try await server.client.send(
                        SampleDocuments.text(pages: 2, title: "Call \(index)"), to: "+1555123017\(index)")
                    ids.append(fax.id)
                    _ = try await server.client.fax(fax.id, "call \(index) is in progress") { $0.isTalking }
                    let known = Set(workers.joined())
                    let own = server.workers.filter { $0.name == "faxlock-line" && !known.contains($0) }
                    try #require(own.count == 2)
                    workers.append(own)
                }
                // Nobody reads a number or a key off a list of processes.
                for worker in workers.joined() {
                    let text = ProcessTable.visibleText(of: worker.id)
                    #expect(text.contains("faxlock-line") && !text.contains("1555123017") && !text.contains(ServerProcess.key))
                }
                // One end of the first call, the other end of the second.
                #expect(kill(workers[0][0].id, SIGKILL) == 0)
                #expect(kill(workers[1][1].id, SIGKILL) == 0)
                for id in ids.prefix(2) {
                    let fax = try await server.client.end(of: id, within: .seconds(90))
                    #expect(fax.status == "FAILED" && fax.error?.isEmpty == false, "\(fax.state)")
                    #expect(fax.attempts?.count == 1)
                }
                let last = try await server.client.end(of: ids[2], within: .seconds(90))
                #expect(last.status == "SUCCESS", "\(last.error ?? "")")
                #expect(try await server.client.isHealthy)
            }
        }
    }
}
