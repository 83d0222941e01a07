import FaxModel
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

/// Webhooks and callback URLs when those who named them may no longer know.
@Suite struct WebhookMakerTests {
    private static let secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    private func key(_ test: TestStore, _ id: String, expiresAt: Timestamp? = nil) async throws {
        try await test.store.save(
            APIKeyRecord(
                id: id, secretHash: Array(repeating: 1, count: 32), scopes: [.faxSend, .keysManage], name: "", owner: "", note: "",
                createdAt: test.clock.now, expiresAt: expiresAt), by: .system)
    }

    private func endpoint(
        _ test: TestStore, owner: String, isAll: Bool = true, by maker: Initiator
    ) async throws -> WebhookEndpoint {
        try #require(
            try await test.store.addWebhook(
                owner: owner, isAll: isAll, events: [], url: "https://hooks.example.com/", secret: Self.secret, by: maker))
    }

    private func fanOut(_ test: TestStore) async throws {
        _ = try await test.store.fanOutWebhooks(limit: 100, compose: { _ in "{}" }, makeSecret: { Self.secret })
    }

    private func told(_ test: TestStore, _ endpoint: WebhookEndpoint) async throws -> Int {
        try await fanOut(test)
        return try await test.store.webhookDeliveries(of: .endpoint(endpoint.id), limit: 1000).count
    }

    private func callback() -> FaxTerms {
        var terms = FaxTerms()
        terms.callbackURL = "https://callback.example.com/"
        return terms
    }

    enum End: CaseIterable { case revoked, expired, held }

    @Test(arguments: End.allCases)
    func `a webhook of all faxes is silent when its maker may not see all, whoever owns it`(end: End) async throws {
        try await TestStore.with { test in
            try await key(test, "owner")
            try await key(test, "maker", expiresAt: test.clock.now.advanced(by: .seconds(3600)))
            let maker = Initiator(.key, id: "maker")
            let all = try await endpoint(test, owner: "owner", by: maker)
            // Whose faxes it is told of is the owner's affair alone.
            let own = try await endpoint(test, owner: "owner", isAll: false, by: maker)
            #expect(all.madeBy == "maker")
            #expect(try await test.store.webhook(all.id)?.madeBy == "maker")
            try await test.accept(1, owner: "owner")
            #expect(try await told(test, all) == 1)
            switch end {
            case .revoked: _ = try await test.store.revokeKey("maker", by: .system)
            case .expired: test.clock.advance(by: .seconds(3600))
            case .held:
                try await test.execute(
                    "INSERT INTO grants (subject, mailbox, role, created_at) VALUES ('key/maker', 'main', 'reader', 1)")
            }
            try await test.accept(2, owner: "owner")
            #expect(try await told(test, all) == 1)
            #expect(try await told(test, own) == 2)
            // Nor does the message go that was made before.
            let jobs = try await test.store.dueDeliveries(except: [], busy: [], limit: 10)
            #expect(jobs.filter { $0.target == all.id }.map(\.isOwnerGood) == [false])
            #expect(jobs.filter { $0.target == own.id }.map(\.isOwnerGood) == [true, true])
        }
    }

    @Test func `a webhook of all faxes that a person made for a key goes with the person`() async throws {
        try await TestStore.with { test in
            try await key(test, "owner")
            let jane = Initiator(.person, id: "person/\(try test.store.pseudonym(person: "Jane"))")
            let all = try await endpoint(test, owner: "owner", by: jane)
            let own = try await endpoint(test, owner: "owner", isAll: false, by: jane)
            let other = try await endpoint(test, owner: "owner", by: Initiator(.person, id: "person/other"))
            try await test.accept(1, owner: "owner")
            #expect(try await told(test, all) == 1)
            _ = try await test.store.revokePerson("Jane", by: .system)
            #expect(Set(try await test.store.webhooks().map(\.id)) == [own.id, other.id])
            try await test.accept(2, owner: "owner")
            #expect(try await told(test, all) == 0)
            #expect(try await told(test, other) == 2)
            #expect(try await test.store.dueDeliveries(except: [], busy: [], limit: 10).allSatisfy(\.isOwnerGood))
        }
    }

    @Test func `of the faxes of a person who is revoked nothing more is told, until they are back and send another`() async throws {
        try await TestStore.with { test in
            let jane = "person/\(try test.store.pseudonym(person: "Jane"))"
            func messages() async throws -> [WebhookDelivery] {
                try await fanOut(test)
                return try await test.store.webhookDeliveries(of: .owner(jane), limit: 100)
            }
            let id = try await test.accept(1, owner: jane, terms: callback())
            let first = try #require(try await messages().first)
            try await test.store.attempted(first.id, .dead(status: 500, failure: nil))
            test.clock.advance(by: .seconds(60))
            _ = try await test.store.revokePerson("Jane", by: .system)
            test.clock.advance(by: .seconds(60))
            #expect(try await test.store.apply(.renderingStarted, to: id) == .rendering)
            #expect(try await test.store.cancel(id, by: .system) == .cancelled)
            #expect(try await messages().count == 1)
            // One that was given up before is not posted when somebody replays it.
            #expect(try await test.store.replayDelivery(first.id, by: .system))
            #expect(try await test.store.dueDeliveries(except: [], busy: [], limit: 10).map(\.isOwnerGood) == [false])
            try await test.accept(2, owner: jane, terms: callback())
            try await test.accept(3, owner: "person/other", terms: callback())
            #expect(try await messages().count == 2)
            let jobs = try await test.store.dueDeliveries(except: [first.id], busy: [], limit: 10)
            #expect(jobs.map(\.isOwnerGood) == [true, true])
        }
    }

    @Test func `an older database knows the owners as makers, and who was revoked`() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/old.db"
        let queue = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(queue, upTo: "009 shared calls")
        try await queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO webhook_endpoints (id, owner, is_all, events, sealed_url, created_at) VALUES ('w', 'k', 1, '', x'', 1);
                    INSERT INTO ledger (seq, leaf, at, action, object) VALUES
                        (1, x'', 7, 'person.revoked', 'person/a'), (2, x'', 9, 'person.revoked', 'person/a'),
                        (3, x'', 8, 'key.revoked', 'key/k');
                    """)
        }
        try Schema.migrator.migrate(queue)
        let rows = try await queue.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT made_by FROM webhook_endpoints UNION ALL SELECT owner FROM revoked_owners
                    UNION ALL SELECT CAST(revoked_at AS TEXT) FROM revoked_owners
                    """)
        }
        #expect(rows == ["k", "person/a", "9"])
    }
}
