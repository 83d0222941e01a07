import FaxModel
import Ledger
import Logging
import Synchronization
import Testing
import Vault

@testable import Store
@testable import Webhooks

/// A real store with faxes, and a runner whose messages a test answers. Time stands until a test moves it.
struct TestHouse: Sendable {
    /// Stands still until it is moved.
    final class Clock: Sendable {
        private let time = Mutex(Timestamp(milliseconds: 1_795_336_200_000))

        var now: Timestamp { time.withLock { $0 } }

        func move(to moment: Timestamp) {
            time.withLock { $0 = max($0, moment) }
        }
    }

    /// Messages in the order in which they were posted.
    final class Posted: Sendable {
        private let messages = Mutex<[WebhookMessage]>([])

        var all: [WebhookMessage] { messages.withLock { $0 } }

        func add(_ message: WebhookMessage) {
            messages.withLock { $0.append(message) }
        }
    }

    let store: FaxStore
    let clock = Clock()
    let posted = Posted()
    /// One each time that the runner goes to wait.
    private let pauses: AsyncStream<Void>
    private let pause: AsyncStream<Void>.Continuation

    static func with(_ body: (TestHouse) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in
            let house = try TestHouse(folder)
            defer { try? house.store.close() }
            try await body(house)
        }
    }

    private init(_ folder: TemporaryFolder) throws {
        (pauses, pause) = AsyncStream.makeStream()
        store = try FaxStore(
            path: folder.file("faxlock.db"), key: KeyEncryptionKey(), keyPath: "test.key", clock: { [clock] in clock.now })
    }

    /// Runs a runner while `body` does.
    /// - Parameter post: answers to messages, which are in ``posted`` then.
    func run(
        post: @escaping @Sendable (WebhookMessage) async -> WebhookAnswer, _ body: (WebhookRunner) async throws -> Void
    ) async throws {
        let runner = WebhookRunner(
            store: store, events: store.eventFeed.subscribe(), clock: { [clock] in clock.now },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            pause: { [pause] duration in
                pause.yield()
                // Of what stops: the time that it has is over at once.
                if duration == .seconds(5) { return }
                try await Task.sleep(for: .seconds(3600))
            },
            post: { [posted] message in
                posted.add(message)
                return await post(message)
            })
        let running = Task { await runner.run() }
        do {
            try await body(runner)
        } catch {
            await runner.stop()
            await running.value
            throw error
        }
        await runner.stop()
        await running.value
    }

    /// Waits until something is so. It is looked at each time when the runner has done all there was.
    func until(_ condition: () async throws -> Bool) async throws {
        if try await condition() { return }
        for await _ in pauses where try await condition() { return }
    }

    /// Waits until a message has the state, and gives it.
    func delivery(_ id: String, is state: WebhookDelivery.State, attempts: Int? = nil) async throws -> WebhookDelivery {
        try await until {
            let delivery = try await store.webhookDelivery(id)
            return delivery?.state == state && attempts.map { delivery?.attempts == $0 } ?? true
        }
        return try #require(try await store.webhookDelivery(id))
    }

    // MARK: Rows

    func endpoint(
        owner: String = "bootstrap", isAll: Bool = false, events: [String] = ["fax.accepted"], url: String = "https://hooks.example.com/x",
        secret: String = WebhookSecret.make()
    ) async throws -> WebhookEndpoint {
        try #require(
            try await store.addWebhook(
                owner: owner, isAll: isAll, events: events, url: url, secret: secret, by: .system))
    }

    /// A fax, and with it the event `fax.accepted`.
    @discardableResult
    func accept(_ number: Int, owner: String = "bootstrap", callback: String? = nil) async throws -> FaxID {
        var random = SystemRandomNumberGenerator()
        let document = StoredDocument(
            id: try #require(DocumentID("upload\(number)")), kind: .upload, epoch: try await store.currentEpoch(),
            wrappedKey: Array(repeating: 7, count: 60), size: 12, sha256: Array(repeating: 9, count: 32), createdAt: clock.now)
        var terms = FaxTerms()
        terms.callbackURL = callback
        let fax = FaxRecord(
            id: FaxID(now: clock.now, using: &random), state: .accepted, owner: owner,
            number: try #require(PhoneNumber("+1555123\(String(number + 10_100).suffix(4))")), backend: "line", format: "pdf",
            resolution: .fine, paper: "letter", document: document.id, createdAt: clock.now, updatedAt: clock.now, terms: terms)
        try await store.accept(fax, document: document, by: .system)
        return fax.id
    }
}
