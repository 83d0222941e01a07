import FaxModel
import Ledger
import Testing

@testable import Store

@Suite struct APIKeyTests {
    private func key(
        _ id: String, secret: UInt8 = 1, scopes: Set<Scope> = [.faxSend, .faxRead], at milliseconds: Int64 = 0, expires: Timestamp? = nil,
        revoked: Timestamp? = nil
    ) -> APIKeyRecord {
        APIKeyRecord(
            id: id, secretHash: Array(repeating: secret, count: 32), scopes: scopes, name: "Front desk", owner: "Quincy Marrow",
            note: "second floor", createdAt: Timestamp(milliseconds: milliseconds), expiresAt: expires, revokedAt: revoked)
    }

    @Test func `a key is kept with all that is said of it`() async throws {
        try await TestStore.with { test in
            try await test.store.save(key("k1", scopes: Set(Scope.allCases), at: 7, expires: Timestamp(milliseconds: 99)), by: .system)
            let kept = try #require(try await test.store.apiKeys().first)
            #expect(kept.id == "k1")
            #expect(kept.secretHash == Array(repeating: 1, count: 32))
            #expect(kept.scopes == Set(Scope.allCases))
            #expect(kept.name == "Front desk")
            #expect(kept.owner == "Quincy Marrow")
            #expect(kept.note == "second floor")
            #expect(kept.createdAt.milliseconds == 7)
            #expect(kept.expiresAt?.milliseconds == 99)
            #expect(kept.lastUsedAt == nil && kept.revokedAt == nil)
        }
    }

    @Test func `keys are listed oldest first`() async throws {
        try await TestStore.with { test in
            for (id, time) in [("b", 2), ("c", 1), ("a", 2)] { try await test.store.save(key(id, at: Int64(time)), by: .system) }
            #expect(try await test.store.apiKeys().map(\.id) == ["c", "a", "b"])
        }
    }

    @Test func `a key without scopes has none`() async throws {
        try await TestStore.with { test in
            try await test.store.save(key("k1", scopes: []), by: .system)
            #expect(try await test.store.apiKeys().first?.scopes == [])
        }
    }

    @Test func `a key is revoked once, and stays listed`() async throws {
        try await TestStore.with { test in
            try await test.store.save(key("k1"), by: .system)
            try await test.store.save(key("k2"), by: .system)
            let revokedAt = test.clock.now
            #expect(try await test.store.revokeKey("k1", by: .system) == ["k1"])
            test.clock.advance(by: .seconds(5))
            #expect(try await test.store.revokeKey("k1", by: .system).isEmpty)
            #expect(try await test.store.revokeKey("none", by: .system).isEmpty)
            let keys = try await test.store.apiKeys()
            #expect(keys.map(\.revokedAt) == [revokedAt, nil])
            #expect(!keys[0].isValid(at: revokedAt))
            #expect(keys[1].isValid(at: revokedAt))
        }
    }

    @Test func `rotation replaces the secret and nothing else`() async throws {
        try await TestStore.with { test in
            try await test.store.save(key("k1", secret: 1, at: 7), by: .system)
            try await test.store.save(key("k2", secret: 3, at: 8), by: .system)
            let (old, new) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
            #expect(try await test.store.rotateKey("k1", from: old, to: new, by: .system))
            let keys = try await test.store.apiKeys()
            #expect(keys.map(\.secretHash) == [new, Array(repeating: 3, count: 32)])
            #expect(keys[0].scopes == [.faxSend, .faxRead])
            #expect(keys[0].createdAt.milliseconds == 7)
        }
    }

    @Test func `a key that was rotated, revoked or never made is not rotated`() async throws {
        try await TestStore.with { test in
            try await test.store.save(key("k1", secret: 1), by: .system)
            let (old, new) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
            #expect(try await !test.store.rotateKey("none", from: old, to: new, by: .system))
            #expect(try await !test.store.rotateKey("k1", from: new, to: new, by: .system))
            _ = try await test.store.revokeKey("k1", by: .system)
            #expect(try await !test.store.rotateKey("k1", from: old, to: new, by: .system))
            #expect(try await test.store.apiKeys().map(\.secretHash) == [old])
        }
    }

    @Test func `an id is given once`() async throws {
        try await TestStore.with { test in
            try await test.store.save(key("k1", secret: 1), by: .system)
            await #expect(throws: (any Error).self) { try await test.store.save(key("k1", secret: 2), by: .system) }
            #expect(try await test.store.apiKeys().map(\.secretHash) == [Array(repeating: 1, count: 32)])
        }
    }

    @Test func `use is noted for the keys that were used`() async throws {
        try await TestStore.with { test in
            for id in ["k1", "k2"] { try await test.store.save(key(id), by: .system) }
            try await test.store.keysUsed(["k2": Timestamp(milliseconds: 3), "gone": Timestamp(milliseconds: 4)])
            #expect(try await test.store.apiKeys().map(\.lastUsedAt?.milliseconds) == [nil, 3])
        }
    }

    @Test func `a key ends at the moment of its expiry`() {
        let key = key("k1", expires: Timestamp(milliseconds: 100))
        #expect(key.isValid(at: Timestamp(milliseconds: 99)))
        #expect(!key.isValid(at: Timestamp(milliseconds: 100)))
        #expect(
            !self.key("k2", expires: Timestamp(milliseconds: 100), revoked: Timestamp(milliseconds: 1)).isValid(
                at: Timestamp(milliseconds: 2)))
    }
}
