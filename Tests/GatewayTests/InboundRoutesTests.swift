import FaxModel
import HTTPTypes
import HummingbirdTesting
import Store
import Testing
import Vault

/// Received faxes.
@Suite struct InboundRoutesTests {
    private static let names: Set<String> = [
        "id", "fr", "to", "status", "backend", "pages", "size_bytes", "created_at", "received_at", "updated_at", "mailbox",
        "ended_at", "trunk", "remote_station_id", "bit_rate", "error_correction", "pages_quality",
    ]

    @Test func aReceivedFax() async throws {
        try await TestGateway.run { gateway, client in
            let fax = try await gateway.receive(TestGateway.pages(2))
            let json = try await client.get("/inbound/\(fax.id)").json()
            #expect(json.names == Self.names)
            #expect(json["id"]?.text == fax.id.text)
            #expect(json["fr"] == "+15551230101")
            #expect(json["to"] == "+15551230100")
            #expect(json["status"] == "received")
            #expect(json["backend"] == "line")
            #expect(json["pages"] == 2)
            #expect(json["created_at"] == "2026-11-22T08:30:00.000Z")
            #expect(json["received_at"] == "2026-11-22T08:31:00.000Z")
            #expect(json["updated_at"] == "2026-11-22T08:31:00.000Z")
            #expect(json["mailbox"] == "main")
            #expect(json["trunk"] == .null && json["remote_station_id"] == .null && json["ended_at"] == .null)
            #expect(json["bit_rate"] == 14_400 && json["error_correction"] == true)
            #expect(json["pages_quality"]?.items.map { $0["page"] } == [1, 2])
            let last = json["pages_quality"]?[1]
            #expect(last?.names == ["page", "bit_rate", "error_correction", "bad_rows", "retries", "confirmed_at"])
            #expect(last?["bad_rows"] == 1 && last?["retries"] == 2 && last?["bit_rate"] == 14_400)
            #expect(last?["confirmed_at"] == "2026-11-22T08:31:00.000Z")
            let size = try await gateway.store.document(fax.document).size
            #expect(json["size_bytes"] == JSONValue(integerLiteral: size))
            #expect(try await client.get("/inbound").json() == .array([json]))
        }
    }

    @Test func howItCame() async throws {
        try await TestGateway.run { gateway, client in
            var generator = SystemRandomNumberGenerator()
            let document = try await gateway.image(TestGateway.pages(1), .received)
            let fax = InboundRecord(
                id: FaxID(now: gateway.clock.now, using: &generator), status: "received", backend: "line", trunk: "east", reference: "call",
                to: "+15551230100", from: "", remoteIdentifier: "Quincy Clinic", pages: 1, document: document.id, bitRate: 9600,
                errorCorrection: false, createdAt: gateway.clock.now, receivedAt: gateway.clock.now.advanced(by: .seconds(60)))
            try await gateway.store.receive(fax, document: document)
            try await gateway.store.inboundCallEnded(
                fax.id, at: gateway.clock.now.advanced(by: .seconds(63)), code: 0, remoteIdentifier: "")
            let json = try await client.get("/inbound/\(fax.id)").json()
            #expect(json["trunk"] == "east" && json["remote_station_id"] == "Quincy Clinic")
            #expect(json["bit_rate"] == 9600 && json["error_correction"] == false && json["pages_quality"] == .array([]))
            #expect(json["ended_at"] == "2026-11-22T08:31:03.000Z" && json["updated_at"] == "2026-11-22T08:31:03.000Z")
        }
    }

    @Test func aCallerWithoutANumber() async throws {
        try await TestGateway.run { gateway, client in
            let fax = try await gateway.receive(from: "", status: "partial")
            let json = try await client.get("/inbound/\(fax.id)").json()
            #expect(json.names == Self.names)
            #expect(json["fr"] == .null)
            #expect(json["status"] == "partial")
        }
    }

    @Test func listedNewestFirstAndFiltered() async throws {
        try await TestGateway.run { gateway, client in
            var ids: [String] = []
            for (to, status) in [("+15551230100", "received"), ("+15551230102", "received"), ("+15551230100", "partial")] {
                ids.append(try await gateway.receive(to: to, status: status, reference: to + status).id.text)
                gateway.clock.advance(by: .seconds(1))
            }
            let queries: [(String, [Int])] = [
                ("", [2, 1, 0]), ("?limit=2", [2, 1]), ("?to_number=%2B15551230100", [2, 0]), ("?to_number=+15551230100", [2, 0]),
                ("?to_number=15551230100", [2, 0]), ("?to_number=15551230199", []), ("?to_number=", []), ("?status=partial", [2]),
                ("?status=received", [1, 0]), ("?status=x", []), ("?status=partial&to_number=15551230102", []), ("?mailbox=ward", []),
                ("?mailbox=main", [2, 1, 0]), ("?mailbox=main&limit=1", [2]),
            ]
            for (query, expected) in queries {
                let list = try await client.get("/inbound\(query)").json()
                #expect(list.items.map { $0["id"]?.text } == expected.map { ids[$0] }, "\(query)")
            }
            #expect(try await client.get("/inbound?limit=0").status == .unprocessableContent)
            #expect(try await client.get("/inbound?mailbox=ward&limit=0").status == .unprocessableContent)
        }
    }

    @Test func thePDF() async throws {
        try await TestGateway.run { gateway, client in
            let pages = TestGateway.pages(3)
            let fax = try await gateway.receive(pages)
            let response = try await client.get("/inbound/\(fax.id)/pdf", .key(try await gateway.key(.inboundRead)))
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/pdf")
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(response.bytes.starts(with: Array("%PDF-".utf8)))
            #expect(Self.images(in: response.bytes) == pages.map { Array($0.t6) })
        }
    }

    /// The streams of Group 4 code in a PDF, as they stand there.
    private static func images(in pdf: [UInt8]) -> [[UInt8]] {
        var found: [[UInt8]] = []
        var rest = pdf[...]
        while let filter = rest.firstRange(of: Array("/CCITTFaxDecode".utf8)) {
            rest = rest[filter.upperBound...]
            guard let length = rest.firstRange(of: Array("/Length ".utf8)), let stream = rest.firstRange(of: Array(">>\nstream\n".utf8)),
                let count = Int(String(decoding: rest[length.upperBound..<stream.lowerBound], as: UTF8.self)),
                stream.upperBound + count <= rest.endIndex
            else { break }
            found.append(Array(rest[stream.upperBound..<(stream.upperBound + count)]))
            rest = rest[(stream.upperBound + count)...]
        }
        return found
    }

    @Test func unknownFaxes() async throws {
        try await TestGateway.run { _, client in
            for id in ["019a9f3c81d04b7e9a1f6c2d5e8b7a90", "x", "%2e%2e", "019A9F3C81D04B7E9A1F6C2D5E8B7A90"] {
                for path in ["/inbound/\(id)", "/inbound/\(id)/pdf"] {
                    let response = try await client.get(path)
                    #expect(response.status == .notFound)
                    #expect(response.detail == "Inbound fax not found")
                }
            }
        }
    }

    @Test func nothingThereWhenReceivingIsOff() async throws {
        try await TestGateway.run(["INBOUND_ENABLED": "false"]) { gateway, client in
            let fax = try await gateway.receive()
            for path in ["/inbound", "/inbound/\(fax.id)", "/inbound/\(fax.id)/pdf"] {
                let response = try await client.get(path)
                #expect(response.status == .notFound)
                #expect(response.detail == "Inbound fax not found")
                // A missing key is said first: the routes are the same for whoever may not know.
                #expect(try await client.get(path, [:]).status == .unauthorized)
            }
        }
    }
}
