import FaxModel
import Foundation
import Glibc
import Testing
import Webhooks

/// Standard Webhooks 1.0.0.
@Suite struct SignatureTests {
    private static let python = getenv("FAXLOCK_TEST_PYTHON").map { String(cString: $0) }
    private static let reason: Comment = "FAXLOCK_TEST_PYTHON names no Python that has standardwebhooks"
    private static let known = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    private static func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    @Test func `what another implementation computed`() throws {
        let secret = try #require(WebhookSecret(Self.known))
        let headers = WebhookSignature.headers(
            id: "msg_019a9f3c81d04b7e9a1f6c2d5e8b7a90", at: Timestamp(milliseconds: 1_795_336_200_999), body: #"{"type":"fax.delivered"}"#,
            secrets: [secret])
        #expect(headers.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(
            headers.map(\.value) == [
                "msg_019a9f3c81d04b7e9a1f6c2d5e8b7a90", "1795336200", "v1,jNExexa+/plHWdvUGKvMgBq6a6TUyM0KhCAso4JcOwc=",
            ])
    }

    @Test func `secrets of 24 to 64 bytes in base64`() throws {
        #expect(try #require(WebhookSecret(Self.known)).text == Self.known)
        let made = WebhookSecret.make()
        #expect(WebhookSecret(made)?.text == made && made != WebhookSecret.make())
        for text in [
            "", "whsec_", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "whsec_\(Data(count: 23).base64EncodedString())",
            "whsec_\(Data(count: 65).base64EncodedString())", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "whsec_%%%%",
        ] {
            #expect(WebhookSecret(text) == nil, "\(text)")
        }
        let secret = try #require(WebhookSecret(made))
        #expect(!"\(secret)".contains(made) && !String(reflecting: secret).contains(made.dropFirst(6)))
    }

    /// With one secret, with the old one and the new one while these change, and never with another or with a changed body.
    @Test(.enabled(if: python != nil, reason)) func `the published library takes them`() async throws {
        let (old, new, other) = (WebhookSecret.make(), WebhookSecret.make(), WebhookSecret.make())
        let body = #"{"data":{"id":"019a9f3c81d04b7e9a1f6c2d5e8b7a90"},"type":"fax.delivered"}"#
        #expect(try await verify(body, signedBy: [new], with: new) == #"valid \#(Self.spaced)"#)
        #expect(try await verify(body, signedBy: [new, old], with: old).hasPrefix("valid"))
        #expect(try await verify(body, signedBy: [new, old], with: new).hasPrefix("valid"))
        #expect(try await verify(body, signedBy: [new, old], with: other) == "invalid No matching signature found")
        #expect(try await verify(body, signedBy: [new], with: new, received: body + " ") == "invalid No matching signature found")
        #expect(try await verify(body, signedBy: [], with: new).hasPrefix("invalid"))
    }

    private static let spaced = #"{"data": {"id": "019a9f3c81d04b7e9a1f6c2d5e8b7a90"}, "type": "fax.delivered"}"#

    /// The example of docs/webhooks.md, as it stands there.
    @Test(.enabled(if: python != nil, reason)) func `the documented receiver takes them`() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/webhooks.md"), encoding: .utf8)
        let example = try #require(text.firstMatch(of: /```python\n((?:.*\n)*?)```/)?.1)
        let secret = WebhookSecret.make()
        let program = """
            \(example)
            import sys, pathlib
            folder = pathlib.Path(sys.argv[1])
            headers = dict(line.split(': ', 1) for line in (folder / 'headers').read_text().splitlines())
            print(receive((folder / 'secret').read_text(), headers, (folder / 'body').read_bytes()))
            """
        for (signer, expected) in [(secret, "fax.delivered"), (WebhookSecret.make(), "None")] {
            let said = try await verify(
                #"{"data":{},"type":"fax.delivered"}"#, signedBy: [signer], with: secret, program: program)
            #expect(said == expected)
        }
    }

    private func verify(
        _ body: String, signedBy secrets: [String], with secret: String, received: String? = nil, program: String? = nil
    ) async throws -> String {
        let python = try #require(Self.python)
        var said = ""
        try await TemporaryFolder.with { folder in
            let headers = WebhookSignature.headers(
                id: "msg_1", at: Self.now(), body: body, secrets: secrets.compactMap { WebhookSecret($0) })
            try folder.write(headers.map { "\($0.name): \($0.value)\n" }.joined(), to: "headers")
            try folder.write(secret, to: "secret")
            try folder.write(received ?? body, to: "body")
            let own = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "verify_webhook.py").path
            let script = try program.map { try folder.write($0, to: "receiver.py") } ?? own
            _ = try await ChildProcess.run([python, script, folder.path], output: folder.file("said"))
            said = try folder.read("said").trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return said
    }
}
