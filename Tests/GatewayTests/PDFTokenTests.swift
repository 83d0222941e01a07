import FaxModel
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

/// Links that open a fax's PDF without a key.
@Suite struct PDFTokenTests {
    private func accepted(_ client: any TestClientProtocol) async throws -> FaxID {
        let text = try #require(try await client.send(.good).json()["id"]?.text)
        return try #require(FaxID(text))
    }

    private func token(_ id: FaxID, _ client: any TestClientProtocol) async throws -> String {
        try #require(try await client.post("/fax/\(id)/pdf-token").json()["token"]?.text)
    }

    private func expectPDF(_ response: TestResponse, of pages: [FaxPage]) {
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "application/pdf")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(response.bytes.starts(with: Array("%PDF-".utf8)))
        #expect(response.bytes.suffix(8).contains(Array("%%EOF".utf8)))
        for page in pages { #expect(response.bytes.contains(page.t6)) }
    }

    private func expectForbidden(_ response: TestResponse, _ detail: String) {
        #expect(response.status == .forbidden)
        #expect(response.detail == detail)
    }

    @Test(arguments: [TestingSetup.router, .live]) func theLinkOpensThePages(setup: TestingSetup) async throws {
        try await TestGateway.run([:], setup) { gateway, client in
            let id = try await accepted(client)
            let pages = TestGateway.pages(3)
            try await gateway.render(id, pages)
            let response = try await client.post("/fax/\(id)/pdf-token")
            #expect(response.status == .ok)
            #expect(response.headers[.cacheControl] == "no-store")
            let link = try response.json()
            #expect(link.names == ["url", "token", "expires_at"])
            #expect(link["expires_at"] == "2026-11-22T09:30:00.000Z")
            let token = try #require(link["token"]?.text)
            #expect(token.wholeMatch(of: /[0-9a-f]{64}/) != nil)
            #expect(link["url"]?.text == "https://fax.example.org/fax/\(id)/pdf?token=\(token)")
            expectPDF(try await client.get("/fax/\(id)/pdf?token=\(token)", [:]), of: pages)
        }
    }

    /// After a call it shows what really went over the line.
    @Test func theTransmittedImageIsShown() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            let rendered = TestGateway.pages(2)
            let transmitted = TestGateway.pages(2, seed: 1)
            try await gateway.render(id, rendered)
            let token = try await token(id, client)
            try await gateway.deliver(id, transmitted)
            let response = try await client.get("/fax/\(id)/pdf?token=\(token)", [:])
            expectPDF(response, of: transmitted)
            for page in rendered { #expect(!response.bytes.contains(page.t6)) }
        }
    }

    @Test func beforeRenderingThereIsNothing() async throws {
        try await TestGateway.run { _, client in
            let id = try await accepted(client)
            let response = try await client.get("/fax/\(id)/pdf?token=\(try await token(id, client))", [:])
            #expect(response.status == .notFound)
            #expect(response.detail == "The pages of this fax are not ready.")
        }
    }

    @Test func expiresToTheMillisecond() async throws {
        try await TestGateway.run(["PDF_TOKEN_TTL_MINUTES": "5"]) { gateway, client in
            let id = try await accepted(client)
            try await gateway.render(id, TestGateway.pages(1))
            let uri = "/fax/\(id)/pdf?token=\(try await token(id, client))"
            gateway.clock.advance(by: .milliseconds(5 * 60_000 - 1))
            #expect(try await client.get(uri, [:]).status == .ok)
            gateway.clock.advance(by: .milliseconds(1))
            expectForbidden(try await client.get(uri, [:]), "Token expired")
            // The next one sweeps it away; it opens nothing still.
            gateway.clock.advance(by: .milliseconds(1))
            #expect(try await client.get("/fax/\(id)/pdf?token=\(try await token(id, client))", [:]).status == .ok)
            expectForbidden(try await client.get(uri, [:]), "Invalid token")
        }
    }

    @Test func onlyItsOwnTokensOpenAFax() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            let other = try await accepted(client)
            try await gateway.render(id, TestGateway.pages(1))
            let good = try await token(id, client)
            let foreign = try await token(other, client)
            for query in [
                "", "?token", "?token=", "?token=\(foreign)", "?token=\(good.dropLast())", "?token=\(good)0", "?token=%00",
                "?token=\(good.uppercased())x", "?TOKEN=\(good)", "?token=\(TestGateway.bootstrapKey)",
                "?token=" + String(repeating: "0", count: 10_000),
            ] {
                // A key does not help.
                expectForbidden(try await client.get("/fax/\(id)/pdf\(query)", .bootstrap), "Invalid token")
            }
            // A new token does not end the old one.
            let second = try await token(id, client)
            for token in [good, second] { #expect(try await client.get("/fax/\(id)/pdf?token=\(token)", [:]).status == .ok) }
            // Without the right token it cannot be learnt whether there is such a fax.
            expectForbidden(try await client.get("/fax/019a9f3c81d04b7e9a1f6c2d5e8b7a90/pdf?token=\(good)", [:]), "Invalid token")
            for id in ["x", "%2e%2e"] {
                let response = try await client.get("/fax/\(id)/pdf?token=\(good)", [:])
                #expect(response.status == .notFound)
                #expect(response.detail == "Job not found")
            }
        }
    }

    /// Neither the token nor the number is in the database in the clear.
    @Test func onlyAHashIsStored() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            let token = try await token(id, client)
            for name in try FileManager.default.contentsOfDirectory(atPath: gateway.path) where name.hasPrefix("faxlock.db") {
                let bytes = try Data(contentsOf: URL(filePath: "\(gateway.path)/\(name)"))
                #expect(bytes.range(of: Data(token.utf8)) == nil)
                #expect(bytes.range(of: Data("5551230100".utf8)) == nil)
            }
            #expect(!gateway.logs.all.contains { $0.contains(token) })
        }
    }

    /// A damaged blob is an error as a whole, never half a PDF.
    @Test func aDamagedBlobIsACleanError() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            try await gateway.render(id, TestGateway.pages(2))
            let token = try await token(id, client)
            let blob = try #require(try gateway.blobs().first { $0.contains(".pages.") })
            let file = URL(filePath: "\(gateway.path)/blobs/\(blob)")
            var bytes = try Data(contentsOf: file)
            bytes[bytes.count - 20] ^= 1
            try bytes.write(to: file)
            let response = try await client.get("/fax/\(id)/pdf?token=\(token)", [:])
            #expect(response.status == .internalServerError)
            #expect(response.detail == "The server failed to handle the request; its log says why.")
        }
    }
}
