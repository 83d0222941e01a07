import Backends
import FaxDispatch
import FaxModel
import Foundation
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ServerSettings
import Store
import Testing
import Workers

/// `POST /_internal/asterisk/inbound`, with the real inbox and a spool in a temporary folder.
@Suite struct AsteriskRoutesTests {
    private static let secret = "b7e1f0c29d5a4c3e"

    private struct Bench: Sendable {
        let gateway: TestGateway
        let client: any TestClientProtocol
        var folder: String { gateway.path + "/in" }

        func post(_ body: String, secret: String? = AsteriskRoutesTests.secret) async throws -> TestResponse {
            var headers: HTTPFields = [.contentType: "application/json"]
            if let secret, let name = HTTPField.Name("X-Internal-Secret") { headers[name] = secret }
            return try await client.execute(
                uri: "/_internal/asterisk/inbound", method: .post, headers: headers, body: ByteBuffer(string: body))
        }

        /// A file of pages that the test's reader takes: a byte each.
        func put(_ pages: [UInt8]) throws {
            try Data(pages).write(to: URL(fileURLWithPath: folder + "/1700.1.tif"))
        }

        var files: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: folder) } }
    }

    private static func notice(path: String = "/spool/in/1700.1.tif", to: String = "+15551230150", pages: String = "2") -> String {
        """
        {"tiff_path":"\(path)","to_number":"\(to)","from_number":"+15551230101","faxstatus":"SUCCESS","faxpages":\(pages),"uniqueid":"1700.1"}
        """
    }

    private func with(
        _ environment: [String: String] = [:], catchAll: String? = "main", _ body: @escaping @Sendable (Bench) async throws -> Void
    ) async throws {
        try await TestGateway.run(environment) { gateway, _ in
            try FileManager.default.createDirectory(atPath: gateway.path + "/in", withIntermediateDirectories: false)
            let clock = gateway.clock
            let inbox = StoredInbox(
                documents: gateway.documents, backend: "sip", isReceiving: gateway.settings.isInboundEnabled, catchAllMailbox: catchAll,
                clock: { clock.now }, logger: gateway.logs.logger())
            let spool = InboundSpool(
                folder: try SpoolFolder(path: gateway.path + "/in"), path: "/spool/in", inbox: inbox,
                reader: { image, page in
                    let bytes = try image.read(at: 0, count: 100)
                    for made in TestGateway.pages(bytes.filter { $0 != 0 }.count) { try await page(made) }
                },
                find: { [store = gateway.store] reference in
                    try await store.inboundFax(reference: reference, backend: "sip").map { .init(id: $0.id, pages: $0.pages) }
                }, logger: gateway.logs.logger())
            let router = GatewayRouter(
                keys: gateway.keys, documents: gateway.documents, intake: gateway.intake, settings: gateway.settings, checks: [:],
                retention: RetentionRunner(
                    documents: gateway.documents,
                    rules: RetentionRules(retentionDays: 0, inboundRetentionDays: 0, deletesOnSuccess: false, hasZeroRetention: false),
                    interval: .seconds(3600), clock: { clock.now }, logger: gateway.logs.logger()),
                asterisk: AsteriskIntake(secret: Secret(Self.secret), spool: spool), publicURL: { "https://fax.example.org" },
                clock: { clock.now })
            try await Application(router: router.build(), logger: gateway.logs.logger()).test(.router) { client in
                try await body(Bench(gateway: gateway, client: client))
            }
        }
    }

    @Test func aFaxIsTakenOnceAndSealed() async throws {
        try await with { bench in
            try bench.put([1, 2])
            let first = try await bench.post(Self.notice())
            #expect(first.status == .ok, "\(first.detail ?? "")")
            let id = try #require(try first.json()["id"]?.text)
            #expect(try first.json()["status"] == "ok")
            #expect(try bench.files == [])
            // Again, with the number of pages as text, and with the file there once more.
            try bench.put([1, 2])
            let second = try await bench.post(Self.notice(pages: "\"2\""))
            #expect(try second.json()["id"]?.text == id)
            #expect(try await bench.post(Self.notice()).json()["id"]?.text == id)
            #expect(try bench.files == [])
            let faxes = try await bench.client.get("/inbound").json()
            #expect(faxes.items.count == 1)
            #expect(
                faxes.items.first?["backend"] == "sip" && faxes.items.first?["status"] == "received" && faxes.items.first?["pages"] == 2)
            #expect(faxes.items.first?["to"] == "+15551230150" && faxes.items.first?["fr"] == "+15551230101")
            // Of how it came, Asterisk says nothing: that is null, and not a rate of 0.
            let fax = try #require(faxes.items.first)
            #expect(fax["bit_rate"] == .null && fax["error_correction"] == .null)
            let quality = try #require(fax["pages_quality"]?.items)
            #expect(quality.map { $0["page"] } == [1, 2])
            for page in quality {
                #expect(page.names == ["page", "bit_rate", "error_correction", "bad_rows", "retries", "confirmed_at"])
                for name in ["bit_rate", "error_correction", "bad_rows", "retries"] { #expect(page[name] == .null, "\(name)") }
            }
        }
    }

    @Test(arguments: [nil, "", "wrong", AsteriskRoutesTests.secret + "x", "changeme"])
    func withoutTheSecretNothingIsLookedAt(secret: String?) async throws {
        try await with { bench in
            try bench.put([1, 2])
            for body in [Self.notice(), "{", ""] {
                #expect(try await bench.post(body, secret: secret).status == .unauthorized)
            }
            #expect(try bench.files == ["1700.1.tif"])
            #expect(try await bench.gateway.store.inboundFaxes(limit: 10).isEmpty)
        }
    }

    @Test func guessingIsLimited() async throws {
        try await with(["FAXLOCK_REFUSALS_PER_MINUTE": "3"]) { bench in
            var statuses: [HTTPResponse.Status] = []
            for number in 0..<6 { statuses.append(try await bench.post(Self.notice(), secret: "guess-\(number)").status) }
            #expect(statuses.first == .unauthorized && statuses.last == .tooManyRequests)
        }
    }

    @Test(arguments: [
        "/etc/passwd", "/spool/in/../faxlock.db", "/spool/in/none.tif", "/spool/in/sub/x.tif", "1700.1.tif",
        "/spool/in/1700.1.tif/../x.tif",
    ])
    func pathsThatLeadElsewhere(path: String) async throws {
        try await with { bench in
            try bench.put([1, 2])
            let response = try await bench.post(Self.notice(path: path))
            #expect(response.status == .badRequest)
            #expect(response.detail.map { $0.contains("1555") || $0.contains("1700") } == false)
            #expect(try bench.files == ["1700.1.tif"])
        }
    }

    @Test(arguments: ["", "[]", "{", "{\"tiff_path\":1}", "{\"tiff_path\":\"/spool/in/1700.1.tif\"}"])
    func whatIsNoNotice(body: String) async throws {
        try await with { bench in
            let status = try await bench.post(body).status
            #expect(status == .badRequest)
        }
    }

    @Test func aNumberOfNoMailboxIsRefusedAndRecorded() async throws {
        try await with(catchAll: nil) { bench in
            try bench.put([1, 2])
            let response = try await bench.post(Self.notice(to: "+15551239999"))
            #expect(response.status == .ok)
            #expect(try response.json()["status"] == "refused" && response.json()["id"] == nil)
            #expect(try bench.files == [])
            #expect(try await bench.gateway.store.inboundFaxes(limit: 10).isEmpty)
        }
    }

    @Test func aFileThatCannotBeReadIsPutAside() async throws {
        try await with { bench in
            try bench.put([0])
            let response = try await bench.post(Self.notice())
            #expect(response.status == .unprocessableContent)
            #expect(try bench.files == ["1700.1.tif.unreadable"])
        }
    }

    @Test func whileReceivingIsOff() async throws {
        try await with(["INBOUND_ENABLED": "false"]) { bench in
            try bench.put([1])
            #expect(try await bench.post(Self.notice()).status == .notFound)
            #expect(try bench.files == ["1700.1.tif"])
        }
    }

    @Test func whereAsteriskIsNotTheLine() async throws {
        try await TestGateway.run { _, client in
            let status = try await client.execute(uri: "/_internal/asterisk/inbound", method: .post).status
            #expect(status == .notFound)
        }
    }
}
