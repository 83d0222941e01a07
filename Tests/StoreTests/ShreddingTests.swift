import FaxModel
import Foundation
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

/// Documents lose their keys with a certificate each, then their files.
@Suite struct ShreddingTests {
    private func isShredded(_ error: any Error) -> Bool {
        if case StoreFailure.shredded = error { true } else { false }
    }

    @Test func `a delivered fax loses all its documents, with a certificate each`() async throws {
        try await TestStore.with { test in
            let id = try await test.deliver(1)
            try await test.store.savePDFToken(
                hash: Array(repeating: 1, count: 32), fax: id, expiresAt: test.clock.now.advanced(by: .seconds(60)), by: .system)
            let documents = try await test.documents(of: id)
            #expect(documents.count == 3)
            let upload = try await test.store.document(try await test.fax(id).document)
            #expect(try await test.store.shred(id, cause: .retention, by: .system) == .done(documents: 3, epochs: 0))

            for document in documents {
                await #expect { _ = try await test.documents.open(document) } throws: { isShredded($0) }
                await #expect {
                    try await test.store.recordRelease(of: document, object: "fax/\(id)", as: "pdf", by: .system)
                } throws: {
                    isShredded($0)
                }
            }
            let certificates = try await test.leaves(.documentShredded)
            #expect(certificates.count == 3)
            #expect(certificates.allSatisfy { $0.contains("fax/\(id)") && $0.contains(#""cause":"retention""#) })
            #expect(certificates.allSatisfy { $0.contains(#""openable_in_backups_until":"epoch""#) })
            #expect(certificates.contains { $0.contains(FaxStore.hex(upload.sha256)) && $0.contains(upload.id.rawValue) })
            #expect(try await test.store.pdfTokens(of: id).isEmpty)
            // What is known about the fax stays.
            #expect(try await test.fax(id).state == .delivered)

            #expect(try test.blobs().count == 3)
            #expect(try await test.documents.removeShredded() == 3)
            #expect(try test.blobs().isEmpty)
            #expect(try await test.documents.removeShredded() == 0)
            #expect(try await test.store.shred(id, cause: .retention, by: .system) == .alreadyDone)
            #expect(try await test.leaves(.documentShredded).count == 3)
        }
    }

    @Test func `the wrapped keys are nowhere in the database's files once the log is emptied`() async throws {
        try await TestStore.with { test in
            let id = try await test.deliver(1)
            let keys = try await test.store.pool.read { database in
                try FaxStore.documents(of: id, in: database).map { $0["wrapped_key"] as Data }
            }
            func found() throws -> Int {
                let files = try test.folder.files().filter { !$0.key.hasPrefix("blobs/") }
                return keys.filter { key in files.values.contains { file in file.range(of: key) != nil } }.count
            }
            #expect(try found() == 3)
            _ = try await test.store.shred(id, cause: .request, by: .system)
            #expect(try await test.store.emptyWriteAheadLog())
            #expect(try found() == 0)
        }
    }

    @Test(arguments: FaxState.allCases) func `only what is finished is shredded`(state: FaxState) async throws {
        try await TestStore.with { test in
            let id = try await test.accept(1)
            try await test.force(id, into: state)
            let result = try await test.store.shred(id, cause: .retention, by: .system)
            #expect(result == (state.isTerminal ? .done(documents: 1, epochs: 0) : .notFinished))
            let found = try await test.store.sentFaxes(toShredIn: "main", state, by: test.clock.now, limit: 10)
            #expect(found.isEmpty)
        }
    }

    @Test func `a received fax is shredded, and an unknown one is an error`() async throws {
        try await TestStore.with { test in
            let id = try await test.receive(1)
            #expect(try await test.store.receivedFaxes(toShredIn: "main", by: test.clock.now, limit: 10).map { try $0.get() } == [id])
            #expect(try await test.store.shred(id, cause: .retention, by: .system) == .done(documents: 1, epochs: 0))
            #expect(try await test.store.receivedFaxes(toShredIn: "main", by: test.clock.now, limit: 10).isEmpty)
            await #expect { _ = try await test.store.shred(test.id(9), cause: .request, by: .system) } throws: {
                if case StoreFailure.unknownFax = $0 { true } else { false }
            }
        }
    }

    @Test func `without the ledger nothing is shredded`() async throws {
        try await TestStore.with { test in
            let id = try await test.deliver(1)
            try await test.execute("ALTER TABLE ledger RENAME TO away")
            await #expect(throws: LedgerBook.Unavailable.self) { _ = try await test.store.shred(id, cause: .retention, by: .system) }
            try await test.execute("ALTER TABLE away RENAME TO ledger")
            for document in try await test.documents(of: id) { _ = try await test.documents.open(document) }
        }
    }

    @Test func `blobs of shredded documents that came back are removed at the next start`() async throws {
        try await TestStore.with { test in
            let id = try await test.deliver(1)
            let file = try test.file(of: try await test.fax(id).document)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            _ = try await test.store.shred(id, cause: .retention, by: .system)
            #expect(try await test.documents.removeShredded() == 3)
            try bytes.write(to: URL(fileURLWithPath: file))
            test.clock.advance(by: .seconds(1))
            #expect(try await test.documents.removeOrphans(before: test.clock.now) == 1)
            #expect(try test.blobs().isEmpty)
        }
    }

    @Test func `a row that does not say which file is its own keeps no other file`() async throws {
        try await TestStore.with { test in
            let id = try await test.deliver(1)
            _ = try await test.store.shred(id, cause: .retention, by: .system)
            let damaged = try #require(try await test.documents(of: id).first)
            try await test.execute("UPDATE documents SET kind = 'what' WHERE id = ?", [damaged.rawValue])
            for (limit, removed) in [(1, 2), (100, 0)] {
                let result = try await test.documents.removeShreddedFiles(limit: limit)
                #expect(result.removed == removed && result.failures.count == 1)
            }
            #expect(try test.blobs().count == 1)
            await #expect { _ = try await test.documents.removeShredded() } throws: {
                if case StoreFailure.damagedRow("documents", damaged.rawValue) = $0 { true } else { false }
            }
        }
    }

    @Test func `the searches of retention go by their indexes`() async throws {
        try await TestStore.with { test in
            func plan(_ sql: String, _ arguments: StatementArguments) async throws -> [String] {
                try await test.store.pool.read { database in
                    try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments).map { $0["detail"] as String }
                }
            }
            let sent = try await plan(FaxStore.sentToShred, ["main", "delivered", 1, 10, 0])
            let received = try await plan(FaxStore.receivedToShred, ["main", 1, 10, 0])
            #expect(sent.first == "SEARCH faxes USING INDEX faxes_to_shred (mailbox=? AND state=? AND updated_at<?)")
            #expect(received.first == "SEARCH inbound USING INDEX inbound_to_shred (mailbox=? AND received_at<?)")
            for detail in sent + received { #expect(!detail.contains("TEMP B-TREE")) }
        }
    }

    // MARK: Epochs

    @Test func `a month's key goes when the month is over and nothing is left in it`() async throws {
        try await TestStore.with { test in
            let month = try await test.store.currentEpoch()
            let first = try await test.deliver(1)
            let second = try await test.deliver(2)
            _ = try await test.store.shred(first, cause: .retention, by: .system)
            test.clock.advance(by: .seconds(40 * 86_400))
            #expect(try await test.store.epochsToDestroy().isEmpty)
            #expect(try await test.store.destroy(month, by: .system) == false)
            _ = try await test.store.shred(second, cause: .retention, by: .system)
            #expect(try await test.store.epochsToDestroy() == [month])
            #expect(try await test.store.destroy(month, by: .system))
            #expect(try await test.store.destroy(month, by: .system) == false)
            #expect(!test.store.keyRing.epochs.contains(month))
            let certificates = try await test.leaves(.epochDestroyed)
            #expect(certificates.count == 1)
            #expect(certificates.first?.contains(#""object":"epoch/\#(month)""#) == true)
            #expect(certificates.first?.contains(#""documents":6"#) == true)
            let wrapped = try await test.store.pool.read { database in
                try Data.fetchOne(database, sql: "SELECT wrapped FROM keys WHERE name = ?", arguments: [month.rawValue])
            }
            #expect(wrapped?.isEmpty == true)
            let next = try await test.restarted()
            #expect(!next.store.keyRing.epochs.contains(month))
            try next.store.close()
        }
    }

    @Test func `the current month's key stays, and that of the last month for two days`() async throws {
        try await TestStore.with { test in
            let month = try await test.store.currentEpoch()
            // 2026-11-22 08:30; the month has 8 days and 15.5 hours left.
            #expect(try await test.store.epochsToDestroy().isEmpty)
            let rest = Duration.seconds(8 * 86_400 + 15 * 3600 + 1800)
            test.clock.advance(by: rest + .seconds(47 * 3600))
            #expect(try await test.store.epochsToDestroy().isEmpty)
            test.clock.advance(by: .seconds(2 * 3600))
            #expect(try await test.store.epochsToDestroy() == [month])
        }
    }

    @Test func `a document that was being written under a destroyed epoch is not acknowledged`() async throws {
        try await TestStore.with { test in
            let document = try await test.seal("late")
            test.clock.advance(by: .seconds(40 * 86_400))
            #expect(try await test.store.destroy(document.epoch, by: .system))
            await #expect {
                try await test.store.accept(try test.record(1, document: document), document: document, by: .system)
            } throws: {
                if case StoreFailure.destroyedEpoch = $0 { true } else { false }
            }
            #expect(try await test.store.fax(test.id(1)) == nil)
        }
    }

    // MARK: Zero retention

    private func withoutRetention(_ test: TestStore) async throws -> Documents {
        Documents(
            store: test.store, folder: try await BlobFolder.open(at: test.folder.path + "/blobs", tenant: .single), hasZeroRetention: true)
    }

    @Test func `with zero retention each fax has a key of its own, which is destroyed with it`() async throws {
        try await TestStore.with { test in
            let documents = try await withoutRetention(test)
            let first = try await test.deliver(1, documents: documents)
            let second = try await test.deliver(2, documents: documents)
            let epochs = try await test.epochs(of: first)
            let others = try await test.epochs(of: second)
            #expect(epochs.count == 1 && epochs.isDisjoint(with: others))
            #expect(epochs.allSatisfy { $0.hasPrefix("fax-") })
            #expect(try await test.store.shred(first, cause: .zeroRetention, by: .system) == .done(documents: 3, epochs: 1))
            #expect(try await test.leaves(.documentShredded).allSatisfy { $0.contains(#""openable_in_backups_until":"never openable""#) })
            #expect(try await test.leaves(.epochDestroyed).count == 1)
            #expect(test.store.keyRing.epochs.isDisjoint(with: epochs.compactMap { EpochName($0) }))
            // The other's is there.
            for document in try await test.documents(of: second) { _ = try await test.documents.open(document) }
        }
    }

    /// 312(a)(2)(iv), 310(d)(2)(i): the database of before and the newest keys together open nothing.
    @Test func `an older copy of the database opens nothing with the newest keys`() async throws {
        try await TestStore.with { test in
            let id = try await test.deliver(1, documents: try await withoutRetention(test))
            let upload = try await test.fax(id).document
            let old = test.folder.path + "/old.db"
            try await test.execute("VACUUM INTO '\(old)'")
            #expect(try await test.store.shred(id, cause: .zeroRetention, by: .system) == .done(documents: 3, epochs: 1))
            // The copy without its epoch keys, and with what is left of them now.
            try test.store.close()
            let copy = try DatabaseQueue(path: old)
            try await copy.writeWithoutTransaction { database in
                try database.execute(
                    sql: """
                        PRAGMA foreign_keys = OFF;
                        ATTACH '\(test.folder.path)/faxlock.db' AS now;
                        DELETE FROM main.keys;
                        INSERT INTO main.keys SELECT * FROM now.keys;
                        DETACH now;
                        """)
            }
            try copy.close()
            let store = try FaxStore(path: old, key: test.key, keyPath: "test.key", clock: test.clock.function)
            let documents = Documents(
                store: store, folder: try await BlobFolder.open(at: test.folder.path + "/blobs", tenant: .single))
            await #expect { _ = try await documents.open(upload) } throws: { isShredded($0) }
            // Also past that refusal.
            let stored = try await store.pool.read { database in
                try FaxStore.document(
                    try #require(try Row.fetchOne(database, sql: "SELECT * FROM documents WHERE id = ?", arguments: [upload.rawValue])))
            }
            #expect(stored.wrappedKey.count == 60)
            await #expect(throws: KeyError.unknownEpoch(stored.epoch)) { _ = try await documents.open(stored) }
            try store.close()
        }
    }

    @Test func `the key of an upload that never became a fax goes after two days`() async throws {
        try await TestStore.with { test in
            let documents = try await withoutRetention(test)
            let writer = try await documents.create(.upload)
            await writer.abort()
            #expect(try await test.store.epochsToDestroy().isEmpty)
            test.clock.advance(by: .seconds(49 * 3600))
            #expect(try await test.store.epochsToDestroy().map { $0.rawValue.hasPrefix("fax-") } == [true])
        }
    }
}
