import NIOHTTP1
import Testing

extension EndToEnd {
    /// kill -9 loses nothing that was accepted and sends nothing twice.
    @Suite struct CrashTests {
        @Test func faxesThatWereAcceptedSurviveAKill() async throws {
            try await TemporaryFolder.with { folder in
                let settings = ServerProcess.paced.merging(["FAXLOCK_LINES": "1"]) { $1 }
                let server = try await ServerProcess.start(folder, settings: settings)
                let ids: [String]
                do {
                    ids = try await withThrowingTaskGroup(of: String.self) { group in
                        for index in 0..<20 {
                            let document = SampleDocuments.text("Fax \(index) of twenty")
                            group.addTask { try await server.client.send(document, to: "+155512301\(index + 10)").id }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                } catch {
                    try await server.kill()
                    throw error
                }
                try await server.kill()
                try await ServerProcess.with(folder) { server in
                    var unknown = 0
                    for id in ids {
                        let fax = try await server.client.end(of: id)
                        // The one line may have been in a call.
                        if fax.state == "unknown" { unknown += 1 } else { #expect(fax.state == "delivered", "\(fax.error ?? "")") }
                    }
                    #expect(unknown <= 1)
                    #expect(Set(ids).count == 20)
                }
            }
        }

        /// The worker's own record says how much the far machine confirmed: the fax goes on from there.
        @Test func aCallThatAKillCutGoesOnByItsRecord() async throws {
            try await TemporaryFolder.with { folder in
                let number = "+15551230130"
                let server = try await ServerProcess.start(folder, settings: ServerProcess.paced)
                let id: String
                do {
                    id = try await server.client.send(SampleDocuments.text("Cut off"), to: number).id
                    _ = try await server.client.fax(id, "the call is in progress") { $0.isTalking }
                } catch {
                    try await server.kill()
                    throw error
                }
                let workers = server.workers
                #expect(workers.filter { $0.name == "faxlock-line" }.count == 2)
                try await server.killAlone()
                // The sender brings its page to an end, then the workers are nothing without their server.
                _ = try await eventually("the workers end, with the page that was under way", within: .seconds(120)) {
                    server.workers.isEmpty ? true : nil
                }

                try await ServerProcess.with(folder) { server in
                    let fax = try await server.client.fax(id, "it is delivered", within: .seconds(60)) { $0.state == "delivered" }
                    #expect(fax.attempts?.map(\.outcome) == ["unknown", "delivered"])
                    #expect(fax.attempts?.first?.ended_at != nil)
                    let received = try await server.client.received(at: number)
                    #expect(received.filter { $0.status == "received" }.count == 1)
                }
            }
        }

        /// What the sending machine was told of is in the inbox, whenever the kill comes.
        @Test func confirmedPagesSurviveAKillInMidReception() async throws {
            var random = SeededRandom(seed: 7)
            let moments = (0..<4).map { _ in Int.random(in: 0...400, using: &random) }
            let pages = 12
            try await TemporaryFolder.with { folder in
                var sent: [String: String] = [:]
                for (round, milliseconds) in moments.enumerated() {
                    let server = try await ServerProcess.start(folder)
                    do {
                        for index in 0..<3 {
                            let number = "+15551230\(110 + 10 * round + index)"
                            let document = SampleDocuments.pdf(pages: pages) { ["Page \($0) for \(number)"] }
                            sent[try await server.client.send(document, to: number).id] = number
                        }
                        let ids = Array(sent.keys)
                        _ = try await eventually("a page is confirmed in this round", every: .milliseconds(10)) {
                            for id in ids {
                                let fax = try await server.client.fax(id)
                                if fax.state == "sending", fax.pages_confirmed > 0 { return true }
                            }
                            return nil
                        }
                        try await Task.sleep(for: .milliseconds(milliseconds))
                    } catch {
                        try await server.kill()
                        throw error
                    }
                    try await server.kill()
                }
                try await ServerProcess.with(folder) { server in
                    var cut = 0
                    for (id, number) in sent {
                        let fax = try await server.client.end(of: id)
                        let received = try await server.client.received(at: number)
                        let arrived = received.compactMap(\.pages).reduce(0, +)
                        #expect(arrived >= fax.pages_confirmed, "\(fax.state)")
                        if fax.state == "delivered" {
                            // Each call that was cut may have brought one page more than it confirmed.
                            let calls = fax.attempts?.count ?? 0
                            #expect((pages..<pages + calls).contains(arrived), "\(arrived) pages in \(calls) calls")
                            #expect(received.filter { $0.status == "received" }.count == 1)
                            if calls > 1 { cut += 1 }
                        } else {
                            #expect(fax.state == "unknown")
                            cut += 1
                        }
                        for fax in received { #expect(try await server.client.receivedPDF(of: fax.id).count > 500) }
                    }
                    #expect(cut >= 1)
                    #expect(try await server.client.call(.POST, "/admin/fsck").decode(Integrity.self).problems.isEmpty)
                }
            }
        }

        private struct Integrity: Decodable {
            struct Problem: Decodable { let sentence: String }
            let problems: [Problem]
        }

        @Test func manyKillsLoseNothingAndRepeatNothing() async throws {
            var random = SeededRandom(seed: 20)
            let moments = (0..<10).map { _ in Int.random(in: 50...1200, using: &random) }
            try await TemporaryFolder.with { folder in
                let traffic = Traffic()
                var wasDelivered: Set<String> = []
                for milliseconds in moments {
                    let server = try await ServerProcess.start(folder)
                    await withTaskGroup(of: Void.self) { group in
                        for _ in 0..<5 { group.addTask { await traffic.send(through: server.client) } }
                        try? await Task.sleep(for: .milliseconds(milliseconds))
                        // Fails when the server is gone; then nothing was learned.
                        for id in await traffic.accepted.keys where (try? await server.client.fax(id))?.state == "delivered" {
                            wasDelivered.insert(id)
                        }
                        _ = try? await server.killAlone()
                        await group.waitForAll()
                    }
                    try await server.kill()
                }
                try await ServerProcess.with(folder) { server in
                    var states: [String: Int] = [:]
                    let accepted = await traffic.accepted
                    for (id, number) in accepted {
                        let fax = try await server.client.end(of: id)
                        states[fax.state, default: 0] += 1
                        #expect(fax.state != "failed", "\(fax.error ?? "")")
                        #expect(!wasDelivered.contains(id) || fax.state == "delivered")
                        let received = try await server.client.received(at: number)
                        #expect(received.count <= 1)
                        // The far side, which the kill ended too, had stored the fax before it confirmed the last page.
                        if fax.state == "delivered" { #expect(received.map(\.status) == ["received"]) }
                    }
                    // Those whose answer was lost with the connection may have been accepted; they arrive once too.
                    for number in await traffic.tried {
                        #expect(try await server.client.received(at: number).count <= 1)
                    }
                    #expect(accepted.count >= 10 && states["delivered", default: 0] >= 1, "\(states)")
                    // What ten kills left lying about tells nothing, and the ledger fits itself.
                    #expect(try AtRestTests.clearText(in: server.dataFolder, and: ["155512301", "alone"]) == [])
                    #expect(try await server.client.call(.POST, "/admin/fsck").decode(Integrity.self).problems.isEmpty)
                }
            }
        }
    }
}

/// Senders that give each document a number of its own, so that a second copy would be seen.
private actor Traffic {
    /// Numbers by the id of the fax.
    private(set) var accepted: [String: String] = [:]
    private(set) var tried: [String] = []

    /// Submits one after the other until the server is gone or the numbers are used up.
    func send(through client: GatewayClient) async {
        while let number = take() {
            let document = SampleDocuments.text("For \(number) alone")
            guard let answer = try? await client.submit(document, to: number) else { return }
            guard answer.status == 202, let fax = try? answer.decode(Fax.self) else { continue }
            accepted[fax.id] = number
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    private func take() -> String? {
        guard tried.count < 50 else { return nil }
        let next = tried.count
        tried.append("+155512301\(next < 10 ? "0" : "")\(next)")
        return tried.last
    }
}
