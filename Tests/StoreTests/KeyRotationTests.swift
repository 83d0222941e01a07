import FaxModel
import Foundation
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

@Suite struct KeyRotationTests {
    private struct Stop: Error {}

    private func open(_ test: TestStore, _ key: KeyEncryptionKey, retired: KeyEncryptionKey...) throws -> FaxStore {
        try FaxStore(
            path: test.folder.path + "/faxlock.db", key: key, keyPath: "new.key", retired: retired, clock: test.clock.function)
    }

    private func documents(_ store: FaxStore, _ test: TestStore) async throws -> Documents {
        Documents(store: store, folder: try await BlobFolder.open(at: test.folder.path + "/blobs", tenant: .single))
    }

    private func isWrongKey(_ error: any Error) -> Bool {
        if case StoreFailure.wrongKeyFile = error { true } else { false }
    }

    /// A document in each of 150 epochs: three batches.
    private func fill(_ test: TestStore) async throws -> FaxID {
        let id = try await test.deliver(1)
        for _ in 0..<150 { _ = try await test.store.epochOfOneFax() }
        try test.store.close()
        return id
    }

    @Test func `everything is rewrapped, blobs and data keys stay, and the former key opens nothing`() async throws {
        try await TestStore.with { test in
            let id = try await fill(test)
            let new = KeyEncryptionKey()
            let store = try open(test, new, retired: test.key)
            #expect(try await store.formerlyWrappedKeys() == 155)
            let before = try await store.pool.read { try Data.fetchAll($0, sql: "SELECT wrapped_key FROM documents ORDER BY id") }
            #expect(try await store.rewrapKeys(by: .system) == .init(rewrapped: 155, remaining: 0))
            #expect(try await store.formerlyWrappedKeys() == 0)
            #expect(try await store.pool.read { try Data.fetchAll($0, sql: "SELECT wrapped_key FROM documents ORDER BY id") } == before)
            #expect(try await store.rewrapKeys(by: .system) == .init(rewrapped: 0, remaining: 0))
            try store.close()

            #expect { try open(test, test.key) } throws: { isWrongKey($0) }
            let next = try open(test, new)
            let text = try await documents(next, test).open(try #require(try await next.fax(id)).document).read(upTo: 100)
            #expect(text == Array("letter 1".utf8))
            #expect(try await next.fax(id)?.number.dialString == "+15551230100")
            let events = try await next.ledgerEntries(from: 0, limit: 1000).map { String(decoding: $0.leaf, as: UTF8.self) }
                .filter { $0.contains("keys.rewrapped") }
            #expect(events.count == 3)
            #expect(events.allSatisfy { $0.contains(#""from":"\#(test.key.id)","to":"\#(new.id)""#) })
            try next.close()
        }
    }

    @Test(arguments: 1...2) func `cut between two batches, it goes on`(batches: Int) async throws {
        try await TestStore.with { test in
            let id = try await fill(test)
            let new = KeyEncryptionKey()
            let store = try open(test, new, retired: test.key)
            await #expect(throws: Stop.self) {
                _ = try await store.rewrapKeys(by: .system) { if $0.rewrapped == batches * FaxStore.rewrapBatch { throw Stop() } }
            }
            #expect(try await store.formerlyWrappedKeys() == 155 - batches * 64)
            try store.close()
            // Neither key alone is enough now, and each says which one is missing.
            for alone in [test.key, new] { #expect { try open(test, alone) } throws: { isWrongKey($0) } }
            // Both are, whichever is the current one.
            try open(test, test.key, retired: new).close()
            let next = try open(test, new, retired: test.key)
            #expect(try await next.fax(id)?.number.dialString == "+15551230100")
            #expect(try await next.rewrapKeys(by: .system) == .init(rewrapped: 155 - batches * 64, remaining: 0))
            try next.close()
            try open(test, new).close()
        }
    }

    @Test func `destroyed epochs are left alone, and new ones are under the new key`() async throws {
        try await TestStore.with { test in
            let month = try await test.store.currentEpoch()
            test.clock.advance(by: .seconds(40 * 86_400))
            #expect(try await test.store.destroy(month, by: .system))
            try test.store.close()
            let new = KeyEncryptionKey()
            let store = try open(test, new, retired: test.key)
            _ = try await store.currentEpoch()
            // The four roots alone.
            #expect(try await store.rewrapKeys(by: .system) == .init(rewrapped: RootKey.allCases.count, remaining: 0))
            try store.close()
            try open(test, new).close()
        }
    }

    // MARK: The ledger's key

    /// The verifier key that must have signed a checkpoint of `size` leaves.
    private func keys(_ store: FaxStore) async throws -> [(after: Int64, key: VerifierKey)] {
        var keys: [(after: Int64, key: VerifierKey)] = []
        for entry in try await store.ledgerEntries(from: 0, limit: 10_000) {
            struct Event: Decodable {
                let action: String
                let details: [String: String]?
            }
            guard let event = try? JSONDecoder().decode(Event.self, from: Data(entry.leaf)), let details = event.details else { continue }
            if event.action == "ledger.begun", let key = VerifierKey(details["key"] ?? "") { keys.append((entry.sequence, key)) }
            if event.action == "ledger.key_changed", let owner = keys.last?.key,
                let change = LedgerKeyChange(details: details.mapValues { .text($0) })
            {
                #expect(change.isValid(after: owner, sequence: entry.sequence))
                keys.append((entry.sequence, change.newKey))
            }
        }
        return keys
    }

    @Test func `the old key vouches for the new, and each checkpoint is signed by the key of its size`() async throws {
        try await TestStore.with { test in
            let first = test.store.ledger.key.verifier
            for number in 1...5 { try await test.accept(number) }
            let second = try await test.store.rotateLedgerKey(by: .system)
            for number in 6...300 { try await test.accept(number) }
            let third = try await test.store.rotateLedgerKey(by: .system)
            #expect(Set([first, second, third].map(\.description)).count == 3)
            #expect(test.store.ledger.key.verifier == third)
            try test.store.close()

            let next = try await test.restarted()
            defer { try? next.store.close() }
            #expect(next.store.ledger.key.verifier == third)
            try await next.accept(301)
            try await next.store.checkpointLedger(olderThan: .seconds(1))
            let keys = try await keys(next.store)
            #expect(keys.map(\.key) == [first, second, third])
            let notes = try await next.store.ledgerNotes(after: 0, limit: 100)
            #expect(notes.count >= 6)
            for stored in notes {
                let note = try #require(SignedNote(Array(stored.note.utf8)))
                let owner = try #require(keys.last { $0.after < stored.size })
                #expect(note.isSigned(by: owner.key), "size \(stored.size)")
            }
        }
    }

    @Test func `a rotation that fails takes everything back`() async throws {
        try await TestStore.with { test in
            try await test.accept(1)
            let before = test.store.ledger.state
            try await test.execute("CREATE TRIGGER stop BEFORE UPDATE ON keys BEGIN SELECT RAISE(FAIL, 'full'); END")
            await #expect(throws: DatabaseError.self) { _ = try await test.store.rotateLedgerKey(by: .system) }
            try await test.execute("DROP TRIGGER stop")
            #expect(test.store.ledger.key.verifier == before.key.verifier)
            #expect(test.store.ledger.state.frontier == before.frontier)
            #expect(try await test.leaves(.ledgerKeyChanged).isEmpty)
            try await test.accept(2)
            try test.store.close()
            let next = try await test.restarted()
            #expect(next.store.ledger.key.verifier == before.key.verifier)
            try next.store.close()
        }
    }

    @Test func `a ledger that is turned off has no key to change`() async throws {
        try await TestStore.with { test in
            try test.store.close()
            let store = try FaxStore(
                path: test.folder.path + "/faxlock.db", key: test.key, keyPath: "test.key", ledger: LedgerOptions(isEnabled: false),
                clock: test.clock.function)
            await #expect { _ = try await store.rotateLedgerKey(by: .system) } throws: {
                if case StoreFailure.ledgerIsOff = $0 { true } else { false }
            }
            try store.close()
        }
    }
}
