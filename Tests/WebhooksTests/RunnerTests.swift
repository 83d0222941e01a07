import FaxModel
import Ledger
import Store
import Synchronization
import Testing

@testable import Webhooks

/// From events of faxes to messages that arrived, or were given up.
@Suite(.timeLimit(.minutes(1))) struct RunnerTests {
    @Test func `an event is told, signed by the endpoint's secret`() async throws {
        try await TestHouse.with { house in
            let secret = WebhookSecret.make()
            let endpoint = try await house.endpoint(secret: secret)
            try await house.run(post: { _ in .status(204, retryAfter: nil) }) { _ in
                let fax = try await house.accept(1)
                try await house.until { house.posted.all.count == 1 }
                let message = try #require(house.posted.all.first)
                #expect(message.id.hasPrefix("msg_") && message.url == endpoint.url && message.attempts == 0)
                #expect(message.body.contains(fax.text) && message.body.contains(#""type":"fax.accepted""#))
                #expect(!message.body.contains("5551230101"))
                #expect(message.secrets.map(\.text) == [secret])
                let delivery = try await house.delivery(message.id, is: .delivered)
                #expect(delivery.attempts == 1 && delivery.lastStatus == 204 && delivery.endedAt == house.clock.now)
            }
        }
    }

    /// What happened while no server ran.
    @Test func `events of before the start are told`() async throws {
        try await TestHouse.with { house in
            _ = try await house.endpoint()
            for number in 1...3 { try await house.accept(number) }
            try await house.run(post: { _ in .status(200, retryAfter: nil) }) { _ in
                try await house.until { house.posted.all.count == 3 }
            }
            // And not again at the next.
            try await house.run(post: { _ in .status(200, retryAfter: nil) }) { _ in
                try await house.accept(4)
                try await house.until { house.posted.all.count == 4 }
            }
            #expect(Set(house.posted.all.map(\.id)).count == 4)
        }
    }

    @Test func `eight attempts with the same id, then a dead letter, then its replay`() async throws {
        try await TestHouse.with { house in
            let endpoint = try await house.endpoint()
            let isUp = Switch()
            try await house.run(post: { _ in isUp.isOn ? .status(200, retryAfter: nil) : .status(503, retryAfter: nil) }) { runner in
                try await house.accept(1)
                try await house.until { house.posted.all.count == 1 }
                let id = try #require(house.posted.all.first).id
                let start = house.clock.now
                for attempts in 1...7 {
                    let delivery = try await house.delivery(id, is: .pending, attempts: attempts)
                    #expect(delivery.lastStatus == 503 && delivery.dueAt > house.clock.now)
                    // A moment too early nothing happens.
                    house.clock.move(to: Timestamp(milliseconds: delivery.dueAt.milliseconds - 1))
                    runner.wake()
                    try await house.until { house.posted.all.count == attempts }
                    house.clock.move(to: delivery.dueAt)
                    runner.wake()
                    try await house.until { house.posted.all.count == attempts + 1 }
                }
                let dead = try await house.delivery(id, is: .dead)
                #expect(dead.attempts == 8 && dead.lastStatus == 503)
                // 5 s, 25 s, 2 m, 10 m, 52 m, 4 h, 22 h.
                let hours = Double(house.clock.now.milliseconds - start.milliseconds) / 3_600_000
                #expect((24.4...29.8).contains(hours))
                #expect(Set(house.posted.all.map(\.id)) == [id] && house.posted.all.map(\.attempts) == Array(0...7))

                isUp.turnOn()
                #expect(try await house.store.replayDead(of: endpoint.id, by: .system) == 1)
                runner.wake()
                let again = try await house.delivery(id, is: .delivered)
                #expect(again.attempts == 1 && house.posted.all.last?.id == id)
                // One that arrived, once more.
                #expect(try await house.store.replayDelivery(id, by: .system))
                runner.wake()
                try await house.until { house.posted.all.count == 10 }
                #expect(try await house.store.replayDead(of: endpoint.id, by: .system) == 0)
            }
        }
    }

    /// The answer came, and the process went before it wrote that down.
    @Test func `after a stop between answer and commit it is posted again, with the same id`() async throws {
        try await TestHouse.with { house in
            _ = try await house.endpoint()
            try await house.accept(1)
            let arrived = AsyncStream.makeStream(of: Void.self)
            try await house.run(post: { _ in
                arrived.continuation.yield()
                try? await Task.sleep(for: .seconds(3600))
                return .failed(.stopped)
            }) { _ in
                for await _ in arrived.stream { break }
            }
            let first = try #require(house.posted.all.first)
            #expect(try await house.store.webhookDelivery(first.id)?.attempts == 0)
            try await house.run(post: { _ in .status(200, retryAfter: nil) }) { _ in
                _ = try await house.delivery(first.id, is: .delivered)
            }
            #expect(house.posted.all.map(\.id) == [first.id, first.id])
        }
    }

    @Test func `four at a time to one receiver, and no other waits for it`() async throws {
        try await TestHouse.with { house in
            _ = try await house.endpoint(url: "https://slow.example.com/")
            let gate = Gate()
            try await house.run(post: { message in
                if message.url.contains("slow") { await gate.pass() }
                return .status(200, retryAfter: nil)
            }) { _ in
                for number in 1...10 { try await house.accept(number) }
                func slow() -> Int { house.posted.all.count { $0.url.contains("slow") } }
                try await house.until { slow() == WebhookRunner.mostOfTarget }
                _ = try await house.endpoint(url: "https://quick.example.com/")
                try await house.accept(11)
                try await house.until { house.posted.all.contains { $0.url.contains("quick") } }
                #expect(slow() == WebhookRunner.mostOfTarget)
                await gate.letOne()
                try await house.until { slow() == 5 }
                let opened = gate.open()
                defer { opened.cancel() }
                try await house.until { slow() == 11 }
                try await house.until {
                    try await house.store.webhookDeliveries(of: .owner("bootstrap"), state: .pending, limit: 1).isEmpty
                }
            }
        }
    }

    @Test func `410 ends an endpoint`() async throws {
        try await TestHouse.with { house in
            let endpoint = try await house.endpoint()
            try await house.run(post: { _ in .status(410, retryAfter: nil) }) { runner in
                try await house.accept(1)
                try await house.until { try await house.store.webhook(endpoint.id)?.disabledAt != nil }
                let id = try #require(house.posted.all.first).id
                #expect(try await house.store.webhookDelivery(id)?.state == .dead)
                #expect(try await !house.store.replayDelivery(id, by: .system))
                // Another is told of what follows; this one no more.
                let other = try await house.endpoint(url: "https://other.example.com/")
                try await house.accept(2)
                try await house.until { house.posted.all.contains { $0.url == other.url } }
                #expect(house.posted.all.count { $0.url == endpoint.url } == 1)
                runner.wake()
            }
            let leaves = try await house.store.ledgerEntries(from: 0, limit: 100).map { String(decoding: $0.leaf, as: UTF8.self) }
            #expect(leaves.contains { $0.contains("webhook.changed") && $0.contains("disabled") && $0.contains(endpoint.id) })
        }
    }

    @Test func `nothing goes out for a key that was revoked meanwhile`() async throws {
        try await TestHouse.with { house in
            try await house.store.save(
                APIKeyRecord(
                    id: "k1", secretHash: Array(repeating: 1, count: 32), scopes: [.faxSend], name: "", owner: "", note: "",
                    createdAt: house.clock.now), by: .system)
            _ = try await house.endpoint(owner: "k1")
            try await house.accept(1, owner: "k1")
            // Its message is made, and then the key is revoked.
            let made = try await house.store.fanOutWebhooks(
                limit: 10, compose: { WebhookPayload.body(of: $0) }, makeSecret: WebhookSecret.make)
            #expect(made.messages == 1)
            #expect(try await !house.store.revokeKey("k1", by: .system).isEmpty)
            try await house.accept(2, owner: "k1")
            try await house.run(post: { _ in .status(200, retryAfter: nil) }) { _ in
                try await house.until {
                    try await house.store.webhookDeliveries(of: .owner("k1"), state: .dead, limit: 10).count == 1
                }
            }
            #expect(house.posted.all.isEmpty)
            let all = try await house.store.webhookDeliveries(of: .owner("k1"), limit: 10)
            #expect(all.map(\.lastFailure) == ["owner_revoked"])
        }
    }

    @Test func `a fax's own URL is told, signed by its owner's secret`() async throws {
        try await TestHouse.with { house in
            try await house.run(post: { _ in .status(200, retryAfter: nil) }) { _ in
                try await house.accept(1, owner: "k1", callback: "https://callback.example.com/f/1?t=2")
                try await house.until { house.posted.all.count == 1 }
                let message = try #require(house.posted.all.first)
                #expect(message.url == "https://callback.example.com/f/1?t=2")
                let secret = try await house.store.callbackSecret(of: "k1", makeSecret: WebhookSecret.make, by: .system)
                #expect(message.secrets.map(\.text) == [secret])
                let delivery = try await house.delivery(message.id, is: .delivered)
                #expect(delivery.endpoint == nil && delivery.owner == "k1")
            }
        }
    }

    /// An answer, once it is wanted.
    private final class Switch: Sendable {
        private let value = Mutex(false)
        var isOn: Bool { value.withLock { $0 } }
        func turnOn() { value.withLock { $0 = true } }
    }

    /// Lets messages through, one at a time or all.
    private final class Gate: Sendable {
        private let waiting = AsyncStream.makeStream(of: CheckedContinuation<Void, Never>.self)

        @concurrent
        func pass() async {
            await withCheckedContinuation { _ = waiting.continuation.yield($0) }
        }

        func letOne() async {
            for await one in waiting.stream {
                one.resume()
                return
            }
        }

        /// From now on all pass, until the task is cancelled.
        func open() -> Task<Void, Never> {
            Task { [stream = waiting.stream] in
                for await one in stream { one.resume() }
            }
        }
    }
}
