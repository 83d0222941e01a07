import Testing

extension EndToEnd {
    /// The length of a document costs time, not memory.
    @Suite struct LongDocumentTests {
        /// Some pages are whole ones, for what one page costs; most are slips of seven lines, for the time that this takes.
        @Test func eightHundredPagesAreRenderedInBoundedMemory() async throws {
            let pages = 800
            let document = SampleDocuments.pdf(pages: pages, height: { $0 % 100 == 0 ? 792 : 144 }) { page in
                (1...(page % 100 == 0 ? 46 : 7)).map { "Page \(page), line \($0): the quick brown fox jumps over the lazy dog" }
            }
            try await ServerProcess.with { server in
                let accepted = try await server.client.send(document, to: "+15551230185")
                var peaks: [ProcessTable.Entry: Int] = [:]
                var workerPeak = 0
                // Ends when all pages are ready to be sent.
                let fax = try await eventually("800 pages are rendered", within: .seconds(180)) {
                    let workers = server.workers.filter { $0.name != "faxlock-line" }
                    for worker in workers { peaks[worker] = ProcessTable.peakMemory(of: worker.id) }
                    workerPeak = max(workerPeak, workers.map { peaks[$0] ?? 0 }.reduce(0, +))
                    let fax = try await server.client.fax(accepted.id)
                    return ["queued", "sending", "delivered", "failed"].contains(fax.state) ? fax : nil
                }
                #expect(fax.pages == pages && fax.state != "failed", "\(fax.error ?? "")")
                let serverPeak = ProcessTable.peakMemory(of: server.id)
                #expect(peaks.keys.contains { $0.name == "faxlock-page" } && peaks.keys.contains { $0.name == "mutool" })
                #expect(serverPeak > 0 && serverPeak < 200 << 20, "\(serverPeak >> 20) MiB")
                #expect(workerPeak > 0 && workerPeak < 300 << 20, "\(workerPeak >> 20) MiB")
            }
        }
    }
}
