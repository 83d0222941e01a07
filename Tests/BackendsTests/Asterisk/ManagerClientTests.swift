import Backends
import Logging
import NIOCore
import NIOPosix
import Testing

@Suite(.timeLimit(.minutes(10))) struct ManagerClientTests {
    private func with(
        _ rules: ManagerStandIn.Rules = .init(), secret: String = ManagerStandIn.secret,
        _ change: (inout ManagerClient.Configuration) -> Void = { _ in },
        _ body: (ManagerStandIn, ManagerClient) async throws -> Void
    ) async throws {
        try await ManagerStandIn.with(rules) { standIn in
            var configuration = ManagerClient.Configuration(
                host: "127.0.0.1", port: standIn.port, username: ManagerStandIn.username, secret: secret, tls: nil)
            configuration.firstWait = .milliseconds(2)
            configuration.longestWait = .milliseconds(20)
            change(&configuration)
            let client = ManagerClient(
                configuration: configuration, group: MultiThreadedEventLoopGroup.singleton, logger: .init(label: "test"))
            let running = Task { await client.run() }
            do {
                try await body(standIn, client)
            } catch {
                running.cancel()
                await running.value
                throw error
            }
            running.cancel()
            await running.value
            #expect(await standIn.violations.isEmpty)
        }
    }

    @Test func logsInWithoutShowingTheSecret() async throws {
        try await with { standIn, client in
            #expect(await client.isUp(within: .seconds(10)))
            #expect(await client.isUp)
            let transcript = await standIn.transcript
            #expect(transcript.contains("AuthType: MD5") && !transcript.contains(ManagerStandIn.secret))
        }
    }

    @Test func messagesInPiecesAndEventsBeforeTheResponse() async throws {
        var rules = ManagerStandIn.Rules()
        rules.piece = 3
        rules.beforeLogin = "Event: FullyBooted\r\nUptime: 3\r\n\r\nEvent: Newchannel\r\nUniqueid: other\r\nnonsense\r\n\r\n"
        try await with(rules) { _, client in
            #expect(await client.isUp(within: .seconds(10)))
        }
    }

    /// Why the connection is down, once that is known; the suite's time limit is for one that never says.
    private static func failure(of client: ManagerClient) async -> ManagerFailure? {
        await eventually { await client.failure != nil }
        return await client.failure
    }

    private static func eventually(_ condition: () async -> Bool) async {
        while await !condition(), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func aWrongSecretIsSaidAndTriedAgainLater() async throws {
        try await with(secret: "not-the-secret-0") { standIn, client in
            #expect(await Self.failure(of: client) == .loginRefused)
            await Self.eventually { await standIn.count(of: "Action: Login") > 1 }
            #expect(await standIn.logins == 0)
            #expect(await !client.isUp)
        }
    }

    /// An old or strange Asterisk: the secret is not sent in the clear in place of the digest.
    @Test func withoutChallengeAndTLSTheSecretStaysHere() async throws {
        var rules = ManagerStandIn.Rules()
        rules.givesChallenge = false
        try await with(rules) { standIn, client in
            #expect(await Self.failure(of: client) == .challengeRefused)
            #expect(await !standIn.transcript.contains("Login"))
        }
    }

    @Test func whatIsNoAsteriskIsTold() async throws {
        var rules = ManagerStandIn.Rules()
        rules.banner = "220 mail.example.org ESMTP\r\n"
        try await with(rules) { _, client in
            #expect(await Self.failure(of: client) == .notAsterisk)
        }
    }

    @Test func nothingIsThere() async throws {
        let free = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0).get()
        let port = free.localAddress?.port ?? 1
        try await free.close()
        let client = ManagerClient(
            configuration: .init(host: "127.0.0.1", port: port, username: "faxlock", secret: "x", tls: nil),
            group: MultiThreadedEventLoopGroup.singleton, logger: .init(label: "test"))
        let running = Task { await client.run() }
        let failure = await Self.failure(of: client)
        if case .unreachable? = failure {} else { Issue.record("no reason was given") }
        await #expect(throws: ManagerFailure.notConnected) { try await client.perform(ManagerAction("Ping")) }
        running.cancel()
        await running.value
    }

    @Test func comesBackAfterABreak() async throws {
        try await with { standIn, client in
            #expect(await client.isUp(within: .seconds(10)))
            let news = await client.follow("call-1")
            await standIn.drop()
            var seen: [ManagerClient.News] = []
            for await item in news.prefix(2) { seen.append(item) }
            #expect(seen == [.lost, .back])
            #expect(await standIn.logins == 2)
        }
    }

    @Test func aSilentConnectionIsGivenUp() async throws {
        var rules = ManagerStandIn.Rules()
        rules.isAlive = false
        try await with(
            rules,
            {
                $0.pingInterval = .milliseconds(5)
                $0.responseTime = .milliseconds(50)
            }
        ) { standIn, client in
            #expect(await client.isUp(within: .seconds(10)))
            let news = await client.follow("call-1")
            for await item in news where item == .back { break }
            #expect(await standIn.logins >= 2)
        }
    }

    @Test func anActionThatWasSentIsNeverNotConnected() async throws {
        try await with { standIn, client in
            #expect(await client.isUp(within: .seconds(10)))
            let asking = Task { try await client.perform(ManagerAction("Originate"), id: "x") }
            _ = await standIn.next("Originate")
            await standIn.drop()
            await #expect(throws: ManagerFailure.disconnected) { _ = try await asking.value }
        }
    }

    @Test func channelsThatThereAre() async throws {
        try await with { standIn, client in
            #expect(await client.isUp(within: .seconds(10)))
            let none = try await client.channels()
            #expect(none == [])
            await standIn.have(["a", "b"])
            let two = try await client.channels()
            #expect(two == ["a", "b"])
        }
    }
}
