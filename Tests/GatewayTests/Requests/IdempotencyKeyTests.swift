import HTTPTypes
import Testing

@testable import Gateway

/// How a client writes its key.
@Suite struct IdempotencyKeyTests {
    private static let good: [(String, String)] = [
        ("abc", "abc"), (#""abc""#, "abc"), ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        (#""8e03978e-40d5-43dd-bc93-6894a57f9324""#, "8e03978e-40d5-43dd-bc93-6894a57f9324"), (#""a\"b\\c""#, #"a"b\c"#),
        (#""abc";v=1"#, "abc"), ("a,b;c", "a,b;c"), (#"a"b"#, #"a"b"#),
        (String(repeating: "x", count: 255), String(repeating: "x", count: 255)),
    ]

    @Test(arguments: good) func isRead(header: String, key: String) {
        #expect(IdempotencyKey(header)?.text == key)
    }

    private static let bad = [
        "", #""""#, #"""#, #""abc"#, #""abc"x"#, #""a\bc""#, #""a b""#, "a b", "ä", "a\u{7F}", "a\u{0}", String(repeating: "x", count: 256),
        "\"" + String(repeating: "x", count: 256) + "\"", #""abc\"#, "\u{1F511}",
    ]

    @Test(arguments: bad) func isRefused(header: String) {
        #expect(IdempotencyKey(header) == nil)
    }

    @Test func twoWithOneKeyWait() async throws {
        let gate = IdempotencyGate()
        let key = try #require(IdempotencyKey("k"))
        let problem = await #expect(throws: Problem.self) {
            try await gate.pass(key, of: "one") {
                // Another owner's key is another key, and without a key nobody waits.
                try await gate.pass(key, of: "two") {}
                try await gate.pass(nil, of: "one") {}
                try await gate.pass(key, of: "one") {}
            }
        }
        #expect(problem?.status == .conflict)
        #expect(problem?.retryAfter == 1)
        // The first is over, although it failed.
        #expect(try await gate.pass(key, of: "one") { 7 } == 7)
    }
}
