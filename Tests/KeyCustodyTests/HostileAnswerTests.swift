import Foundation
import KeyCustody
import NIOHTTP1
import Testing
import Vault

/// What may come from a custodian's address when it is broken, or somebody else's.
@Suite struct HostileAnswerTests {
    private let context = CustodyContext(tenant: .single)

    private func unwrap(
        from reply: @escaping @Sendable (HTTPStandIn.Request) -> HTTPStandIn.Reply, limit: Duration = .seconds(120)
    ) async throws -> CustodyError? {
        var outcome: CustodyError?
        try await HTTPStandIn.with(answer: reply) { server in
            let address = try CustodyAddress("http://127.0.0.1:\(server.port)", setting: "FAXLOCK_TRANSIT_URL")
            let custodian = try TransitCustodian(address: address, key: "faxlock", token: "s.very-secret", timeLimit: limit)
            do throws(CustodyError) {
                _ = try await custodian.unwrap(Array("vault:v1:AAAA".utf8), key: "faxlock", context: context)
            } catch {
                outcome = error
            }
        }
        return outcome
    }

    @Test(arguments: [HTTPStandIn.Reply.silence, .drip]) func slowAnswersEnd(reply: HTTPStandIn.Reply) async throws {
        let error = try await unwrap(from: { _ in reply }, limit: .milliseconds(400))
        #expect(error == .unreachable(custodian: "transit", reason: "no whole answer within the time limit"))
    }

    @Test func longAnswersAreNotRead() async throws {
        #expect(try await unwrap(from: { _ in .flood(64 * 1024 + 1) }) == .unexpectedAnswer(custodian: "transit", status: 200))
        #expect(try await unwrap(from: { _ in .flood(300 << 20) }) == .unexpectedAnswer(custodian: "transit", status: 200))
    }

    @Test func closedConnectionAndNoServerAreUnreachable() async throws {
        guard case .unreachable = try await unwrap(from: { _ in .close }) else {
            Issue.record("a closed connection is an answer")
            return
        }
        let address = try CustodyAddress("http://127.0.0.1:1", setting: "FAXLOCK_TRANSIT_URL")
        let custodian = try TransitCustodian(address: address, key: "faxlock", token: "s.very-secret")
        await #expect(throws: CustodyError.unreachable(custodian: "transit", reason: "the connection failed (errno 111)")) {
            _ = try await custodian.wrap(SecretBytes([1]), context: context)
        }
    }

    @Test func redirectIsNotFollowed() async throws {
        let error = try await unwrap { request in
            request.path.contains("decrypt") ? .redirect("/v1/elsewhere") : .whole(200, "{\"data\":{\"plaintext\":\"AAAA\"}}")
        }
        #expect(error == .unexpectedAnswer(custodian: "transit", status: 307))
    }

    @Test(arguments: [
        "", "null", "[]", "{}", "{\"data\":null}", "{\"data\":{}}", "{\"data\":{\"plaintext\":7}}", "{\"data\":{\"plaintext\":\"A\"}}",
        "{\"data\":{\"plaintext\":\"\\", "{\"data\":{\"plaintext\":\"AAAA", "{\"plaintext\":\"AAAA\"}",
        "{\"data\":{\"plaintext\":\"\\uD83D\"}}",
        "\u{FEFF}{}", "{\"data\"",
    ])
    func otherJSONIsNotUnderstood(text: String) async throws {
        #expect(try await unwrap(from: { _ in .whole(200, text) }) == .unexpectedAnswer(custodian: "transit", status: 200))
    }

    /// The letters are repeated, so that a failure does not print all of them.
    @Test(arguments: [("[", 60_000), ("{\"a\":", 10_000)])
    func deepJSONIsNotUnderstood(beginning: String, count: Int) async throws {
        let text = String(repeating: beginning, count: count)
        #expect(try await unwrap(from: { _ in .whole(200, text) }) == .unexpectedAnswer(custodian: "transit", status: 200))
    }

    @Test(arguments: [400, 401, 403, 404, 418, 429, 500, 503]) func errorsQuoteNothingOfTheAnswer(status: Int) async throws {
        let error = try #require(
            try await unwrap { request in
                .whole(status, "{\"errors\":[\"\(request.headers["X-Vault-Token"]) \(String(decoding: request.body, as: UTF8.self))\"]}")
            })
        #expect(!"\(error) \(String(reflecting: error))".contains("very-secret"))
        #expect(!error.description.contains("AAAA"))
    }
}
