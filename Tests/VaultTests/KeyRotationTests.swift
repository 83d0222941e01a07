import Testing
import Vault

/// What `faxlock keys rotate` does with the rows of the table `keys`.
@Suite struct KeyRotationTests {
    private let old = KeyEncryptionKey()
    private let older = KeyEncryptionKey()
    private let new = KeyEncryptionKey()

    private func rows(of key: KeyEncryptionKey, epochs: [String]) throws -> (epochs: [WrappedEpochKey], roots: [WrappedRootKey]) {
        let ring = KeyRing(tenant: .single, key: key)
        return (try epochs.map { try ring.makeEpoch(named: Samples.epoch($0)) }, try RootKey.allCases.map { try ring.makeRoot($0) })
    }

    @Test func ringWithTheRetiredKeyUsesAndRewrapsOldRows() throws {
        let (epochs, roots) = try rows(of: old, epochs: ["2026-10", "2026-11"])
        let before = KeyRing(tenant: .single, key: old)
        for root in roots { try before.adopt(root) }
        for epoch in epochs { try before.adopt(epoch) }
        let sealed = try before.sealColumn([7], table: "t", column: "c", row: "1")
        let document = try before.wrap(Samples.key(), document: Samples.document(), epoch: Samples.epoch("2026-10"))

        // While it runs: rows of both keys side by side, in any order, and what was half done is done again.
        let both = KeyRing(tenant: .single, key: new, retired: [old])
        #expect(both.keyEncryptionKey == new.id)
        var movedEpochs: [WrappedEpochKey] = []
        var movedRoots: [WrappedRootKey] = []
        for epoch in epochs {
            try both.adopt(epoch)
            let moved = try both.rewrap(epoch)
            try both.adopt(moved)
            #expect(moved.epoch == epoch.epoch && moved.wrappedBy == new.id && moved.sealed != epoch.sealed)
            movedEpochs.append(try both.rewrap(moved))
        }
        for root in roots {
            try both.adopt(root)
            movedRoots.append(try both.rewrap(root))
        }
        #expect(movedRoots.allSatisfy { $0.wrappedBy == new.id })
        #expect(try both.openColumn(sealed, table: "t", column: "c", row: "1") == [7])

        let after = KeyRing(tenant: .single, key: new)
        for epoch in epochs { #expect(throws: KeyError.wrongKey(expected: old.id, found: new.id)) { try after.adopt(epoch) } }
        for root in roots { #expect(throws: KeyError.wrongKey(expected: old.id, found: new.id)) { try after.adopt(root) } }
        for epoch in movedEpochs { try after.adopt(epoch) }
        for root in movedRoots { try after.adopt(root) }
        #expect(try after.openColumn(sealed, table: "t", column: "c", row: "1") == [7])
        #expect(try after.unwrap(document, document: Samples.document()) == Samples.key())

        // The old key file opens nothing of what it was replaced in.
        for epoch in movedEpochs {
            #expect(throws: KeyError.wrongKey(expected: new.id, found: old.id)) { try before.adopt(epoch) }
        }
    }

    @Test func severalRetiredKeys() throws {
        let ring = KeyRing(tenant: .single, key: new, retired: [old, older])
        for (key, month) in [(older, "2026-09"), (old, "2026-10"), (new, "2026-11")] {
            let (epochs, _) = try rows(of: key, epochs: [month])
            try ring.adopt(epochs[0])
            #expect(try ring.rewrap(epochs[0]).wrappedBy == new.id)
        }
        #expect(ring.epochs.count == 3)
        let stranger = try rows(of: KeyEncryptionKey(), epochs: ["2026-12"]).epochs[0]
        #expect(throws: KeyError.wrongKey(expected: stranger.wrappedBy, found: new.id)) { try ring.rewrap(stranger) }
    }

    @Test func damagedRowIsNotRewrapped() throws {
        let row = try rows(of: old, epochs: ["2026-10"]).epochs[0]
        var sealed = row.sealed
        sealed[30] ^= 1
        let ring = KeyRing(tenant: .single, key: new, retired: [old])
        #expect(throws: KeyError.notAuthentic("epoch key")) {
            try ring.rewrap(WrappedEpochKey(epoch: row.epoch, wrappedBy: row.wrappedBy, sealed: sealed))
        }
    }
}
