import FaxModel
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Store
import Testing
import Vault
import WorkerProtocol

/// Faxes that `POST /fax` takes.
@Suite struct SubmissionTests {
    static let faxNames: Set<String> = [
        "id", "mailbox", "to", "status", "error", "pages", "backend", "provider_sid", "created_at", "updated_at", "state",
        "pages_confirmed",
        "resolution", "attempts", "priority", "purpose", "send_at", "not_after", "next_attempt_at", "dials", "tries", "hold", "batch_id",
        "resent_from", "tags", "warnings",
    ]

    @Test(arguments: [TestingSetup.router, .live]) func theJob(setup: TestingSetup) async throws {
        try await TestGateway.run([:], setup) { gateway, client in
            let response = try await client.send(.good)
            #expect(response.status == .accepted)
            #expect(response.headers[.contentType] == "application/json; charset=utf-8")
            #expect(response.headers[.cacheControl] == "no-store")
            let job = try response.json()
            let id = try #require(job["id"]?.text)
            #expect(response.headers[.location] == "/fax/\(id)")
            #expect(FaxID(id) != nil)
            #expect(job.names == Self.faxNames)
            #expect(job["to"] == "+15551230100")
            #expect(job["status"] == "queued")
            #expect(job["state"] == "accepted")
            #expect(job["backend"] == "line")
            #expect(job["resolution"] == "fine")
            #expect(job["pages_confirmed"] == 0)
            #expect(job["attempts"] == [])
            for name in ["error", "pages", "provider_sid"] { #expect(job[name] == .null) }
            for name in ["created_at", "updated_at"] { #expect(job[name] == "2026-11-22T08:30:00.000Z") }
            #expect(gateway.wakes.count == 1)
            #expect(try gateway.blobs().count == 1)
            let shown = try await client.get("/fax/\(id)").json()
            #expect(shown == job)
        }
    }

    /// What the gateway keeps is what was sent, byte for byte, however it is cut on the way, and sealed on the disk.
    @Test(arguments: [0, 1, 4095, 4096, 4097, 32_768, 300_000, 1_000_000]) func theDocument(size: Int) async throws {
        try await TestGateway.run { gateway, client in
            var document = TestForm.pdf
            var random = SeededGenerator(seed: UInt64(size))
            document += (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            let response = try await client.send(TestForm(.field("to", "5551230100"), .file(document)))
            #expect(response.status == .accepted)
            let fax = try #require(try await gateway.store.faxes(limit: 2).first)
            let reader = try await gateway.documents.open(fax.document)
            #expect(try await reader.read(at: 0, count: document.count) == document)
            #expect(try await gateway.store.document(fax.document).size == document.count)
        }
    }

    @Test func fieldsComeInAnyOrder() async throws {
        let parts: [TestForm.Part] = [
            .field("to", "+15551230100"), .file(TestForm.text), .field("resolution", "standard"), .field("paper", "a4"),
        ]
        try await TestGateway.run { gateway, client in
            for start in parts.indices {
                for order in [Array(parts[start...] + parts[..<start]), (parts[start...] + parts[..<start]).reversed()] {
                    #expect(try await client.send(TestForm(parts: order)).status == .accepted)
                    gateway.clock.advance(by: .milliseconds(1))
                    let fax = try #require(try await gateway.store.faxes(limit: 1).first)
                    #expect(fax.number.dialString == "+15551230100")
                    #expect(fax.resolution == .standard)
                    #expect(fax.paper == "a4")
                    #expect(fax.format == "text")
                }
            }
        }
    }

    @Test func settingsFillWhatIsNotSaid() async throws {
        try await TestGateway.run(["FAXLOCK_RESOLUTION": "standard", "FAXLOCK_PAPER": "a4"]) { gateway, client in
            #expect(try await client.send(.good).status == .accepted)
            let fax = try #require(try await gateway.store.faxes(limit: 1).first)
            #expect(fax.resolution == .standard)
            #expect(fax.paper == "a4")
        }
    }

    /// Fields that other servers know and this one does not are no reason to refuse a fax.
    @Test func unknownFieldsAreIgnored() async throws {
        try await TestGateway.run { _, client async throws in
            let form = TestForm(.field("to", "+15551230100"), .field("subject", "x"), .file(TestForm.pdf), .field("", "y"))
            #expect(try await client.send(form).status == .accepted)
        }
    }

    private static let formats: [([UInt8], String?, PageJob.Format)] = [
        (TestForm.png, "application/pdf", .png), (TestForm.pdf, "text/plain", .pdf), (TestForm.text, "image/png", .text),
        (TestForm.tiff, nil, .tiff), (TestForm.jpeg, "nonsense", .jpeg), ([0x61], "application/x-msdownload", .text),
    ]

    @Test(arguments: formats) func contentDecidesAndNotTheDeclaredType(
        bytes: [UInt8], type: String?, format: PageJob.Format
    ) async throws {
        try await TestGateway.run { gateway, client async throws in
            let form = TestForm(.field("to", "+15551230100"), .file(bytes, name: "a.exe", type: type))
            #expect(try await client.send(form).status == .accepted)
            #expect(try await gateway.store.faxes(limit: 1).first?.format == format.rawValue)
        }
    }

    private static let names = [
        "test_results.txt", "../../etc/passwd", "/", "..", "a/b\\\\c", String(repeating: "n", count: 300), "\u{202E}fdp.exe", "", " ",
        "CON", ".faxlock", "a\u{301}\u{1F4E0}.txt", "%00%2e%2e", "a;b='c'",
    ]

    /// The client's name for its file has no effect: not on the document, not on the paths, not in the log.
    @Test(arguments: names) func theFileNameIsNothing(name: String) async throws {
        try await TestGateway.run { gateway, client in
            let form = TestForm(.field("to", "+15551230100"), .file(TestForm.text, name: name, type: "text/plain"))
            #expect(try await client.send(form).status == .accepted)
            let fax = try #require(try await gateway.store.faxes(limit: 1).first)
            let reader = try await gateway.documents.open(fax.document)
            #expect(try await reader.read(at: 0, count: TestForm.text.count) == TestForm.text)
            let blobs = try gateway.blobs()
            #expect(blobs.count == 1)
            #expect(blobs[0].wholeMatch(of: /[0-9a-f]{2}\/[0-9a-f]{32}\.upload\.0/) != nil)
            #expect(!gateway.logs.all.contains { $0.contains("test_results") || $0.contains("passwd") })
        }
    }

    @Test func numbersOfAllLengths() async throws {
        try await TestGateway.run { gateway, client in
            for number in ["555123", "5551230100", "55512301001234567890", "+15551230100"] {
                let response = try await client.send(TestForm(.field("to", number), .file(TestForm.text)))
                #expect(response.status == .accepted)
                #expect(try response.json()["to"]?.text == number)
            }
            #expect(!gateway.logs.all.contains { $0.contains("555123") })
        }
    }

    @Test func disabledFaxesAreKeptAndNotSent() async throws {
        try await TestGateway.run(["FAX_DISABLED": "true"]) { gateway, client in
            let response = try await client.send(.good)
            #expect(response.status == .accepted)
            #expect(try response.json()["status"] == "disabled")
            #expect(try await gateway.store.faxes(in: .accepted, limit: 1).isEmpty)
            #expect(try gateway.blobs().count == 1)
        }
    }

    @Test func aFileOfExactlyTheLimitIsTaken() async throws {
        try await TestGateway.run(["MAX_FILE_SIZE_MB": "1"]) { gateway, client async throws in
            let document = TestForm.pdf + [UInt8](repeating: 0x20, count: (1 << 20) - TestForm.pdf.count)
            #expect(try await client.send(TestForm(.field("to", "+15551230100"), .file(document))).status == .accepted)
        }
    }

    /// Many at once, all different: each is kept under its own id.
    @Test func concurrentSubmissions() async throws {
        try await TestGateway.run { gateway, client in
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<40 {
                    group.addTask {
                        let form = TestForm(.field("to", "+155512301\(10 + index)"), .file(Array("letter \(index)".utf8)))
                        let response = try await client.send(form)
                        #expect(response.status == .accepted)
                        return try #require(try response.json()["id"]?.text)
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids.count == 40)
            #expect(try gateway.blobs().count == 40)
            #expect(try await gateway.store.faxes(limit: 100).count == 40)
        }
    }
}
