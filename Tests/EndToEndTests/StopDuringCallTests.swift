import Subprocess
import Testing

/// SIGTERM in a call of minutes. Half a minute long, most of it waiting, so it runs beside the others.
@Suite struct StopDuringCallTests {
    @Test func theServerEndsInTimeAndTheFaxGoesOnFromItsFirstUnconfirmedPage() async throws {
        try await TemporaryFolder.with { folder in
            let number = "+15551230180"
            let pages = 40
            let server = try await ServerProcess.start(folder, settings: ServerProcess.paced)
            let id: String
            let clock = ContinuousClock()
            do {
                id = try await server.client.send(SampleDocuments.text(pages: pages, title: "Long"), to: number).id
                _ = try await server.client.fax(id, "a page is confirmed", within: .seconds(90)) { $0.pages_confirmed >= 1 }
            } catch {
                try await server.kill()
                throw error
            }
            let start = clock.now
            // 25 s for the call, 15 s for the rest, and some for a loaded machine.
            let watchdog = Task {
                try await clock.sleep(for: .seconds(60))
                try await server.kill()
            }
            let status = try await server.terminate()
            watchdog.cancel()
            #expect(status == .exited(0))
            #expect(clock.now - start < .seconds(45))
            #expect(server.workers.isEmpty)

            try await ServerProcess.with(folder) { server in
                let fax = try await server.client.end(of: id)
                #expect(fax.status == "SUCCESS" && fax.pages_confirmed == pages, "\(fax.state): \(fax.error ?? "")")
                let attempts = try #require(fax.attempts)
                #expect(attempts.map(\.outcome) == ["interrupted", "delivered"])
                #expect(attempts.map(\.pages_confirmed).reduce(0, +) == pages)
                #expect(attempts.first.map { (1..<pages).contains($0.pages_confirmed) } == true)
                _ = try await server.client.receivedFax(of: id)
                let received = try await server.client.received(at: number).reversed()
                #expect(received.map(\.status) == ["partial", "received"])
                // The far machine may have a page whose confirmation the stop cut off; that page comes again, and no other.
                let (confirmed, arrived) = (attempts.map(\.pages_confirmed), received.compactMap(\.pages))
                try #require(confirmed.count == 2 && arrived.count == 2)
                #expect((0...1).contains(arrived[0] - confirmed[0]) && arrived[1] == confirmed[1], "\(arrived) \(confirmed)")
            }
        }
    }
}
