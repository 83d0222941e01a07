import Access
import FaxModel
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import Testing

@testable import Webhooks

/// Over real connections: what is posted, what is made of the answer, and whom a name can have called.
@Suite struct SenderTests {
    private static let now = Timestamp(milliseconds: 1_795_336_200_000)
    private static let loopback = WebhookAddressRules(allowsLoopback: true)

    private static func address(_ text: String) throws -> NetworkAddress { try #require(NetworkAddress(text)) }

    private func message(_ url: String, attempts: Int = 0) throws -> WebhookMessage {
        WebhookMessage(
            id: "msg_1", url: url, body: #"{"type":"fax.delivered"}"#, secrets: [try #require(WebhookSecret(WebhookSecret.make()))],
            attempts: attempts)
    }

    /// Posts one message by a sender that finds `addresses` for each name.
    private func post(
        _ url: String, rules: WebhookAddressRules = loopback, addresses: [String] = ["127.0.0.1"], attempts: Int = 0,
        authorities: [NIOSSLCertificate] = [], timeLimit: Duration = .seconds(15)
    ) async throws -> WebhookAnswer {
        let found = try addresses.map { try Self.address($0) }
        let asked = AsyncStream.makeStream(of: String.self)
        let sender = WebhookSender(rules: rules, authorities: authorities, timeLimit: timeLimit, clock: { Self.now }) { name, _ in
            asked.continuation.yield(name)
            return found
        }
        let answer = await sender.post(try message(url, attempts: attempts))
        await sender.close()
        asked.continuation.finish()
        var names: [String] = []
        for await name in asked.stream { names.append(name) }
        #expect(names.count <= 1)
        return answer
    }

    @Test func `a signed message by POST`() async throws {
        try await Receiver.with(answer: { _ in .status(204) }) { receiver in
            let answer = try await post("http://localhost:\(receiver.port)/hooks/1?a=b")
            #expect(answer == .status(204, retryAfter: nil))
            let request = try #require(receiver.requests.first)
            #expect(receiver.requests.count == 1)
            #expect(request.method == "POST" && request.path == "/hooks/1?a=b" && request.body == #"{"type":"fax.delivered"}"#)
            #expect(request.headers["host"] == ["localhost:\(receiver.port)"])
            #expect(request.headers["content-type"] == ["application/json"] && request.headers["webhook-id"] == ["msg_1"])
            #expect(request.headers["webhook-timestamp"] == ["1795336200"])
            #expect(request.headers.first(name: "webhook-signature")?.hasPrefix("v1,") == true)
        }
    }

    @Test func `a redirect is an answer, and is not followed`() async throws {
        try await Receiver.with(answer: { _ in .status(200) }) { inner in
            let target = "http://127.0.0.1:\(inner.port)/"
            try await Receiver.with(answer: { _ in .status(307, [("Location", target)]) }) { outer in
                let answer = try await post("http://127.0.0.1:\(outer.port)/")
                #expect(answer == .status(307, retryAfter: nil))
                #expect(outer.requests.count == 1)
            }
            #expect(inner.requests.isEmpty)
        }
    }

    /// The name has two addresses, and the order is that of the resolver.
    @Test(arguments: [["127.0.0.1", "10.0.0.1"], ["10.0.0.1", "127.0.0.1"], ["127.0.0.1", "::ffff:10.0.0.1"], ["127.0.0.1", "1.1.1.1"]])
    func `one address that is refused refuses the name`(addresses: [String]) async throws {
        try await Receiver.with(answer: { _ in .status(200) }) { receiver in
            let answer = try await post("http://hooks.example.com:\(receiver.port)/", addresses: addresses)
            #expect(answer == .failed(.address))
            #expect(receiver.requests.isEmpty)
        }
    }

    @Test(arguments: ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "64:ff9b::7f00:1", "0.0.0.0"])
    func `a name that leads inside is not called`(address: String) async throws {
        try await Receiver.with(answer: { _ in .status(200) }) { receiver in
            for url in [
                "https://hooks.example.com:\(receiver.port)/",
                "https://\(address.contains(":") ? "[\(address)]" : address):\(receiver.port)/",
            ] {
                let answer = try await post(url, rules: WebhookAddressRules(), addresses: [address])
                #expect(answer == .failed(.address), "\(url)")
            }
            #expect(receiver.requests.isEmpty)
        }
    }

    @Test func `a URL that the rules no longer allow is not called`() async throws {
        try await Receiver.with(answer: { _ in .status(200) }) { receiver in
            for url in [
                "http://127.0.0.1:\(receiver.port)/", "http://2130706433:\(receiver.port)/", "https://user@127.0.0.1:\(receiver.port)/", "",
            ] {
                let answer = try await post(url, rules: WebhookAddressRules())
                #expect(answer == .failed(.url), "\(url)")
            }
            #expect(receiver.requests.isEmpty)
        }
    }

    /// The resolver answers once; the connection goes to that address and no other, whatever the name leads to elsewhere.
    @Test func `the address that was checked is called`() async throws {
        try await Receiver.with(answer: { _ in .status(200) }) { receiver in
            let url = "http://no-such-host.invalid:\(receiver.port)/"
            let answer = try await post(url)
            #expect(answer == .status(200, retryAfter: nil))
            #expect(receiver.requests.first?.headers["host"] == ["no-such-host.invalid:\(receiver.port)"])
            #expect(try await post(url, addresses: []) == .failed(.name))
            // Another of them at the next attempt: nothing listens on the first.
            let two = ["127.0.0.2", "127.0.0.1"]
            #expect(try await post(url, addresses: two) == .failed(.connection))
            #expect(try await post(url, addresses: two, attempts: 1) == .status(200, retryAfter: nil))
        }
    }

    @Test func `answers that do not come, or do not end`() async throws {
        try await Receiver.with(answer: { _ in .silence }) { receiver in
            let answer = try await post("http://127.0.0.1:\(receiver.port)/", timeLimit: .milliseconds(300))
            #expect(answer == .failed(.timeout))
        }
        try await Receiver.with(answer: { _ in .half(200) }) { receiver in
            let answer = try await post("http://127.0.0.1:\(receiver.port)/", timeLimit: .milliseconds(300))
            #expect(answer == .status(200, retryAfter: nil))
        }
        try await Receiver.with(answer: { _ in .flood(64 << 20) }) { receiver in
            let answer = try await post("http://127.0.0.1:\(receiver.port)/")
            #expect(answer == .status(200, retryAfter: nil))
        }
        try await Receiver.with(answer: { _ in .close }) { receiver in
            let answer = try await post("http://127.0.0.1:\(receiver.port)/")
            #expect(answer == .failed(.connection))
        }
        #expect(try await post("http://127.0.0.1:1024/") == .failed(.connection))
    }

    @Test func `a receiver's wish for time`() async throws {
        try await Receiver.with(answer: { _ in .status(503, [("Retry-After", "30")]) }) { receiver in
            let answer = try await post("http://127.0.0.1:\(receiver.port)/")
            #expect(answer == .status(503, retryAfter: .seconds(30)))
        }
    }

    // MARK: TLS

    /// The certificate must be that of the name in the URL, and TLS asks for it by that name, although an address is connected to.
    @Test(.enabled(if: TestCertificate.isPossible, "/usr/bin/openssl makes the certificates"))
    func `the certificate is that of the name`() async throws {
        try await TemporaryFolder.with { folder in
            let certificate = try await TestCertificate(for: "DNS:hooks.example.com", in: folder)
            let asked = Names()
            var server = certificate.server
            server.sslContextCallback = { values, promise in
                asked.add(values.serverHostname)
                promise.succeed(.noChanges)
            }
            try await Receiver.with(tls: server, answer: { _ in .status(200) }) { receiver in
                let (good, other) = ("https://hooks.example.com:\(receiver.port)/x", "https://other.example.com:\(receiver.port)/x")
                let answer = try await post(good, authorities: certificate.certificates)
                #expect(answer == .status(200, retryAfter: nil))
                #expect(receiver.requests.map { $0.headers["host"] } == [["hooks.example.com:\(receiver.port)"]])
                #expect(asked.all == ["hooks.example.com"])
                #expect(try await post(other, authorities: certificate.certificates) == .failed(.tls))
                #expect(try await post("https://127.0.0.1:\(receiver.port)/", authorities: certificate.certificates) == .failed(.tls))
                // Not of a trusted authority.
                #expect(try await post(good) == .failed(.tls))
                #expect(receiver.requests.count == 1)
            }
            // A server without TLS is told nothing.
            try await Receiver.with(answer: { _ in .status(200) }) { receiver in
                let answer = try await post("https://hooks.example.com:\(receiver.port)/", authorities: certificate.certificates)
                #expect(answer == .failed(.tls))
                #expect(receiver.requests.isEmpty)
            }
        }
    }

    private final class Names: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func add(_ name: String?) { names.withLock { $0.append(name ?? "") } }
    }

    @Test func `the system's resolver`() async throws {
        let resolver = HostResolver(threads: 1)
        let patience = Duration.seconds(20)
        let addresses = await resolver.addresses(of: "localhost", within: patience)
        #expect(!addresses.isEmpty && addresses.allSatisfy(\.isLoopback))
        // What our own reading of URLs does not let through, and why: this is how others read it.
        #expect(await resolver.addresses(of: "2130706433", within: patience) == [try Self.address("127.0.0.1")])
        resolver.close()
        #expect(await resolver.addresses(of: "localhost", within: patience).isEmpty)
    }
}
