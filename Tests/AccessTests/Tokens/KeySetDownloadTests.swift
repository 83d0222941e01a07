import Access
import NIOCore
import Testing

@Suite struct KeySetDownloadTests {
    private func failure(_ answer: String, isDone: Bool = true, timeout: TimeAmount = .seconds(5)) async throws -> KeySetFailure? {
        try await CannedServer.with(answer, isDone: isDone) { server in
            do {
                _ = try await KeySetDownload.bytes(from: "http://127.0.0.1:\(server.port)/keys", timeout: timeout)
                return nil
            } catch let failure as KeySetFailure {
                return failure
            }
        }
    }

    @Test func bodyComes() async throws {
        let bytes = try await CannedServer.with("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"keys\":[]}") { server in
            try await KeySetDownload.bytes(from: "http://127.0.0.1:\(server.port)/keys")
        }
        #expect(bytes == Array("{\"keys\":[]}".utf8))
    }

    @Test func redirectsAreNotFollowed() async throws {
        let answer = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/keys\r\nContent-Length: 0\r\n\r\n"
        #expect(try await failure(answer) == .status(302))
    }

    @Test(arguments: [204, 401, 404, 500, 503] as [UInt]) func onlyTheAnswer200Counts(status: UInt) async throws {
        #expect(try await failure("HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\n") == .status(status))
    }

    @Test func lengthIsLimited() async throws {
        let longest = KeySetDownload.longest
        for head in ["Content-Length: \(longest + 1)", "Connection: close"] {
            let answer = "HTTP/1.1 200 OK\r\n\(head)\r\n\r\n" + String(repeating: "x", count: longest + 1)
            #expect(try await failure(answer) == .tooLarge)
        }
        #expect(try await failure("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + String(repeating: "x", count: longest)) == nil)
    }

    /// Compressed answers would get around the limit.
    @Test func nothingIsUnpacked() async throws {
        let bytes = try await CannedServer.with("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc") { server in
            try await KeySetDownload.bytes(from: "http://127.0.0.1:\(server.port)/keys")
        }
        #expect(bytes == Array("abc".utf8))
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"])
    func silenceEnds(answer: String) async throws {
        guard case .unreachable = try await failure(answer, isDone: false, timeout: .milliseconds(200)) else {
            Issue.record("no failure")
            return
        }
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "220 smtp.example.org ESMTP\r\n"])
    func brokenAnswersAreFailures(answer: String) async throws {
        guard case .unreachable = try await failure(answer) else {
            Issue.record("no failure")
            return
        }
    }

    @Test func nobodyThere() async throws {
        let port = try await CannedServer.with("") { $0.port }
        await #expect(throws: KeySetFailure.self) { try await KeySetDownload.bytes(from: "http://127.0.0.1:\(port)/keys") }
    }

    /// From the URL to the verified token.
    @Test func verifierFetchesByItself() async throws {
        let issuer = TestIssuer.shared
        let keys = issuer.keySet
        try await CannedServer.with("HTTP/1.1 200 OK\r\nContent-Length: \(keys.utf8.count)\r\n\r\n\(keys)") { server in
            let settings = try BearerTokenSettings(
                issuer: TestIssuer.issuer, audience: TestIssuer.audience, keySetURL: "http://127.0.0.1:\(server.port)/keys")
            let verifier = BearerTokenVerifier(settings, clock: { TestIssuer.now }, report: { _ in })
            #expect(try await verifier.verify(issuer.token()).subject == "u-1")
        }
    }
}
