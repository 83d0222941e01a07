import FaxDispatch
import FaxModel
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Store
import Testing

@testable import Gateway

/// How often the rules are asked for the recipients of a form: each time costs several queries.
@Suite struct RecipientChecksTests {
    /// Runs `body` with a gateway that counts the questions.
    private func run(
        _ body: @escaping @Sendable (TestGateway, any TestClientProtocol, TestGateway.Counter) async throws -> Void
    ) async throws {
        try await TestGateway.run { gateway, _ in
            let questions = TestGateway.Counter()
            var policy = RecipientPolicy()
            // For the count of the day, each question asks for the time once.
            policy.faxesPerDay = 1000
            let clock = gateway.clock
            let rules = RecipientRules(store: gateway.store, policy: policy) {
                questions.add()
                return clock.now
            }
            let router = gateway.router(keys: gateway.keys, recipients: rules).build()
            try await Application(router: router, logger: gateway.logs.logger()).test(.router) { client in
                try await body(gateway, client, questions)
            }
        }
    }

    private func form(_ parts: [String]) -> TestForm {
        TestForm(parts: parts.map { .field("to", $0) } + [.file(TestForm.text)])
    }

    private static let numbers = (0..<30).map { "+155512301\(10 + $0)" }

    /// Once when its part ends, before the document is read, and once when the whole form is there.
    @Test func eachRecipientIsAskedForTwiceHoweverManyPartsThereAre() async throws {
        try await run { gateway, client, questions async throws in
            #expect(try await client.send(form(Self.numbers)).status == .accepted)
            #expect(questions.count == 2 * Self.numbers.count)
            #expect(try await gateway.store.faxes(limit: 99).count == Self.numbers.count)
        }
    }

    @Test func severalInAPartAreNoExceptions() async throws {
        try await run { _, client, questions async throws in
            let parts = [Self.numbers[0], Self.numbers[1...4].joined(separator: ", "), Self.numbers[5], Self.numbers[6]]
            #expect(try await client.send(form(parts)).status == .accepted)
            #expect(questions.count == 2 * 7)
        }
    }

    /// A later part is looked at, too, and said to be the one.
    @Test func aWrongOneAmongThemIsFoundBeforeTheDocument() async throws {
        try await run { gateway, client, questions async throws in
            let parts: [TestForm.Part] = ["+15551230110", "+15551230111", "12"].map { .field("to", $0) }
            let response = try await client.send(TestForm(parts: parts + [.file(TestForm.text)]))
            #expect(response.status == .badRequest)
            #expect(response.detail?.hasPrefix("Recipient 3 of 3: ") == true)
            #expect(questions.count == 2)
            try await gateway.expectNothing()
        }
    }

    /// With a key the client may be repeating what was right: nothing is asked before that is known.
    @Test func aRepeatedRequestAsksNothing() async throws {
        try await run { gateway, client, questions async throws in
            var headers = HTTPFields.bootstrap
            headers[.idempotencyKey] = "k"
            #expect(try await client.send(form(Self.numbers), headers).status == .accepted)
            #expect(questions.count == Self.numbers.count)
            // Meanwhile one of them does not want faxes any more: what was accepted stays so.
            let listed = #"{"number": "\#(Self.numbers[3])", "status": "do_not_fax"}"#
            #expect(try await client.post("/admin/recipients", json: listed).status == .ok)
            let again = try await client.send(form(Self.numbers), headers)
            #expect(again.status == .accepted && again.headers[.idempotencyReplayed] == "true")
            #expect(questions.count == Self.numbers.count)
            #expect(try await gateway.store.faxes(limit: 99).count == Self.numbers.count)
        }
    }
}
