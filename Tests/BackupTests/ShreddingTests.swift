import FaxModel
import Foundation
import GRDB
import Ledger
import Store
import Testing
import Vault

@testable import Backup

/// What was destroyed is not in a backup either (45 CFR 164.310(d)(2)(i)).
@Suite struct ShreddingTests {
    private static let afterRetention = Duration.seconds(70 * 86_400)

    /// The proof: an old snapshot with every key that there still is does not open a document whose epoch was destroyed.
    @Test func `an old backup cannot be opened after the epoch was destroyed`() async throws {
        try await Installation.with { installation in
            let old = try await installation.deliver()
            let documents = try await installation.store.fax(old).map { [$0.document, $0.image].compactMap(\.self) } ?? []
            #expect(documents.count == 2)
            let jobs = try await installation.jobs()
            let snapshot = try #require(SnapshotName(try await jobs.makeBackup(by: .system).snapshot))

            // Before: the snapshot opens it.
            let before = installation.folder + "/before"
            #expect(try await installation.restore(to: before).run(snapshot).shredded == 0)
            let (openedBefore, readable) = try await installation.opened(before)
            #expect(try await readable.open(documents[0]).read(upTo: 100).starts(with: "%PDF".utf8))
            try openedBefore.close()

            installation.clock.advance(by: Self.afterRetention)
            let (kept, keptDocument) = try await installation.accept()
            #expect(try await installation.store.shred(old, cause: .retention, by: .system) == .done(documents: 3, epochs: 0))
            let epochs = try await installation.store.epochsToDestroy()
            #expect(epochs.count == 1)
            let oldBundle = try KeyBundle.read(installation.keys, key: installation.backupKey)
            for epoch in epochs { #expect(try await installation.store.destroy(epoch, by: .system)) }
            try await jobs.bundle.write()

            // The key is in no file of the bundle's folder, and in no file of the backups.
            let bundle = try KeyBundle.read(installation.keys, key: installation.backupKey)
            #expect(try FileManager.default.contentsOfDirectory(atPath: installation.keys) == ["keys.fxk"])
            let destroyed = try #require(oldBundle.keys.first { $0.name == epochs[0].rawValue })
            #expect(destroyed.wrapped.count == 60 && !bundle.keys.contains { $0.wrapped == destroyed.wrapped })

            let after = installation.folder + "/after"
            let report = try await installation.restore(to: after).run(snapshot)
            #expect(report.destroyedEpochs == [epochs[0].rawValue] && report.shredded == 3 && report.documents == 0)
            let (store, unreadable) = try await installation.opened(after)
            defer { try? store.close() }
            for document in documents {
                await #expect(throws: StoreFailure.self) { try await unreadable.open(document) }
            }
            #expect(try await store.fax(old)?.state == .delivered)
            #expect(try await store.shred(old, cause: .retention, by: .system) == .alreadyDone)

            // A newer snapshot has what was kept, and the shredded fax's row.
            let newer = try #require(SnapshotName(try await jobs.makeBackup(by: .system).snapshot))
            let target = installation.folder + "/newer"
            #expect(try await installation.restore(to: target).run(newer).documents == 1)
            let (newStore, newDocuments) = try await installation.opened(target)
            defer { try? newStore.close() }
            #expect(try await newDocuments.open(keptDocument).count > 0)
            for fax in [kept, old] { #expect(try await newStore.fax(fax) != nil) }
        }
    }

    /// The row with the wrapped key, the wrapped key itself: neither is anywhere in a snapshot's database, free pages included.
    @Test func `a snapshot holds no key`() async throws {
        try await Installation.with { installation in
            for _ in 0..<50 {
                try await installation.accept()
                installation.clock.advance(by: .seconds(86_400 * 31))
            }
            let keys = try installation.store.wrappedKeyRows()
            #expect(keys.count > 40)
            let jobs = try await installation.jobs()
            let name = try #require(SnapshotName(try await jobs.makeBackup(by: .system).snapshot))
            let path = installation.folder + "/snapshot.db"
            let file = try NewFile(at: path + ".new", calls: .system)
            _ = try SnapshotFile(opening: name, in: jobs.folder, key: installation.backupKey, database: file)
            try file.commit(as: path)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            for key in keys { #expect(bytes.range(of: Data(key.wrapped)) == nil, "\(key.name)") }
            #expect(try await DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM keys") } == 0)
            // The search finds what is there: the data keys, which are worthless without their epochs.
            let wrapped = try #require(
                try await DatabaseQueue(path: path).read { try Data.fetchOne($0, sql: "SELECT wrapped_key FROM documents") })
            #expect(bytes.range(of: wrapped) != nil)
        }
    }

    @Test func `a document that is shredded during the backup is noted, and no error`() async throws {
        try await Installation.with { installation in
            let kept = try await installation.deliver()
            let shredded = try await installation.deliver()
            let semaphore = AsyncStream<Void>.makeStream()
            let (go, gone) = (DispatchSemaphore(value: 0), semaphore.continuation)
            let jobs = try await installation.jobs { point in
                guard point == .keysRemoved else { return }
                gone.finish()
                go.wait()
            }
            async let backup = jobs.makeBackup(by: .system)
            for await _ in semaphore.stream {}
            #expect(try await installation.store.shred(shredded, cause: .onSuccess, by: .system) == .done(documents: 3, epochs: 0))
            #expect(try await installation.documents.removeShredded() == 3)
            go.signal()
            let report = try await backup
            #expect(report.shredded == 3 && report.missing == 0 && report.documents == 6 && report.copied == 3)

            let target = installation.folder + "/restored"
            let restored = try await installation.restore(to: target).run()
            #expect(restored.documents == 3 && restored.missing == 0)
            let (store, documents) = try await installation.opened(target)
            defer { try? store.close() }
            let document = try #require(try await store.fax(shredded)?.document)
            await #expect(throws: StoreFailure.self) { try await documents.open(document) }
            let other = try #require(try await store.fax(kept)?.document)
            #expect(try await documents.open(other).count > 0)
            #expect(try await jobs.drill(by: .system).ok)
        }
    }

    @Test func `a lost blob is said, and the rest is backed up`() async throws {
        try await Installation.with { installation in
            let (_, lost) = try await installation.accept()
            try await installation.accept()
            try await installation.blobs.remove(BlobID(document: lost, kind: .upload))
            let jobs = try await installation.jobs()
            let report = try await jobs.makeBackup(by: .system)
            #expect(report.missing == 1 && report.documents == 2)
            let drill = try await jobs.drill(by: .system)
            #expect(!drill.ok && drill.differences.contains { $0.contains("had lost their files") })
            #expect(try await installation.restore(to: installation.folder + "/restored").run().missing == 1)
        }
    }

    /// With zero retention, each fax has an epoch of its own, which is soon destroyed.
    @Test func `the bundle does not grow with destroyed epochs of one fax`() async throws {
        try await Installation.with { installation in
            let (store, jobs) = (installation.store, try await installation.jobs())
            let before = try store.wrappedKeyRows().count
            var names: [String] = []
            for _ in 0..<5 { names.append(try await store.epochOfOneFax().rawValue) }
            try await jobs.bundle.writeIfStale()
            func bundled() throws -> [String] { try KeyBundle.read(installation.keys, key: installation.backupKey).keys.map(\.name) }
            #expect(try bundled().count == before + 5 && Set(names).isSubset(of: Set(try bundled())))
            for name in names { #expect(try await store.destroy(try #require(EpochName(name)), by: .system)) }
            try await jobs.bundle.writeIfStale()
            #expect(try bundled().count == before && Set(names).isDisjoint(with: Set(try bundled())))
        }
    }

    @Test func `a bundle that is up to date is not written again, and a changed one is`() async throws {
        try await Installation.with { installation in
            try await installation.accept()
            let jobs = try await installation.jobs()
            let (folder, path) = (DiskFolder(installation.keys), installation.keys + "/keys.fxk")
            let stamp = try folder.stamp(of: "keys.fxk")
            for _ in 0..<3 {
                installation.clock.advance(by: .seconds(60))
                try await jobs.bundle.writeIfStale()
                #expect(try folder.stamp(of: "keys.fxk") == stamp)
            }
            for damage in [Data("no bundle".utf8), nil] {
                if let damage { try damage.write(to: URL(fileURLWithPath: path)) } else { try FileManager.default.removeItem(atPath: path) }
                try await jobs.bundle.writeIfStale()
                let content = try KeyBundle.read(installation.keys, key: installation.backupKey)
                #expect(try content.keys == installation.store.wrappedKeyRows())
            }
            // Also when a key was changed of which the rows were read before.
            _ = try await installation.store.rotateLedgerKey(by: .system)
            try await jobs.bundle.writeIfStale()
            let content = try KeyBundle.read(installation.keys, key: installation.backupKey)
            #expect(content.ledgerKey == installation.store.ledger.key.verifier.description)
        }
    }

    /// What was destroyed after the snapshot gets certificates in the restored ledger: the others are lost with the server.
    @Test(arguments: [false, true]) func `a restore certifies what was destroyed after the snapshot`(isDuringBackup: Bool) async throws {
        try await Installation.with { installation in
            let (fax, store) = (try await installation.deliver(), installation.store)
            let (gone, go) = (AsyncStream<Void>.makeStream(), DispatchSemaphore(value: 0))
            let jobs = try await installation.jobs { point in
                guard isDuringBackup, point == .keysRemoved else { return }
                gone.continuation.finish()
                go.wait()
            }
            async let backup = jobs.makeBackup(by: .system)
            if isDuringBackup { for await _ in gone.stream {} } else { _ = try await backup }
            #expect(try await store.shred(fax, cause: .request, by: .system) == .done(documents: 3, epochs: 0))
            _ = try await installation.documents.removeShredded()
            go.signal()
            _ = try await backup
            installation.clock.advance(by: Self.afterRetention)
            if !isDuringBackup {
                for epoch in try await store.epochsToDestroy() { #expect(try await store.destroy(epoch, by: .system)) }
                try await jobs.bundle.write()
            }
            let target = installation.folder + "/restored"
            _ = try await installation.restore(to: target).run()
            let (restored, documents) = try await installation.opened(target)
            defer { try? restored.close() }
            let report = try await IntegrityCheck(documents: documents).run(by: .system)
            #expect(report.shredded == 3 && report.problems == [], "\(report.problems)")
            var query = FaxStore.LedgerQuery()
            query.action = LedgerAction.documentShredded.rawValue
            let leaves = try await restored.ledgerEntries(matching: query, limit: 10).map { String(decoding: $0.leaf, as: UTF8.self) }
            #expect(leaves.count == 3 && leaves.allSatisfy { $0.contains(#""cause":"restore""#) && $0.contains("fax/\(fax)") }, "\(leaves)")
        }
    }

    /// The bundle is written by whoever destroyed a key and by backups: no order of the two brings a key back.
    @Test func `writers of the bundle do not overtake one another`() async throws {
        try await Installation.with { installation in
            let jobs = try await installation.jobs()
            for round in 0..<10 {
                let (fax, _) = try await installation.accept(state: .disabled)
                try await jobs.bundle.write()
                installation.clock.advance(by: Self.afterRetention)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await jobs.bundle.write() }
                    group.addTask { try await jobs.bundle.write() }
                    group.addTask {
                        _ = try await installation.store.shred(fax, cause: .retention, by: .system)
                        for epoch in try await installation.store.epochsToDestroy() {
                            #expect(try await installation.store.destroy(epoch, by: .system))
                        }
                        try await jobs.bundle.write()
                    }
                    group.addTask { try await jobs.bundle.write() }
                    try await group.waitForAll()
                }
                let rows = try KeyBundle.read(installation.keys, key: installation.backupKey).keys
                #expect(try rows == installation.store.wrappedKeyRows(), "round \(round)")
                #expect(rows.filter { $0.destroyedAt != nil }.count == round + 1)
            }
        }
    }
}
