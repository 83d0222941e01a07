import Foundation
import NIOHTTP1
import Testing

extension PeerTests {
    /// With an Asterisk as the line, it too carries every picture element, both ways.
    @Test func asteriskAsTheLine() async throws {
        let peer = try AsteriskPeer.running()
        try await AsteriskGateway.with { gateway in
            try await TemporaryFolder.with { folder in
                let outgoing = try await FaxPages.make(2, title: "Out", in: folder.path + "/document.tif")
                let incoming = try await FaxPages.make(2, title: "In", in: "\(peer.folder)/documents/+15551230149.tif")
                try await ServerProcess.with(folder, settings: gateway.settings) { server in
                    try await Self.assign("+15551230149", at: server)
                    try await peer.send(to: "+15551230149", by: "gateway")

                    let accepted = try await server.client.send(try TemporaryFolder.read(outgoing), to: "+15551230148")
                    let fax = try await server.client.end(of: accepted.id, within: .seconds(240))
                    #expect(fax.status == "SUCCESS" && fax.pages_confirmed == 2, "\(fax.error ?? fax.state)")
                    let result = try await peer.result(of: .received, number: "+15551230148")
                    #expect(result.status == "SUCCESS" && result.mode == "T38", "\(result)")
                    let transmitted = try folder.write(try await server.client.transmittedPDF(of: fax.id), to: "transmitted.pdf")
                    try await FaxPages.expectSame(transmitted, "\(peer.folder)/received/\(result.document)", pages: 2)

                    #expect(try await peer.result(of: .sent, number: "+15551230149", within: .seconds(240)).status == "SUCCESS")
                    // This copy of Asterisk has no curl, so its notice goes on its way here.
                    let notice = try await eventually("Asterisk leaves a notice") { try gateway.notice() }
                    for _ in 1...2 {
                        let answer = try await server.client.call(
                            .POST, "/_internal/asterisk/inbound", body: notice,
                            headers: [("X-Internal-Secret", AsteriskGateway.inboundSecret)])
                        #expect(answer.status == 200, "\(answer.status): \(answer.detail)")
                    }
                    let all = try await server.client.received(at: "+15551230149")
                    #expect(all.count == 1)
                    let received = try #require(all.first)
                    #expect(received.pages == 2 && received.status == "received")
                    let stored = try folder.write(try await server.client.receivedPDF(of: received.id), to: "stored.pdf")
                    try await FaxPages.expectSame(incoming, stored, pages: 2)
                }
            }
            try await Self.failsOver(to: gateway, peer: peer)
        }
    }

    private struct Attempt: Decodable {
        let backend: String
        let route: String?
        let outcome: String?
        let evidence: String?
    }

    /// A fax that the line's only trunk cannot carry, since nobody is there, goes by Asterisk.
    private static func failsOver(to gateway: AsteriskGateway, peer: AsteriskPeer) async throws {
        try await TemporaryFolder.with { folder in
            let document = try await FaxPages.make(1, title: "Over", in: folder.path + "/document.tif")
            let trunk = PeerCase.Trunks.Trunk(
                server: "sip:\(AsteriskPeer.address(of: 4)):5060", numbers: [AsteriskPeer.station],
                bind: "\(AsteriskPeer.address(of: 3)):5060")
            let trunks = try folder.write(Array(try JSONEncoder().encode(PeerCase.Trunks(trunks: [trunk]))), to: "trunks.json")
            let settings = [
                "FAX_BACKEND": "line", "FAXLOCK_FAILOVER_BACKEND": "sip", "FAXLOCK_TRUNKS_FILE": trunks,
            ]
            try await ServerProcess.with(folder, settings: gateway.settings.merging(settings) { $1 }) { server in
                let accepted = try await server.client.send(try TemporaryFolder.read(document), to: "+15551230147")
                let fax = try await server.client.end(of: accepted.id, within: .seconds(240))
                #expect(fax.status == "SUCCESS" && fax.pages_confirmed == 1, "\(fax.error ?? fax.state)")
                let attempts = try await server.client.call(.GET, "/fax/\(fax.id)/attempts").decode([Attempt].self)
                #expect(attempts.last?.backend == "sip" && attempts.last?.route == "asterisk", "\(attempts)")
                let result = try await peer.result(of: .received, number: "+15551230147")
                let transmitted = try folder.write(try await server.client.transmittedPDF(of: fax.id), to: "transmitted.pdf")
                try await FaxPages.expectSame(transmitted, "\(peer.folder)/received/\(result.document)", pages: 1)
            }
        }
    }
}
