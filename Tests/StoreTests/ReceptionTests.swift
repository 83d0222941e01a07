import FaxModel
import Foundation
import GRDB
import Ledger
import Testing
import Vault

@testable import Store

/// Pages that are durable while their call lasts.
@Suite struct ReceptionTests {
    private static let page = Array("a page of an invented letter".utf8)

    private func record(_ number: Int, _ test: TestStore) -> ReceptionRecord {
        ReceptionRecord(
            id: test.id(number), mailbox: "main", backend: "line", trunk: "east", reference: "call-\(number)", to: "+15551230142",
            from: "+15551230177", remoteIdentifier: "Ultramarine Clinic", createdAt: test.clock.now)
    }

    /// A reception with so many pages.
    private func begin(_ number: Int, pages: Int, in test: TestStore) async throws -> ReceptionKey {
        let key = try await test.store.makeReceptionKey(for: test.id(number))
        for page in 0..<pages {
            try await test.store.store(Self.page + [UInt8(page)], test.page(page, retries: page), of: record(number, test), key: key)
        }
        return key
    }

    private func finish(_ number: Int, pages: Int, in test: TestStore) async throws {
        let document = try await test.seal("received \(number)", .received)
        try await test.store.receive(
            InboundRecord(
                id: test.id(number), status: "received", backend: "line", reference: "call-\(number)", to: "+15551230142", from: "",
                remoteIdentifier: "", pages: pages, document: document.id, bitRate: 9600, errorCorrection: true, createdAt: test.clock.now,
                receivedAt: test.clock.now, quality: [test.page(pages - 1)]), document: document)
    }

    @Test func `pages are found by the next start, and sealed`() async throws {
        try await TestStore.with { test in
            _ = try await begin(1, pages: 3, in: test)
            for (_, file) in try test.folder.files() {
                for secret in ["an invented letter", "15551230142", "15551230177", "Ultramarine"] {
                    #expect(file.range(of: Data(secret.utf8)) == nil, "\(secret)")
                }
            }
            let next = try await test.restarted()
            #expect(try await next.store.openReceptions() == [test.id(1)])
            let (found, key, pages) = try #require(try await next.store.reception(test.id(1)))
            #expect(found.to == "+15551230142" && found.from == "+15551230177" && found.remoteIdentifier == "Ultramarine Clinic")
            #expect(found.trunk == "east" && found.reference == "call-1" && found.createdAt == test.clock.now)
            #expect(pages.map(\.page) == [0, 1, 2] && pages.map(\.retries) == [0, 1, 2])
            for page in 0..<3 {
                #expect(try await next.store.receptionPage(page, of: test.id(1), key: key) == Self.page + [UInt8(page)])
            }
            try next.store.close()
        }
    }

    @Test func `a page opens in no other place and no other fax`() async throws {
        try await TestStore.with { test in
            let key = try await begin(1, pages: 2, in: test)
            let other = try await begin(2, pages: 1, in: test)
            try await test.execute(
                "UPDATE reception_pages SET sealed = (SELECT sealed FROM reception_pages WHERE reception = ?1 AND page = 0) WHERE reception <> ?1 OR page = 1",
                [test.id(1).text])
            #expect(try await test.store.receptionPage(0, of: test.id(1), key: key) == Self.page + [0])
            await #expect(throws: (any Error).self) { try await test.store.receptionPage(1, of: test.id(1), key: key) }
            await #expect(throws: (any Error).self) { try await test.store.receptionPage(0, of: test.id(2), key: other) }
            await #expect(throws: (any Error).self) { try await test.store.receptionPage(7, of: test.id(1), key: key) }
        }
    }

    @Test func `a page is taken in once`() async throws {
        try await TestStore.with { test in
            let key = try await begin(1, pages: 1, in: test)
            await #expect(throws: (any Error).self) {
                try await test.store.store(Self.page, test.page(0), of: record(1, test), key: key)
            }
            #expect(try await test.count(of: "reception_pages") == 1)
            #expect(try await test.count(of: "inbound_pages") == 1)
        }
    }

    @Test func `with the fax the reception is over, and its pages open nothing and go`() async throws {
        try await TestStore.with { test in
            _ = try await begin(1, pages: 40, in: test)
            let open = try await begin(2, pages: 20, in: test)
            try await finish(1, pages: 41, in: test)
            #expect(try await test.store.reception(test.id(1)) == nil)
            #expect(try await test.store.openReceptions() == [test.id(2)])
            #expect(try await test.store.inboundFax(test.id(1))?.quality.map(\.page) == Array(0...40))
            #expect(try await test.count(of: "reception_pages") == 60)
            try await test.store.removeOldReceptionPages()
            #expect(try await test.count(of: "reception_pages") == 20)
            #expect(try await test.store.receptionPage(19, of: test.id(2), key: open) == Self.page + [19])
            // Neither twice nor beside the fax.
            await #expect(throws: (any Error).self) { try await finish(1, pages: 41, in: test) }
            #expect(try await test.count(of: "inbound") == 1)
        }
    }

    @Test func `the proof of blobs finds nothing wrong while a fax comes in`() async throws {
        try await TestStore.with { test in
            func problems() async throws -> [IntegrityReport.Problem] {
                try await IntegrityCheck(documents: test.documents).run(by: .system).problems
            }
            _ = try await begin(1, pages: 2, in: test)
            #expect(try await problems() == [])
            try await finish(1, pages: 3, in: test)
            #expect(try await problems() == [])
            try await test.store.removeOldReceptionPages()
            #expect(try await problems() == [])
        }
    }

    @Test func `the key of a month stays as long as a fax of it comes in`() async throws {
        try await TestStore.with { test in
            let key = try await begin(1, pages: 1, in: test)
            let month = try await test.store.currentEpoch()
            test.clock.advance(by: .seconds(70 * 86_400))
            #expect(try await test.store.epochsToDestroy() == [])
            #expect(try await test.store.destroy(month, by: .system) == false)
            #expect(try await test.store.receptionPage(0, of: test.id(1), key: key) == Self.page + [0])
            try await test.store.dropReception(test.id(1))
            #expect(try await test.store.epochsToDestroy() == [month])
            #expect(try await test.store.destroy(month, by: .system))
            // A call that lasts until then is told, and nothing is confirmed that nobody could open.
            await #expect(throws: StoreFailure.self) {
                try await test.store.store(Self.page, test.page(1), of: record(1, test), key: key)
            }
            #expect(try await test.count(of: "receptions") == 0)
            #expect(try await test.count(of: "inbound_pages") == 0)
        }
    }

    @Test func `a change of the key file reaches the pages of an open reception`() async throws {
        try await TestStore.with { test in
            _ = try await begin(1, pages: 1, in: test)
            try test.store.close()
            let newKey = KeyEncryptionKey()
            func opened(retired: [KeyEncryptionKey]) throws -> FaxStore {
                try FaxStore(
                    path: test.folder.path + "/faxlock.db", key: newKey, keyPath: "new.key", retired: retired, clock: test.clock.function)
            }
            let rotating = try opened(retired: [test.key])
            #expect(try await rotating.rewrapKeys(by: .system).remaining == 0)
            try rotating.close()
            let store = try opened(retired: [])
            let (_, key, _) = try #require(try await store.reception(test.id(1)))
            #expect(try await store.receptionPage(0, of: test.id(1), key: key) == Self.page + [0])
            try store.close()
        }
    }

    @Test func `a backup has the pages that were confirmed when it was made`() async throws {
        try await TestStore.with { test in
            _ = try await begin(1, pages: 2, in: test)
            let copy = try TemporaryFolder()
            defer { copy.remove() }
            try test.store.copyDatabase(to: copy.path + "/faxlock.db")
            try await finish(1, pages: 3, in: test)
            let restored = try await TestStore(folder: copy, key: test.key, clock: test.clock)
            let (_, key, pages) = try #require(try await restored.store.reception(test.id(1)))
            #expect(pages.count == 2)
            #expect(try await restored.store.receptionPage(1, of: test.id(1), key: key) == Self.page + [1])
            try restored.store.close()
        }
    }

    @Test func `the end of a call is noted once`() async throws {
        try await TestStore.with { test in
            try await finish(1, pages: 1, in: test)
            let end = test.clock.now.advanced(by: .seconds(3))
            try await test.store.inboundCallEnded(test.id(1), at: end, code: 0, remoteIdentifier: "Quincy Clinic")
            try await test.store.inboundCallEnded(test.id(1), at: end.advanced(by: .seconds(9)), code: 7, remoteIdentifier: "Other")
            let fax = try #require(try await test.store.inboundFax(test.id(1)))
            #expect(fax.endedAt == end && fax.endCode == 0 && fax.remoteIdentifier == "Quincy Clinic" && fax.status == "received")
        }
    }
}
