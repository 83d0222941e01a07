import FaxModel
import Foundation
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

@Suite struct HoldTests {
    private let reason = AccessReason("legal:CASE-7F")

    private func read(_ fax: FaxID, in test: TestStore) async throws -> Set<String> {
        var texts: Set<String> = []
        for document in try await test.documents(of: fax) {
            texts.insert(String(decoding: try await test.documents.open(document).read(upTo: 100), as: UTF8.self))
        }
        return texts
    }

    @Test func `a held fax is not shredded, survives its month and can be read`() async throws {
        try await TestStore.with { test in
            let month = try await test.store.currentEpoch()
            let id = try await test.deliver(1)
            let hold = try await test.store.placeHold(on: id, reason: try #require(reason), by: Initiator(.key, id: "k1"))
            #expect(hold.reason == "legal:CASE-7F" && hold.placedBy == "k1")
            #expect(try await test.store.holds() == [hold])
            #expect(try await test.epochs(of: id).allSatisfy { $0.hasPrefix("hold-") })

            #expect(try await test.store.shred(id, cause: .request, by: .system) == .held)
            test.clock.advance(by: .seconds(400 * 86_400))
            #expect(try await test.store.sentFaxes(toShredIn: "main", .delivered, by: test.clock.now, limit: 10).isEmpty)
            #expect(try await test.store.epochsToDestroy() == [month])
            #expect(try await test.store.destroy(month, by: .system))
            #expect(try await read(id, in: test) == ["letter 1", "pages 1", "sent 1"])
            let next = try await test.restarted()
            #expect(try await read(id, in: next) == ["letter 1", "pages 1", "sent 1"])
            try next.store.close()
        }
    }

    @Test func `released, it is read as before and then shredded like any other`() async throws {
        try await TestStore.with { test in
            let id = try await test.receive(1)
            _ = try await test.store.placeHold(on: id, reason: try #require(reason), by: .system)
            test.clock.advance(by: .seconds(40 * 86_400))
            try await test.store.releaseHold(on: id, by: .system)
            #expect(try await test.epochs(of: id) == [test.clock.now.month])
            #expect(try await read(id, in: test) == ["received 1"])
            #expect(try await test.store.holds().isEmpty)
            #expect(try await test.store.receivedFaxes(toShredIn: "main", by: test.clock.now, limit: 10).map { try $0.get() } == [id])
            #expect(try await test.store.shred(id, cause: .retention, by: .system) == .done(documents: 1, epochs: 0))
            let events = try await test.leaves(.holdPlaced, .holdReleased)
            #expect(events.count == 2 && events.allSatisfy { $0.contains("fax/\(id)") })
            // The hold's key is of no use any more.
            #expect(try await test.store.epochsToDestroy().contains { $0.rawValue.hasPrefix("hold-") })
        }
    }

    @Test func `what is made of a held fax is sealed under the hold`() async throws {
        try await TestStore.with { test in
            let upload = try await test.seal("letter")
            try await test.store.accept(try test.record(1, document: upload), document: upload, by: .system)
            _ = try await test.store.placeHold(on: test.id(1), reason: try #require(reason), by: .system)
            let pages = try await test.seal("pages", .pages, of: upload.id)
            #expect(try await test.epochs(of: test.id(1)) == [pages.epoch.rawValue])
        }
    }

    @Test func `a fax with a key of its own keeps it under a hold`() async throws {
        try await TestStore.with { test in
            let alone = Documents(
                store: test.store, folder: try await BlobFolder.open(at: test.folder.path + "/blobs", tenant: .single),
                hasZeroRetention: true)
            let id = try await test.deliver(1, documents: alone)
            let before = try await test.epochs(of: id)
            _ = try await test.store.placeHold(on: id, reason: try #require(reason), by: .system)
            #expect(try await test.epochs(of: id) == before)
            #expect(try await test.store.shred(id, cause: .zeroRetention, by: .system) == .held)
            try await test.store.releaseHold(on: id, by: .system)
            #expect(try await test.store.shred(id, cause: .zeroRetention, by: .system) == .done(documents: 3, epochs: 1))
        }
    }

    @Test func `what cannot be held is an error, and leaves no hold`() async throws {
        try await TestStore.with { test in
            let reason = try #require(reason)
            let id = try await test.deliver(1)
            let gone = try await test.deliver(2)
            _ = try await test.store.shred(gone, cause: .request, by: .system)
            _ = try await test.store.placeHold(on: id, reason: reason, by: .system)
            await #expect { _ = try await test.store.placeHold(on: id, reason: reason, by: .system) } throws: {
                if case StoreFailure.alreadyHeld(id) = $0 { true } else { false }
            }
            await #expect { _ = try await test.store.placeHold(on: gone, reason: reason, by: .system) } throws: {
                if case StoreFailure.nothingToHold(gone) = $0 { true } else { false }
            }
            await #expect { _ = try await test.store.placeHold(on: test.id(9), reason: reason, by: .system) } throws: {
                if case StoreFailure.unknownFax = $0 { true } else { false }
            }
            await #expect { try await test.store.releaseHold(on: gone, by: .system) } throws: {
                if case StoreFailure.notHeld(gone) = $0 { true } else { false }
            }
            #expect(try await test.store.holds().map(\.fax) == [id])
        }
    }
}
