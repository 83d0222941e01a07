import FaxModel
import GRDB
import Ledger
import Testing

@testable import Store

/// Who asks for a change must be good at the moment of its commit, not only when its request began.
@Suite struct InitiatorTests {
    private func key(
        _ id: String, owner: String = "Quincy Marrow", expires: Timestamp? = nil, grants: [GrantRecord] = []
    ) -> APIKeyRecord {
        APIKeyRecord(
            id: id, secretHash: Array(repeating: 1, count: 32), scopes: [.keysManage], name: "", owner: owner, note: "", grants: grants,
            createdAt: Timestamp(milliseconds: 1), expiresAt: expires)
    }

    private func expectRefused(_ operation: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) async {
        await #expect(sourceLocation: sourceLocation) {
            try await operation()
        } throws: { error in
            if case StoreFailure.revokedInitiator = error { true } else { false }
        }
    }

    @Test(arguments: ["revoked", "expired", "nobody"]) func `a key that is no longer good changes nothing`(id: String) async throws {
        try await TestStore.with { test in
            let store = test.store
            try await store.save(key("revoked"), by: .system)
            try await store.save(key("expired", expires: test.clock.now.advanced(by: .seconds(1))), by: .system)
            try await store.save(key("other", grants: [GrantRecord(mailbox: "main", role: "reader")]), by: .system)
            let fax = try await test.accept(1)
            _ = try await store.revokeKey("revoked", by: .system)
            test.clock.advance(by: .seconds(1))
            let size = try await store.ledgerTree().size
            let caller = Initiator(.key, id: id)

            await expectRefused { try await store.save(key("new"), by: caller) }
            await expectRefused { try await store.save(key("new"), emergency: "emergency", by: caller) }
            await expectRefused { _ = try await store.setGrants([], ofKey: "other", by: caller) }
            await expectRefused {
                _ = try await store.rotateKey(
                    "other", from: Array(repeating: 1, count: 32), to: Array(repeating: 2, count: 32), by: caller)
            }
            await expectRefused {
                try await store.savePDFToken(
                    hash: Array(repeating: 1, count: 32), fax: fax, expiresAt: test.clock.now.advanced(by: .seconds(60)), by: caller)
            }
            await expectRefused { try await store.save(Mailbox(id: "ward"), numbers: ["+15551230100"], by: caller) }
            let document = try await test.document("upload2")
            await expectRefused {
                try await store.accept(try test.record(2, document: document), document: document, by: caller)
            }

            #expect(try await store.apiKeys().map(\.id).sorted() == ["expired", "other", "revoked"])
            #expect(try await store.grants(ofKey: "other").map(\.role) == ["reader"])
            #expect(try await test.count(of: "pdf_tokens") == 0)
            #expect(try await test.count(of: "faxes") == 1)
            #expect(try await test.count(of: "mailboxes") == 1)
            #expect(try await store.ledgerTree().size == size)
        }
    }

    @Test(arguments: [Initiator(.key, id: "good"), Initiator(.key, id: "bootstrap"), .system, Initiator(.person, id: "person/1")])
    func `others do as they may`(caller: Initiator) async throws {
        try await TestStore.with { test in
            try await test.store.save(key("good", expires: test.clock.now.advanced(by: .milliseconds(1))), by: .system)
            try await test.store.save(key("new"), by: caller)
            let document = try await test.document("upload1")
            try await test.store.accept(try test.record(1, document: document), document: document, by: caller)
            #expect(try await test.store.setGrants([], ofKey: "new", by: caller))
        }
    }

    // MARK: What a key leaves behind

    private func link(_ test: TestStore, _ hash: UInt8, by id: String, to fax: FaxID) async throws {
        try await test.store.savePDFToken(
            hash: Array(repeating: hash, count: 32), fax: fax, expiresAt: test.clock.now.advanced(by: .seconds(60)),
            by: Initiator(.key, id: id))
    }

    @Test func `a key takes its emergency keys and their links with it`() async throws {
        try await TestStore.with { test in
            let fax = try await test.accept(1)
            for id in ["opener", "other"] { try await test.store.save(key(id, owner: ""), by: .system) }
            for (id, opener) in [("e1", "opener"), ("e2", "opener"), ("e3", "other")] {
                try await test.store.save(key(id, owner: ""), emergency: "emergency", by: Initiator(.key, id: opener))
            }
            for (hash, id) in [(UInt8(1), "e1"), (2, "opener"), (3, "e3")] { try await link(test, hash, by: id, to: fax) }
            #expect(try await test.store.revokeKey("e2", by: .system) == ["e2"])
            #expect(try await test.store.revokeKey("opener", by: .system) == ["opener", "e1"])
            #expect(try await Set(test.store.apiKeys().filter { $0.revokedAt == nil }.map(\.id)) == ["other", "e3"])
            #expect(try await test.store.pdfTokens(of: fax).map(\.issuedBy) == ["e3"])
        }
    }

    @Test func `a person takes along what was opened with any of their credentials`() async throws {
        try await TestStore.with { test in
            let person = "person/\(try test.store.pseudonym(person: "Jane"))"
            for id in ["hers", "former"] { try await test.store.save(key(id, owner: "Jane"), by: .system) }
            // Under other owners' names: only who opened them leads to them.
            for (id, opener) in [
                ("e1", Initiator(.key, id: "hers")), ("e2", Initiator(.key, id: "former")), ("e3", Initiator(.person, id: person)),
                ("e4", Initiator(.key, id: "bootstrap")),
            ] {
                try await test.store.save(key(id, owner: "Joe"), emergency: "emergency", by: opener)
            }
            // As an older release left it: the key ended, what it opened did not.
            try await test.store.pool.write { try $0.execute(sql: "UPDATE api_keys SET revoked_at = 1 WHERE id = 'former'") }
            #expect(try await Set(test.store.revokePerson("Jane", by: .system)) == ["hers", "e1", "e2", "e3"])
            #expect(try await test.store.apiKeys().filter { $0.revokedAt == nil }.map(\.id) == ["e4"])
        }
    }

    @Test func `a new secret ends the links of the old one`() async throws {
        try await TestStore.with { test in
            let fax = try await test.accept(1)
            for id in ["k1", "k2"] { try await test.store.save(key(id), by: .system) }
            try await link(test, 1, by: "k1", to: fax)
            try await link(test, 2, by: "k2", to: fax)
            let (old, new) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
            #expect(try await test.store.rotateKey("k1", from: old, to: new, by: .system))
            #expect(try await test.store.pdfTokens(of: fax).map(\.issuedBy) == ["k2"])
        }
    }
}
