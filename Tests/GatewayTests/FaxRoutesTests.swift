import FaxModel
import HTTPTypes
import HummingbirdTesting
import Store
import Testing

/// What is told of faxes at each stage of their lives.
@Suite struct FaxRoutesTests {
    private static let attemptNames: Set<String> = [
        "number", "started_at", "ended_at", "outcome", "cause", "bit_rate", "error_correction", "pages_confirmed", "received_fax_id",
    ]

    private func accepted(_ client: any TestClientProtocol, _ key: HTTPFields = .bootstrap) async throws -> FaxID {
        let text = try #require(try await client.send(.good, key).json()["id"]?.text)
        return try #require(FaxID(text))
    }

    @Test func aDeliveredFax() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            let pages = TestGateway.pages(3)
            try await gateway.render(id, pages)
            let queued = try await client.get("/fax/\(id)").json()
            #expect(queued["status"] == "queued")
            #expect(queued["state"] == "queued")
            #expect(queued["pages"] == 3)
            gateway.clock.advance(by: .seconds(5))
            try await gateway.deliver(id, pages)
            let received = try await gateway.receive(reference: "00112233445566778899aabbccddeeff")

            let job = try await client.get("/fax/\(id)").json()
            #expect(job.names == SubmissionTests.faxNames)
            #expect(job["status"] == "SUCCESS")
            #expect(job["state"] == "delivered")
            #expect(job["error"] == .null)
            #expect(job["pages_confirmed"] == 3)
            #expect(job["provider_sid"] == "00112233445566778899aabbccddeeff")
            #expect(job["created_at"] == "2026-11-22T08:30:00.000Z")
            #expect(job["updated_at"] == "2026-11-22T08:30:05.000Z")
            let attempt = try #require(job["attempts"]?[0])
            #expect(attempt.names == Self.attemptNames)
            #expect(attempt["number"] == 1)
            #expect(attempt["outcome"] == "delivered")
            #expect(attempt["cause"] == .null)
            #expect(attempt["bit_rate"] == 14_400)
            #expect(attempt["error_correction"] == true)
            #expect(attempt["pages_confirmed"] == 3)
            #expect(attempt["started_at"] == "2026-11-22T08:30:05.000Z")
            #expect(attempt["received_fax_id"]?.text == received.id.text)
        }
    }

    @Test func aCallThatLasts() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            try await gateway.render(id, TestGateway.pages(1))
            _ = try await gateway.call(id, TestGateway.pages(1))
            let job = try await client.get("/fax/\(id)").json()
            #expect(job["status"] == "in_progress")
            let attempt = try #require(job["attempts"]?[0])
            #expect(attempt.names == Self.attemptNames)
            for name in Self.attemptNames.subtracting(["number", "pages_confirmed"]) { #expect(attempt[name] == .null, "\(name)") }
            #expect(attempt["pages_confirmed"] == 0)
        }
    }

    /// All but the delivery.
    static let outcomes: [(AttemptOutcome, String, String)] =
        [(.interrupted, "queued", "queued"), (.notDialled, "queued", "queued"), (.unknown, "in_progress", "unknown")]
        + FailureCause.allCases.map { (.failed($0), "FAILED", "failed") }

    @Test(arguments: outcomes) func otherOutcomes(outcome: AttemptOutcome, status: String, state: String) async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            try await gateway.render(id, TestGateway.pages(1))
            let attempt = try await gateway.call(id, TestGateway.pages(1))
            var next = FaxEvent.AfterAttempt.again
            if case .failed = outcome { next = .noMore }
            try await gateway.store.attemptEnded(id, attempt: attempt, report: .init(outcome, evidence: "SIP 486")) { [next] in
                RetryDecision(next: next, progress: $0.fax.progress)
            }
            let job = try await client.get("/fax/\(id)").json()
            #expect(job["status"]?.text == status)
            #expect(job["state"]?.text == state)
            #expect(job["attempts"]?[0]?["outcome"]?.text == outcome.name)
            if case .failed(let cause) = outcome {
                #expect(job["attempts"]?[0]?["cause"]?.text == cause.rawValue)
                #expect(job["error"]?.text == "\(cause.sentence) (SIP 486)")
            }
            #expect((job["error"] == .null) == (state == "queued"))
        }
    }

    @Test func aDocumentThatCannotBeFaxed() async throws {
        try await TestGateway.run { gateway, client in
            let id = try await accepted(client)
            _ = try await gateway.store.apply(.notFaxable, to: id, error: "The PDF is encrypted.")
            let job = try await client.get("/fax/\(id)").json()
            #expect(job["status"] == "FAILED")
            #expect(job["error"] == "The PDF is encrypted.")
            #expect(job["attempts"] == [])
        }
    }

    @Test func listsInPages() async throws {
        try await TestGateway.run { gateway, client in
            let mine = HTTPFields.key(try await gateway.key(.faxSend, .faxRead))
            var ids: [String] = []
            for index in 0..<7 {
                ids.insert(try await accepted(client, mine).text, at: 0)
                gateway.clock.advance(by: .milliseconds(1))
                // Others' faxes fill no page of mine.
                if index % 2 == 0 { _ = try await accepted(client) }
                gateway.clock.advance(by: .milliseconds(1))
            }
            let first = try await client.get("/fax?limit=3", mine).json()
            #expect(first.items.map { $0["id"]?.text } == ids[..<3].map(Optional.some))
            for job in first.items { #expect(job.names == SubmissionTests.faxNames.subtracting(["attempts"])) }
            let second = try await client.get("/fax?limit=3&before=\(ids[2])", mine).json()
            #expect(second.items.map { $0["id"]?.text } == ids[3..<6].map(Optional.some))
            let last = try await client.get("/fax?before=\(ids[5])&limit=3", mine).json()
            #expect(last.items.map { $0["id"]?.text } == [ids[6]])
            #expect(try await client.get("/fax?limit=1000").json().items.count == 11)
        }
    }

    @Test func wrongParametersOfLists() async throws {
        try await TestGateway.run { _, client in
            for query in [
                "limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "limit", "limit=1.5", "before=x", "before=",
                "before=019A9F3C81D04B7E9A1F6C2D5E8B7A90", "before='%20OR%201=1",
            ] {
                let response = try await client.get("/fax?\(query)")
                #expect(response.status == .unprocessableContent, "\(query)")
                #expect(response.detail != nil)
            }
        }
    }

    /// What is no route is a JSON error too.
    @Test func unknownPaths() async throws {
        try await TestGateway.run { _, client in
            let requests: [(HTTPRequest.Method, String)] = [
                (.get, "/"), (.get, "/nothing"), (.delete, "/fax"), (.put, "/health"), (.get, "/admin"), (.get, "/../etc/passwd"),
                (.get, "/fax/a/b/c"), (.head, "/fax"),
            ]
            for (method, path) in requests {
                let response = try await client.execute(uri: path, method: method, headers: .bootstrap)
                #expect(response.status == .notFound, "\(method) \(path)")
                #expect(response.detail == "Not Found")
            }
        }
    }
}
