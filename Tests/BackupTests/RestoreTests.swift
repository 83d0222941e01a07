import FaxModel
import Foundation
import Ledger
import Store
import Testing
import Vault

@testable import Backup

@Suite struct RestoreTests {
    /// Faxes come in all the time; what comes back is what was there at one moment.
    @Test func `a backup while faxes flow comes back to the byte`() async throws {
        try await Installation.with { installation in
            for index in 0..<10 { try await installation.accept([UInt8](repeating: UInt8(index), count: 40_000 * index)) }
            let jobs = try await installation.jobs()
            let report = try await withThrowingTaskGroup(of: BackupReport?.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<25 { try await installation.accept() }
                        return nil
                    }
                }
                group.addTask { try await jobs.makeBackup(by: .system) }
                return try await group.reduce(into: BackupReport?.none) { $0 = $0 ?? $1 }
            }
            let made = try #require(report)
            #expect(made.missing == 0 && made.shredded == 0 && (10...110).contains(made.documents) && made.copied == made.documents)

            let second = try await jobs.makeBackup(by: .system)
            #expect(second.documents == 110 && second.copied == 110 - made.documents)
            let target = installation.folder + "/restored"
            let restored = try await installation.restore(to: target).run()
            #expect(restored.snapshot == second.snapshot && restored.documents == 110 && restored.held == 110 && restored.shredded == 0)

            let (store, documents) = try await installation.opened(target)
            defer { try? store.close() }
            for fax in try await installation.store.faxes(limit: 1000) {
                let copy = try #require(try await store.fax(fax.id))
                #expect(copy.state == .unknown && copy.error?.contains("restored from a backup") == true)
                #expect(copy.number == fax.number && copy.document == fax.document && copy.createdAt == fax.createdAt)
                let bytes = try await installation.documents.open(fax.document).read(upTo: 1 << 20)
                #expect(try await documents.open(copy.document).read(upTo: 1 << 20) == bytes)
            }
            #expect(try await store.faxes(limit: 1000).count == 110)
        }
    }

    /// Every row of every table is what it was, but what a start and the restore themselves write.
    @Test func `every row comes back`() async throws {
        try await Installation.with { installation in
            let delivered = try await installation.deliver()
            _ = try await installation.queue()
            let jobs = try await installation.jobs()
            // The snapshot is what was there before the backup's own event.
            try installation.store.close()
            let path = installation.data + "/faxlock.db"
            let before = try rows(ofDatabaseAt: path)
            let again = try await Installation(
                folder: installation.folder, key: installation.key, clock: installation.clock, backupKey: installation.backupKey)
            defer { try? again.store.close() }
            _ = jobs
            _ = try await again.jobs().makeBackup(by: .system)
            let target = installation.folder + "/restored"
            _ = try await again.restore(to: target).run()
            var after = try rows(ofDatabaseAt: target + "/faxlock.db")
            for table in before.keys.sorted() where !["faxes", "meta", "ledger", "lanes", "fax_counts", "fax_events"].contains(table) {
                #expect(after[table] == before[table], "\(table)")
            }
            #expect(after["ledger"]?.count ?? 0 > before["ledger"]?.count ?? 0)
            #expect(Set(before["ledger"] ?? []).isSubset(of: Set(after["ledger"] ?? [])))
            after["faxes"] = after["faxes"]?.filter { $0.contains("id=\"\(delivered)\"") }
            #expect(after["faxes"]?.isEmpty == false && Set(after["faxes"] ?? []).isSubset(of: Set(before["faxes"] ?? [])))
        }
    }

    /// Nothing of a restored database is ever dialled by itself.
    @Test func `what waited or was in a call is held`() async throws {
        try await Installation.with { installation in
            let (accepted, _) = try await installation.accept()
            let (rendering, _) = try await installation.accept()
            _ = try await installation.store.apply(.renderingStarted, to: rendering)
            let queued = try await installation.queue()
            let later = try await installation.queue(to: "+15551230149", sendAt: installation.clock.now.advanced(by: .seconds(3600)))
            let sending = try await installation.dial()
            let delivered = try await installation.deliver()
            let (cancelled, _) = try await installation.accept()
            _ = try await installation.store.apply(.cancelled, to: cancelled)
            let (disabled, _) = try await installation.accept(state: .disabled)
            _ = try await installation.jobs().makeBackup(by: .system)
            let target = installation.folder + "/restored"
            let report = try await installation.restore(to: target).run()
            #expect(report.held == 5)

            let (store, _) = try await installation.opened(target)
            defer { try? store.close() }
            for id in [accepted, rendering, queued, later, sending] {
                #expect(try await store.fax(id)?.state == .unknown)
            }
            #expect(try await store.fax(sending)?.attempts.map(\.outcome) == ["unknown"])
            #expect(try await store.fax(delivered)?.state == .delivered)
            #expect(try await store.fax(cancelled)?.state == .cancelled)
            #expect(try await store.fax(disabled)?.state == .disabled)
            for state in [FaxState.accepted, .rendering, .queued, .sending] { #expect(try await store.faxes(in: state, limit: 10).isEmpty) }
            #expect(try await store.recoverAfterStop() == 0)

            var query = FaxStore.LedgerQuery()
            query.action = LedgerAction.backupRestored.rawValue
            let events = try await store.ledgerEntries(matching: query, limit: 10)
            let leaf = String(decoding: try #require(events.first).leaf, as: UTF8.self)
            #expect(events.count == 1 && leaf.contains(#""held":5"#) && leaf.contains(report.snapshot), "\(leaf)")
        }
    }

    @Test func `an older snapshot is restored by its name, and an unknown one is not`() async throws {
        try await Installation.with { installation in
            let jobs = try await installation.jobs()
            try await installation.accept()
            let first = try await jobs.makeBackup(by: .system)
            installation.clock.advance(by: .seconds(86_400))
            try await installation.accept()
            let second = try await jobs.makeBackup(by: .system)
            #expect(first.snapshot < second.snapshot)
            let old = try await installation.restore(to: installation.folder + "/old").run(SnapshotName(first.snapshot))
            #expect(old.documents == 1)
            let name = try #require(SnapshotName("20200101T000000Z-1"))
            await #expect(throws: BackupFailure.unknownSnapshot("\(name)", folder: installation.backup)) {
                try await installation.restore(to: installation.folder + "/none").run(name)
            }
        }
    }

    @Test func `nothing is restored over data`() async throws {
        try await Installation.with { installation in
            try await installation.accept()
            _ = try await installation.jobs().makeBackup(by: .system)
            let target = installation.folder + "/restored"
            _ = try await installation.restore(to: target).run()
            let before = try TemporaryFolder.files(in: target)
            await #expect(throws: BackupFailure.targetNotEmpty(target)) { try await installation.restore(to: target).run() }
            #expect(try TemporaryFolder.files(in: target) == before)

            // What an interrupted restore left is begun anew, and until then no server starts on it.
            try Data().write(to: URL(fileURLWithPath: target + "/" + DataFolder.restoreMark))
            #expect(throws: DataFolder.Failure.self) { _ = try DataFolder(path: target) }
            _ = try await installation.restore(to: target).run()
            try DataFolder(path: target).unlock()
        }
    }

    @Test func `a restore keeps a server out while it works, and is kept out by one`() async throws {
        try await Installation.with { installation in
            try await installation.accept()
            _ = try await installation.jobs().makeBackup(by: .system)
            let target = installation.folder + "/restored"
            let server = try DataFolder(path: target)
            await #expect(throws: DataFolder.Failure.self) { try await installation.restore(to: target).run() }
            server.unlock()
            _ = try await installation.restore(to: target).run()
        }
    }

    @Test func `after the keys were rewrapped, old snapshots open with the new key`() async throws {
        try await Installation.with { installation in
            let (_, document) = try await installation.accept()
            _ = try await installation.jobs().makeBackup(by: .system)
            try installation.store.close()
            let newKey = KeyEncryptionKey()
            let store = try FaxStore(
                path: installation.data + "/faxlock.db", key: newKey, keyPath: "test.key", retired: [installation.key],
                clock: installation.clock.function)
            defer { try? store.close() }
            _ = try await store.rewrapKeys(by: .system)
            // Its start finds that the bundle is not the newest.
            let jobs = try await BackupJobs(
                BackupJobs.Plan(
                    dataFolder: installation.data, backupFolder: installation.backup, keysFolder: installation.keys,
                    key: installation.backupKey, rotation: Rotation(days: 1, months: 1)), store: store, key: newKey,
                clock: installation.clock.function, logger: installation.logger)
            try await jobs.prepare()
            await #expect(throws: BackupFailure.wrongKey(expected: newKey.id.rawValue, found: installation.key.id.rawValue)) {
                try await installation.restore(to: installation.folder + "/former").run()
            }
            let target = installation.folder + "/restored"
            #expect(try await installation.restore(to: target, key: newKey).run().documents == 1)
            let restored = try FaxStore(path: target + "/faxlock.db", key: newKey, keyPath: "", clock: installation.clock.function)
            defer { try? restored.close() }
            let documents = Documents(store: restored, folder: try await BlobFolder.open(at: target + "/blobs", tenant: .single))
            #expect(try await documents.open(document).read(upTo: 100).starts(with: "%PDF".utf8))
        }
    }
}
