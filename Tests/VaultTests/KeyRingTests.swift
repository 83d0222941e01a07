import Testing
import Vault

@Suite struct KeyRingTests {
    private let kek = KeyEncryptionKey()

    private func ring(_ key: KeyEncryptionKey? = nil, tenant: TenantID = .single) throws -> KeyRing {
        KeyRing(tenant: tenant, key: key ?? kek)
    }

    private func ringWithEpoch() throws -> (KeyRing, WrappedEpochKey) {
        let ring = try ring()
        let wrapped = try ring.makeEpoch(named: Samples.epoch())
        try ring.adopt(wrapped)
        return (ring, wrapped)
    }

    @Test func dataKeyComesBackInAnotherProcess() throws {
        let (ring, epoch) = try ringWithEpoch()
        let key = DataKey()
        let wrapped = try ring.wrap(key, document: Samples.document(), epoch: Samples.epoch())
        #expect(wrapped.sealed.count == 60)
        #expect(wrapped.sealed != (try ring.wrap(key, document: Samples.document(), epoch: Samples.epoch())).sealed)
        let later = try self.ring()
        try later.adopt(epoch)
        #expect(try later.unwrap(wrapped, document: Samples.document()) == key)
        #expect(later.epochs == [try Samples.epoch()])
    }

    @Test func epochIsUnusableBeforeItIsAdoptedAndAfterItIsForgotten() throws {
        let ring = try ring()
        let epoch = try ring.makeEpoch(named: Samples.epoch())
        let unknown = KeyError.unknownEpoch(try Samples.epoch())
        #expect(throws: unknown) { try ring.wrap(DataKey(), document: Samples.document(), epoch: Samples.epoch()) }
        try ring.adopt(epoch)
        try ring.adopt(epoch)
        let wrapped = try ring.wrap(DataKey(), document: Samples.document(), epoch: Samples.epoch())
        ring.forget(try Samples.epoch())
        #expect(throws: unknown) { try ring.unwrap(wrapped, document: Samples.document()) }
    }

    @Test func wrongKeyNamesBothKeys() throws {
        let (_, epoch) = try ringWithEpoch()
        let other = KeyEncryptionKey()
        #expect(throws: KeyError.wrongKey(expected: kek.id, found: other.id)) { try ring(other).adopt(epoch) }
        let message = KeyError.wrongKey(expected: kek.id, found: other.id).description
        #expect(message.contains(kek.id.rawValue) && message.contains(other.id.rawValue))
        // A row that claims the key at hand opens no more for that.
        let forged = WrappedEpochKey(epoch: epoch.epoch, wrappedBy: other.id, sealed: epoch.sealed)
        #expect(throws: KeyError.notAuthentic("epoch key")) { try ring(other).adopt(forged) }
    }

    @Test func wrappedKeysAreBoundToTheirPlace() throws {
        let (ring, epoch) = try ringWithEpoch()
        let december = try Samples.epoch("2026-12")
        let renamed = WrappedEpochKey(epoch: december, wrappedBy: kek.id, sealed: epoch.sealed)
        #expect(throws: KeyError.notAuthentic("epoch key")) { try ring.adopt(renamed) }
        let tenant = try #require(TenantID("other"))
        #expect(throws: KeyError.notAuthentic("epoch key")) { try self.ring(tenant: tenant).adopt(epoch) }

        let wrapped = try ring.wrap(DataKey(), document: Samples.document(), epoch: Samples.epoch())
        #expect(throws: KeyError.notAuthentic("data key")) {
            try ring.unwrap(wrapped, document: Samples.document("doc_2"))
        }
        try ring.adopt(try ring.makeEpoch(named: december))
        #expect(throws: KeyError.notAuthentic("data key")) {
            try ring.unwrap(WrappedDataKey(epoch: december, sealed: wrapped.sealed), document: Samples.document())
        }
        let root = try ring.makeRoot(.columns)
        let moved = WrappedRootKey(root: .blindIndex, wrappedBy: kek.id, sealed: root.sealed)
        #expect(throws: KeyError.notAuthentic("root key")) { try ring.adopt(moved) }
    }

    @Test func damagedKeysAreRefused() throws {
        let (ring, epoch) = try ringWithEpoch()
        for sealed in [[], [UInt8](repeating: 0, count: 27), epoch.sealed + [0], epoch.sealed.dropLast()] {
            let damaged = WrappedEpochKey(epoch: epoch.epoch, wrappedBy: kek.id, sealed: sealed)
            #expect(throws: KeyError.notAuthentic("epoch key")) { try ring.adopt(damaged) }
        }
        for index in epoch.sealed.indices {
            var sealed = epoch.sealed
            sealed[index] ^= 0x80
            #expect(throws: KeyError.notAuthentic("epoch key")) {
                try ring.adopt(WrappedEpochKey(epoch: epoch.epoch, wrappedBy: kek.id, sealed: sealed))
            }
        }
    }

    @Test func secondKeyUnderOneNameIsRefused() throws {
        let (ring, _) = try ringWithEpoch()
        let second = try ring.makeEpoch(named: Samples.epoch())
        #expect(throws: KeyError.conflict("epoch 2026-11")) { try ring.adopt(second) }
        try ring.adopt(try ring.makeRoot(.columns))
        let root = try ring.makeRoot(.columns)
        #expect(throws: KeyError.conflict("columns root")) { try ring.adopt(root) }
    }

    @Test func rotationKeepsDocumentsAndColumns() throws {
        let (old, epoch) = try ringWithEpoch()
        let root = try old.makeRoot(.columns)
        try old.adopt(root)
        let key = DataKey()
        let wrapped = try old.wrap(key, document: Samples.document(), epoch: Samples.epoch())
        let column = try old.sealColumn([1, 2, 3], table: "faxes", column: "to", row: "7")

        let new = KeyEncryptionKey()
        let both = KeyRing(tenant: .single, key: new, retired: [kek])
        let moved = try both.rewrap(epoch)
        let movedRoot = try both.rewrap(root)
        #expect(moved.wrappedBy == new.id && movedRoot.wrappedBy == new.id)

        let only = try ring(new)
        try only.adopt(moved)
        try only.adopt(movedRoot)
        #expect(try only.unwrap(wrapped, document: Samples.document()) == key)
        #expect(try only.openColumn(column, table: "faxes", column: "to", row: "7") == [1, 2, 3])
        #expect(throws: KeyError.wrongKey(expected: kek.id, found: new.id)) { try only.adopt(epoch) }
    }

    @Test func epochNames() {
        #expect(EpochName(year: 2026, month: 11)?.rawValue == "2026-11")
        #expect(EpochName(year: 26, month: 1)?.rawValue == "0026-01")
        #expect(EpochName(year: 2026, month: 13) == nil)
        #expect(EpochName(year: 10_000, month: 1) == nil)
        #expect(EpochName("") == nil)
        #expect(EpochName("a/b") == nil)
        #expect(EpochName(String(repeating: "a", count: 33)) == nil)
        #expect(KeyID("0123456789abcdef") != nil)
        #expect(KeyID("0123456789ABCDEF") == nil)
        #expect(KeyID("0123456789abcde") == nil)
    }
}
