import Foundation
import Testing

extension EndToEnd {
    /// Several faxes for one number in one call (`FAXLOCK_FAXES_PER_CALL`), over the real line to the real receiver.
    @Suite struct SharedCallTests {
        @Test func threeFaxesForANumberAreThreeFaxesThere() async throws {
            let number = "+15551230195"
            try await ServerProcess.with(settings: ["FAXLOCK_FAXES_PER_CALL": "5"]) { server in
                // All are due at the same moment, by which all are there and rendered.
                let moment = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 12))
                var sent: [Fax] = []
                for (index, pages) in [2, 1, 3].enumerated() {
                    sent.append(
                        try await server.client.send(
                            SampleDocuments.text(pages: pages, title: "Letter \(index)"), to: number, fields: ["send_at": moment]))
                }
                var pages: [String: Int] = [:]
                for fax in sent {
                    let done = try await server.client.end(of: fax.id)
                    #expect(done.state == "delivered" && done.pages == done.pages_confirmed, "\(done.error ?? "")")
                    #expect(done.attempts?.count == 1)
                    let received = try await server.client.receivedFax(of: fax.id)
                    pages[received] = done.pages
                    #expect(try await server.client.transmittedPDF(of: fax.id) == server.client.receivedPDF(of: received))
                }
                let inbox = try await server.client.received(at: number)
                #expect(Dictionary(uniqueKeysWithValues: inbox.map { ($0.id, $0.pages ?? 0) }) == pages)
                #expect(inbox.allSatisfy { $0.status == "received" })
                #expect(Set(pages.values) == [1, 2, 3])
                // It was one call: SIP knows the three by one name.
                let calls = server.log.split(separator: "\n").filter { $0.contains("incoming call ended") }
                #expect(calls.count == 1)
            }
        }

        /// kill -9 in the middle: what was confirmed is delivered and not sent again, the others go in another call.
        @Test func aKillInTheMiddleOfASharedCall() async throws {
            let number = "+15551230196"
            let settings = ServerProcess.paced.merging(["FAXLOCK_FAXES_PER_CALL": "5"]) { $1 }
            try await TemporaryFolder.with { folder in
                let server = try await ServerProcess.start(folder, settings: settings)
                var ids: [String] = []
                do {
                    let moment = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 12))
                    for index in 0..<3 {
                        ids.append(
                            try await server.client.send(
                                SampleDocuments.text("Letter \(index)"), to: number, fields: ["send_at": moment]
                            ).id)
                    }
                    _ = try await eventually("the first fax is whole at the receiver", within: .seconds(120)) {
                        try await server.client.received(at: number).isEmpty ? nil : true
                    }
                } catch {
                    try await server.kill()
                    throw error
                }
                try await server.killAlone()
                _ = try await eventually("the workers end, with the page that was under way", within: .seconds(120)) {
                    server.workers.isEmpty ? true : nil
                }

                try await ServerProcess.with(folder, settings: ["FAXLOCK_FAXES_PER_CALL": "5"]) { server in
                    var outcomes: [[String?]] = []
                    for id in ids {
                        let fax = try await server.client.fax(id, "it is delivered", within: .seconds(60)) { $0.state == "delivered" }
                        outcomes.append(fax.attempts?.map(\.outcome) ?? [])
                    }
                    #expect(outcomes == [["unknown"], ["unknown", "delivered"], ["unknown", "delivered"]])
                    let received = try await server.client.received(at: number)
                    #expect(received.filter { $0.status == "received" }.count == 3)
                }
            }
        }
    }
}
