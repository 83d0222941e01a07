import FaxModel
import Foundation
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

/// Who is told of what: each event once, in the transaction that moves the cursor.
@Suite struct WebhookTests {
    private static let url = "https://hooks.example.com/token-of-a-path"
    private static let secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    private func endpoint(
        _ test: TestStore, owner: String = "key_1", isAll: Bool = false, events: [String] = []
    ) async throws -> WebhookEndpoint {
        try #require(
            try await test.store.addWebhook(
                owner: owner, isAll: isAll, events: events, url: Self.url, secret: Self.secret, by: .system))
    }

    @discardableResult
    private func fanOut(_ test: TestStore, limit: Int = 100) async throws -> Int {
        try await test.store.fanOutWebhooks(limit: limit, compose: { "{\"type\":\"\($0.type)\"}" }, makeSecret: { Self.secret }).events
    }

    private func told(_ test: TestStore, _ endpoint: WebhookEndpoint) async throws -> [String] {
        try await test.store.webhookDeliveries(of: .endpoint(endpoint.id), limit: 1000).map(\.type).sorted()
    }

    private func key(_ test: TestStore, _ id: String, grants: [GrantRecord] = []) async throws {
        try await test.store.save(
            APIKeyRecord(
                id: id, secretHash: Array(repeating: 1, count: 32), scopes: [.faxSend, .keysManage], name: "", owner: "", note: "",
                grants: grants,
                createdAt: test.clock.now), by: .system)
    }

    @Test func `of one's own faxes, of all, of some types`() async throws {
        try await TestStore.with { test in
            let own = try await endpoint(test)
            let all = try await endpoint(test, owner: "key_9", isAll: true)
            let some = try await endpoint(test, events: ["fax.queued", "fax.page_confirmed"])
            let other = try await endpoint(test, owner: "key_2")
            _ = try await test.queue(1)
            try await test.receive(2)
            #expect(try await fanOut(test) > 0)
            #expect(try await told(test, own) == ["fax.accepted", "fax.queued", "fax.rendering"])
            #expect(try await told(test, all) == ["fax.accepted", "fax.queued", "fax.rendering", "inbound.received"])
            #expect(try await told(test, some) == ["fax.queued"])
            #expect(try await told(test, other).isEmpty)
            #expect(try await fanOut(test) == 0)
        }
    }

    @Test func `one message a page, only for who asks`() async throws {
        try await TestStore.with { test in
            let usual = try await endpoint(test)
            let curious = try await endpoint(test, events: ["fax.page_confirmed"])
            try await test.deliver(1)
            try await fanOut(test)
            #expect(try await told(test, curious) == ["fax.page_confirmed"])
            let types = try await told(test, usual)
            #expect(!types.contains("fax.page_confirmed") && types.contains("fax.delivered") && types.contains("fax.attempt_ended"))
        }
    }

    /// In batches of any size, and again after a restart.
    @Test func `each event once`() async throws {
        try await TestStore.with { test in
            let own = try await endpoint(test)
            for number in 1...3 { _ = try await test.queue(number) }
            var looked = 0
            while case let count = try await fanOut(test, limit: 2), count > 0 { looked += count }
            #expect(try await told(test, own).count == 9 && looked == 9)
            let next = try await test.restarted()
            #expect(try await fanOut(next) == 0)
            try next.store.close()
        }
    }

    /// When the messages cannot be written, the cursor does not move.
    @Test func `cursor and messages are one transaction`() async throws {
        try await TestStore.with { test in
            let own = try await endpoint(test)
            _ = try await test.queue(1)
            try await test.execute("CREATE TRIGGER full BEFORE UPDATE ON webhook_cursor BEGIN SELECT RAISE(ABORT, 'no'); END")
            await #expect(throws: DatabaseError.self) { try await fanOut(test) }
            #expect(try await told(test, own).isEmpty)
            try await test.execute("DROP TRIGGER full")
            #expect(try await fanOut(test) == 3)
            #expect(try await told(test, own).count == 3)
        }
    }

    @Test func `nobody is told for a key that is revoked, or no longer sees all`() async throws {
        try await TestStore.with { test in
            try await key(test, "key_1")
            try await key(test, "key_8")
            try await key(test, "key_9", grants: [GrantRecord(mailbox: "main", role: "reader")])
            let revoked = try await endpoint(test)
            let all = try await endpoint(test, owner: "key_8", isAll: true)
            let held = try await endpoint(test, owner: "key_9", isAll: true)
            var terms = FaxTerms()
            terms.callbackURL = "https://callback.example.com/"
            _ = try await test.store.revokeKey("key_1", by: .system)
            try await test.accept(1, terms: terms)
            try await fanOut(test)
            #expect(try await told(test, revoked).isEmpty)
            #expect(try await told(test, held).isEmpty)
            #expect(try await told(test, all) == ["fax.accepted"])
            #expect(try await test.store.webhookDeliveries(of: .owner("key_1"), limit: 10).isEmpty)
        }
    }

    @Test func `a fax's own URL`() async throws {
        try await TestStore.with { test in
            for (number, path) in [(1, "/a"), (2, "/b"), (3, "")] {
                var terms = FaxTerms()
                terms.callbackURL = "https://callback.example.com" + path
                terms.tags = ["Marrow"]
                try await test.accept(number, terms: terms)
            }
            var terms = FaxTerms()
            terms.callbackURL = "https://elsewhere.example.com/a"
            try await test.accept(4, terms: terms)
            try await test.accept(5)
            try await fanOut(test)
            let jobs = try await test.store.dueDeliveries(except: [], busy: [], limit: 10)
            #expect(
                jobs.map(\.url).sorted() == [
                    "https://callback.example.com", "https://callback.example.com/a", "https://callback.example.com/b",
                    "https://elsewhere.example.com/a",
                ])
            // One receiver for each origin, which its name does not tell; all signed by the owner's secret.
            #expect(Set(jobs.map(\.target)).count == 2)
            #expect(jobs.allSatisfy { $0.secrets == [Self.secret] && !$0.target.contains("example") })
            let busy = try #require(jobs.first { $0.url.contains("callback") }).target
            #expect(try await test.store.dueDeliveries(except: [], busy: [busy], limit: 10).count == 1)
            #expect(try await test.store.dueDeliveries(except: Set(jobs.map(\.id)), busy: [], limit: 10).isEmpty)
        }
    }

    /// One damaged row keeps neither other receivers' messages back, nor those that a former secret signs; nothing goes out unsigned.
    @Test func `a secret that does not open`() async throws {
        try await TestStore.with { test in
            let (damaged, rotated) = (try await endpoint(test), try await endpoint(test))
            let good = try await endpoint(test)
            #expect(try await test.store.rotateWebhookSecret(of: rotated.id, to: "whsec_1", by: .system))
            var terms = FaxTerms()
            terms.callbackURL = "https://callback.example.com/"
            try await test.accept(1, terms: terms)
            try await fanOut(test)
            try await test.execute(
                "UPDATE webhook_secrets SET sealed_secret = zeroblob(60) WHERE expires_at IS NULL AND holder IN (?, ?, ?)",
                [damaged.id, rotated.id, FaxStore.callbackHolder("key_1")])
            let jobs = try await test.store.dueDeliveries(except: [], busy: [], limit: 10)
            #expect(Set(jobs.map(\.target)) == [rotated.id, good.id])
            #expect(jobs.allSatisfy { $0.secrets == [Self.secret] })
            let dead = try await test.store.webhookDeliveries(of: .owner("key_1"), state: .dead, limit: 10)
            #expect(dead.map(\.lastFailure) == ["secret_unreadable", "secret_unreadable"])
            #expect(Set(dead.map(\.endpoint)) == [damaged.id, nil])
            // The next events are told, too.
            try await test.accept(2, terms: terms)
            #expect(try await fanOut(test) == 1)
            #expect(try await told(test, good).count == 2)
        }
    }

    @Test func `the webhooks of a person who is revoked are removed`() async throws {
        try await TestStore.with { test in
            let person = "person/\(try test.store.pseudonym(person: "Jane"))"
            let theirs = try await endpoint(test, owner: person, isAll: true)
            let other = try await endpoint(test, owner: "person/other", isAll: true)
            var terms = FaxTerms()
            terms.callbackURL = "https://callback.example.com/"
            try await test.accept(1, owner: person, terms: terms)
            try await fanOut(test)
            #expect(try await test.store.dueDeliveries(except: [], busy: [], limit: 10).count == 3)
            _ = try await test.store.revokePerson("Jane", by: .system)
            #expect(try await test.store.webhooks().map(\.id) == [other.id])
            #expect(try await test.count(of: "webhook_secrets WHERE holder = '\(theirs.id)'") == 0)
            #expect(try await test.store.dueDeliveries(except: [], busy: [], limit: 10).map(\.target) == [other.id])
            try await test.accept(2)
            try await fanOut(test)
            #expect(try await told(test, theirs).isEmpty)
            #expect(try await told(test, other).count == 2)
        }
    }

    @Test func `secrets sign for a day after they were changed, three at most`() async throws {
        try await TestStore.with { test in
            let own = try await endpoint(test)
            try await test.accept(1)
            try await fanOut(test)
            func signing() async throws -> [[String]] {
                try await test.store.dueDeliveries(except: [], busy: [], limit: 9).map(\.secrets)
            }
            #expect(try await signing() == [[Self.secret]])
            for number in 1...4 {
                test.clock.advance(by: .seconds(60))
                #expect(try await test.store.rotateWebhookSecret(of: own.id, to: "whsec_\(number)", by: .system))
            }
            #expect(try await signing() == [["whsec_4", "whsec_3", "whsec_2"]])
            test.clock.advance(by: FaxStore.secretOverlap + .seconds(-60))
            #expect(try await signing() == [["whsec_4", "whsec_3"]])
            test.clock.advance(by: .seconds(60))
            #expect(try await signing() == [["whsec_4"]])
            #expect(try await !test.store.rotateWebhookSecret(of: "wh_none", to: Self.secret, by: .system))
            #expect(try await test.store.removeWebhook(own.id, by: .system))
            #expect(try await test.count(of: "webhook_secrets") == 0)
        }
    }

    @Test func `what ended long ago is forgotten`() async throws {
        try await TestStore.with { test in
            let own = try await endpoint(test, events: ["fax.accepted"])
            for number in 1...3 { try await test.accept(number) }
            try await fanOut(test)
            let jobs = try await test.store.dueDeliveries(except: [], busy: [], limit: 10)
            try await test.store.attempted(jobs[0].id, .delivered(status: 200))
            try await test.store.attempted(jobs[1].id, .dead(status: 500, failure: nil))
            func left() async throws -> Set<String> {
                try await test.store.removeOldWebhooks()
                return Set(try await test.store.webhookDeliveries(of: .endpoint(own.id), limit: 10).map(\.id))
            }
            test.clock.advance(by: FaxStore.deliveredRetention)
            #expect(try await left() == Set(jobs.map(\.id)))
            test.clock.advance(by: .seconds(1))
            #expect(try await left() == Set(jobs.dropFirst().map(\.id)))
            test.clock.advance(by: FaxStore.deadRetention)
            // What waits, waits.
            #expect(try await left() == [jobs[2].id])
        }
    }

    /// A late outcome of a message that was ended otherwise changes nothing.
    @Test func `what is over is not changed by an outcome`() async throws {
        try await TestStore.with { test in
            _ = try await endpoint(test, events: ["fax.accepted"])
            try await test.accept(1)
            try await fanOut(test)
            let job = try #require(try await test.store.dueDeliveries(except: [], busy: [], limit: 1).first)
            try await test.store.attempted(job.id, .delivered(status: 204))
            try await test.store.attempted(job.id, .dead(status: 500, failure: nil))
            let delivery = try #require(try await test.store.webhookDelivery(job.id))
            #expect(delivery.state == .delivered && delivery.lastStatus == 204 && delivery.attempts == 1)
            #expect(try await test.store.nextDelivery(except: [], busy: []) == nil)
        }
    }

    @Test func `URLs and secrets are sealed`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let test = try await TestStore(folder: folder, key: KeyEncryptionKey(), clock: TestClock())
        _ = try await endpoint(test)
        var terms = FaxTerms()
        terms.callbackURL = "https://hooks.example.com/token-of-a-path"
        try await test.accept(1, terms: terms)
        try await fanOut(test)
        for files in [
            try folder.files(),
            try {
                try test.store.close(); return try folder.files()
            }(),
        ] {
            for text in ["token-of-a-path", "hooks.example.com", Self.secret, String(Self.secret.dropFirst(6))] {
                #expect(!files.values.contains { $0.range(of: Data(text.utf8)) != nil }, "\(text)")
            }
            #expect(files.values.contains { $0.range(of: Data("webhook_endpoints".utf8)) != nil })
        }
    }

    /// Asked at each step, and by who looks at a month of messages.
    @Test func `messages are found by their indexes`() async throws {
        try await TestStore.with { test in
            func plan(_ sql: String, _ arguments: StatementArguments) async throws -> [String] {
                try await test.store.pool.read { database in
                    try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] as String }
                }
            }
            let due = try await plan(FaxStore.due, [1, "[]", "[]", 1])
            #expect(due.first == "SEARCH webhook_deliveries USING INDEX webhook_deliveries_due (due_at<?)")
            #expect(!due.contains { $0.contains("TEMP B-TREE FOR ORDER BY") })
            for (column, index) in [("target", "webhook_deliveries_by_target"), ("owner", "webhook_deliveries_by_owner")] {
                let list = try await plan(FaxStore.list(by: column), ["x", "dead", "~", 1])
                #expect(list == ["SEARCH webhook_deliveries USING INDEX \(index) (\(column)=? AND state=? AND id<?)"])
            }
        }
    }
}
