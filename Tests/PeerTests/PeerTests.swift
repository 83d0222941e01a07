import Glibc
import NIOHTTP1
import Testing

/// Faxes to and from fax machines that are not ours. `make test-peers` runs them: each is a real call, at the speed of a modem.
///
/// All calls run at the same time against one Asterisk, which the suite starts and ends.
@Suite(
    .enabled(if: getenv("FAXLOCK_PEERS") != nil, "make test-peers runs these: they take minutes, root and a copy of Asterisk"),
    .asterisk, .timeLimit(.minutes(9)))
struct PeerTests {
    /// What is sent is what the other machine has, picture element by picture element.
    @Test(arguments: PeerCase.sending)
    func sends(_ call: PeerCase) async throws {
        let peer = try AsteriskPeer.running()
        guard call.isPossible(with: peer) else { try Test.cancel("Asterisk \(peer.majorVersion) has no SHA-256") }
        try await TemporaryFolder.with { folder in
            let document = try await FaxPages.make(call.pages, title: call.name, in: folder.path + "/document.tif")
            try await ServerProcess.with(folder, settings: try call.settings(peer, in: folder)) { server in
                try await call.waitForRegistration(at: peer)
                let accepted = try await server.client.send(try TemporaryFolder.read(document), to: call.number)
                let fax = try await server.client.end(of: accepted.id, within: call.patience)
                #expect(fax.status == "SUCCESS" && fax.pages_confirmed == call.pages, "\(fax.error ?? fax.state)")
                #expect(fax.attempts?.count == 1, "it took \(fax.attempts?.count ?? 0) calls")
                #expect(fax.attempts?.last?.error_correction == call.correctsErrors)
                let result = try await peer.result(of: .received, number: call.number)
                #expect(result.status == "SUCCESS" && result.pages == call.pages, "\(result)")
                #expect(result.mode == call.mode, "the fax went over \(result.mode)")
                call.expectEvidence(in: try peer.messages(with: call.address))
                let transmitted = try folder.write(try await server.client.transmittedPDF(of: fax.id), to: "transmitted.pdf")
                try await FaxPages.expectSame(transmitted, "\(peer.folder)/received/\(result.document)", pages: call.pages)
            }
        }
    }

    /// What the other machine sends is what is stored.
    @Test(arguments: PeerCase.receiving)
    func receives(_ call: PeerCase) async throws {
        let peer = try AsteriskPeer.running()
        guard call.isPossible(with: peer) else { try Test.cancel("Asterisk \(peer.majorVersion) has no SHA-256") }
        try await TemporaryFolder.with { folder in
            let document = try await FaxPages.make(call.pages, title: call.name, in: "\(peer.folder)/documents/\(call.number).tif")
            try await ServerProcess.with(folder, settings: try call.settings(peer, in: folder)) { server in
                try await Self.assign(call.number, at: server)
                try await call.waitForRegistration(at: peer)
                try await peer.send(to: call.number, by: call.name)
                let result = try await peer.result(of: .sent, number: call.number, within: call.patience)
                #expect(result.status == "SUCCESS" && result.pages == call.pages, "\(result)")
                #expect(result.mode == call.mode, "the fax went over \(result.mode)")
                call.expectEvidence(in: try peer.messages(with: call.address))
                let fax = try await eventually("the fax is stored") {
                    try await server.client.received(at: call.number).first { $0.status == "received" }
                }
                #expect(fax.pages == call.pages && fax.fr == AsteriskPeer.station && fax.error_correction == call.correctsErrors)
                let stored = try folder.write(try await server.client.receivedPDF(of: fax.id), to: "stored.pdf")
                try await FaxPages.expectSame(document, stored, pages: call.pages)
            }
        }
    }

    /// Gives a number to a mailbox: calls to others are refused.
    static func assign(_ number: String, at server: ServerProcess) async throws {
        let answer = try await server.client.call(.PUT, "/admin/mailboxes/peers", body: Array(#"{"numbers":["\#(number)"]}"#.utf8))
        try #require(answer.status == 200, "\(answer.status): \(answer.detail)")
    }
}
